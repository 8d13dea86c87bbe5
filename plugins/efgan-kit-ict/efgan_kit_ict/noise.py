"""Smooth random fields."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from .model import Floats


def smooth_noise(random: np.random.Generator, shape: tuple[int, int], scale: float) -> Floats:
    """Noise of mean 0 and deviation 1 whose blobs are about `scale` wide, `shape`; made small and enlarged."""
    shrink = max(1.0, scale / 2)
    small = random.normal(size=[max(4, int(np.ceil(length / shrink)) + 4) for length in shape])
    small = ndimage.gaussian_filter(small, scale / shrink / 2)
    rows, columns = [np.linspace(1, n - 3, length) for n, length in zip(small.shape, shape, strict=True)]
    grid = np.meshgrid(rows, columns, indexing="ij")
    field = ndimage.map_coordinates(small, grid, order=1)
    return ((field - small.mean()) / (small.std() + 1e-9)).astype(np.float32)
