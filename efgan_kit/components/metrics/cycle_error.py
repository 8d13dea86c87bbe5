"""Whether an edit can be taken back."""

from __future__ import annotations

from torch import Tensor


class CycleError:
    """L1 and PSNR between the source and the edit edited back to the source AUs: 0 and 100 dB are the way back whole.

    Source: the content loss (supplement, section 1, Eq. 3), after CycleGAN (Zhu et al., ICCV 2017), here of test faces.

    An untouched copy scores perfectly: there is nothing to be taken back. Nor is the figure fair to all: a run that was
    trained with `cycle-l1` was taught it, and may keep in the edit, unseen, what the way back needs (Chu et al.,
    *CycleGAN, a Master of Steganography*, 2017). It says something beside a figure of what has been edited.
    """

    def __call__(self, cycle_l1: Tensor, cycle_psnr: Tensor) -> dict[str, float]:
        """From figures `(N,)`."""
        return {"l1": cycle_l1.mean().item(), "psnr": cycle_psnr.mean().item()}
