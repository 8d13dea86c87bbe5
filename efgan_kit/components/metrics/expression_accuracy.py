"""Whether the edit shows the expression that was asked for, as one of a few."""

from __future__ import annotations

import torch
from torch import Tensor

from efgan_kit.api import FaceSpec
from efgan_kit.faces.aus import EXPRESSIONS, AUSet


class ExpressionAccuracy:
    """How often the judge's reading lies nearest to the same prototype as the target AUs do.

    The prototypes are the named expressions, with the AUs that the recipe has; nearest is meant by Euclidean distance.
    It counts crossings of the borders between prototypes: a weak target is `neutral`, and an edit half way to a strong
    one may be right already. `chance` is what the same readings would score if they were dealt out to the targets at
    random (Cohen, *A Coefficient of Agreement for Nominal Scales*, 1960).
    """

    def __init__(self, faces: FaceSpec) -> None:
        self.names, self.prototypes = prototypes(faces.aus)

    def __call__(self, target_aus: Tensor, edited_aus: Tensor, noop_aus: Tensor, floor_aus: Tensor) -> dict[str, float]:
        """From AU vectors `(N, A)` in [0, 1]; nan where the AUs leave a single prototype."""
        wanted, edited, copied, true = map(self.nearest, (target_aus, edited_aus, noop_aus, floor_aus))
        count = len(self.names)
        shares = [torch.bincount(each, minlength=count).double() / max(1, len(each)) for each in (wanted, edited)]
        figures = {
            "edit": _agreement(wanted, edited),
            "no_op": _agreement(wanted, copied),
            "floor": _agreement(wanted, true),
            "chance": (shares[0] * shares[1]).sum().item(),
        }
        told_apart = figures if count > 1 else dict.fromkeys(figures, float("nan"))
        return {**told_apart, "prototypes": float(count)}

    def nearest(self, aus: Tensor) -> Tensor:
        """Which prototype lies nearest to each of `(N, A)`: positions in `names`, `(N,)`."""
        return torch.cdist(aus.double(), self.prototypes).argmin(dim=1)


def prototypes(aus: AUSet) -> tuple[tuple[str, ...], Tensor]:
    """The named expressions in an AU set, and their vectors `(P, A)`; of equal ones the first stands for all."""
    distinct: dict[tuple[float, ...], str] = {}
    for name in EXPRESSIONS:
        distinct.setdefault(tuple(aus.expression(name)), name)
    return tuple(distinct.values()), torch.tensor(list(distinct), dtype=torch.float64)


def _agreement(first: Tensor, second: Tensor) -> float:
    return (first == second).double().mean().item()
