"""How good a face's picture is: measured on its frame at one size, so that faces of all sizes can be compared."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from efgan_kit.components.datasets.photos.framing import Frame, cut

SIDE: Final = 128
HASHED: Final = 16


def grey_face(pixels: NDArray[np.uint8], frame: Frame) -> NDArray[np.float64]:
    """The frame's contents as luma (ITU-R BT.601) in 0..255, `(128, 128)`."""
    rgb = cut(pixels, frame, SIDE).permute(1, 2, 0).numpy()
    return np.asarray(Image.fromarray(rgb).convert("L"), dtype=np.float64)


def sharpness(grey: NDArray[np.float64]) -> float:
    """The variance of the Laplacian; a few hundred are sharp, below about 50 faces look blurred.

    Source: Pech-Pacheco et al., *Diatom autofocusing in brightfield microscopy* (ICPR 2000).
    """
    return float(ndimage.laplace(grey).var())


def brightness(grey: NDArray[np.float64]) -> float:
    """The mean luma, in [0, 1]."""
    return float(grey.mean() / 255)


def difference_hash(grey: NDArray[np.float64]) -> str:
    """Which pixels of the reduced face are brighter than their left neighbours: 256 bits, in hexadecimal.

    Source: N. Krawetz, *Kind of Like That* (hackerfactor.com, 2013).
    """
    small = Image.fromarray(grey.astype(np.uint8)).resize((HASHED + 1, HASHED), Image.Resampling.BOX)
    bits = np.diff(np.asarray(small, dtype=np.int16), axis=1) > 0
    return np.packbits(bits).tobytes().hex()
