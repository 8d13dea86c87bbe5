"""Whether a face that is asked for its own expression stays as it is."""

from __future__ import annotations

from torch import Tensor


class SelfEdit:
    """L1 between the source and its edit to its own AUs: 0 keeps the person whole."""

    def __call__(self, self_edit_l1: Tensor) -> dict[str, float]:
        """From figures `(N,)`."""
        return {"l1": self_edit_l1.mean().item()}
