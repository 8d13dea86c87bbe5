"""The conditional expression loss, Eq. 2."""

from __future__ import annotations

from typing import Literal

from torch import Tensor, nn


class AURegression(nn.Module):
    """Squared distance between the AUs that the final discriminator reads and those that are (or should be) there.

    Source: supplement, section 1, Eq. 2: the part on real pictures teaches the discriminator, the part on edited ones
    the generators and the refiner. The batch is always averaged once; nothing depends on its size.

    Args:
        reduction: Over the AUs: `sum` is the squared L2 norm as written; `mean` divides it by their number A.
    """

    def __init__(self, *, reduction: Literal["sum", "mean"] = "sum") -> None:
        super().__init__()
        self.reduction = reduction

    def generator(self, edited_aus_read: Tensor, target_aus: Tensor) -> Tensor:
        """`E[||D_final(I_z) - y_z||^2]`."""
        return self._distance(edited_aus_read, target_aus)

    def discriminator(self, real_aus_read: Tensor, real_aus: Tensor) -> Tensor:
        """`E[||D_final(I_x) - y_x||^2]`."""
        return self._distance(real_aus_read, real_aus)

    def _distance(self, read: Tensor, wanted: Tensor) -> Tensor:
        squares = (read - wanted).square()
        return (squares.sum(dim=1) if self.reduction == "sum" else squares.mean(dim=1)).mean()
