"""The content loss, Eq. 3."""

from __future__ import annotations

from torch import Tensor, nn


class CycleL1(nn.Module):
    """Mean absolute difference between the source and its reconstruction, edited there and back.

    Source: supplement, section 1, Eq. 3, after CycleGAN (Zhu et al., ICCV 2017); on the source and the final output
    alone, as the supplement notes. Averaged over pixels and channels, as in CycleGAN and GANimation.
    """

    def generator(self, reconstruction: Tensor, source: Tensor) -> Tensor:
        """`E[|I_rec - I_x|]`."""
        return (reconstruction - source).abs().mean()
