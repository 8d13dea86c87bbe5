"""Whether the edit shows the AUs that were asked for."""

from __future__ import annotations

from torch import Tensor

from efgan_kit.api import FaceSpec


class AUError:
    """Mean absolute AU error as a judge reads it: of the edit, of the untouched source, of the true picture.

    The untouched source (`no_op`) is what copying would score; the true picture (`floor`) the judge's own
    error. `share_of_gap_closed` = (no_op - edit) / (no_op - floor): 0 for a copy, 1 for an edit as good as
    the truth.

    Args:
        changed: Figures under `changed.` are over those AUs alone that should change by more than this.
    """

    def __init__(self, faces: FaceSpec, *, changed: float = 0.2) -> None:
        self.names = faces.aus.names
        self.changed = changed

    def __call__(
        self, source_aus: Tensor, target_aus: Tensor, edited_aus: Tensor, noop_aus: Tensor, floor_aus: Tensor
    ) -> dict[str, float]:
        """From AU vectors `(N, A)` in [0, 1]; a figure that nothing is known for is nan."""
        readings = {"edit": edited_aus, "no_op": noop_aus, "floor": floor_aus}
        errors = {who: (read - target_aus).abs() for who, read in readings.items()}
        changing = (target_aus - source_aus).abs() > self.changed
        figures = _with_share({who: error.mean().item() for who, error in errors.items()})
        of_changing = _with_share({who: error[changing].mean().item() for who, error in errors.items()})
        figures |= {f"changed.{name}": figure for name, figure in of_changing.items()}
        for who, error in errors.items():
            means = error.mean(dim=0).tolist()
            figures |= {f"{unit}.{who}": mean for unit, mean in zip(self.names, means, strict=True)}
        return figures


def share_of_gap_closed(*, edit: float, no_op: float, floor: float) -> float:
    """How far the edit has gone from a copy's error to the truth's; nan where there is no way to go."""
    return (no_op - edit) / (no_op - floor) if no_op > floor else float("nan")


def _with_share(errors: dict[str, float]) -> dict[str, float]:
    return {**errors, "share_of_gap_closed": share_of_gap_closed(**errors)}
