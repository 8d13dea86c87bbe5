"""How near the edit comes to the true picture, beside what a copy of the source would score."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor


class PictureError:
    """PSNR in dB, SSIM and L1 to the truth, over the face and in each region, of the edit and of a copy.

    `closer_than_copy` is the share of edits with a higher PSNR than the untouched source has.
    """

    def __call__(
        self,
        edited_psnr: Mapping[str, Tensor],
        noop_psnr: Mapping[str, Tensor],
        edited_ssim: Mapping[str, Tensor],
        noop_ssim: Mapping[str, Tensor],
        edited_l1: Mapping[str, Tensor],
        noop_l1: Mapping[str, Tensor],
    ) -> dict[str, float]:
        """From figures `(N,)` by region."""
        kinds = {
            "psnr": (edited_psnr, noop_psnr),
            "ssim": (edited_ssim, noop_ssim),
            "l1": (edited_l1, noop_l1),
        }
        figures: dict[str, float] = {}
        for region in edited_psnr:
            for kind, (edited, copied) in kinds.items():
                figures[f"{region}.{kind}.edit"] = edited[region].mean().item()
                figures[f"{region}.{kind}.no_op"] = copied[region].mean().item()
            closer = edited_psnr[region] > noop_psnr[region]
            figures[f"{region}.closer_than_copy"] = closer.float().mean().item()
        return figures
