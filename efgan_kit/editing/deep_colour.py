"""Colour of 16 bits, which Pillow reads as 8: read and written by OpenCV where that is installed."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

if TYPE_CHECKING:
    Deep = NDArray[np.uint16]


def is_deep(image: Image.Image) -> bool:
    """Whether an opened file has colours of 16 bits, of which Pillow will read 8."""
    tiles = getattr(image, "tile", ())
    return image.mode in ("RGB", "RGBA") and any(";16" in str(tile[3]) for tile in tiles)


def read_deep(path: Path) -> tuple[Deep, Deep | None] | None:
    """The colours `(H, W, 3)` (RGB) and the alpha `(H, W)` of a file, not set upright; None without OpenCV."""
    cv2 = _opencv()
    if cv2 is None:
        return None
    data = np.frombuffer(path.read_bytes(), np.uint8)
    read = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
    if read is None or read.dtype != np.uint16 or read.ndim != 3:
        return None
    return np.ascontiguousarray(read[..., 2::-1]), read[..., 3].copy() if read.shape[2] == 4 else None


def encode_png(values: Deep, alpha: Deep | None) -> bytes | None:
    """A PNG file of colours `(H, W, 3)` and alpha `(H, W)` of 16 bits; None without OpenCV."""
    cv2 = _opencv()
    if cv2 is None:
        return None
    bands = [values[..., ::-1]] if alpha is None else [values[..., ::-1], alpha[..., None]]
    done, data = cv2.imencode(".png", np.concatenate(bands, axis=2))
    return data.tobytes() if done else None


def _opencv() -> ModuleType | None:
    try:
        import cv2  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        return None
    return cv2
