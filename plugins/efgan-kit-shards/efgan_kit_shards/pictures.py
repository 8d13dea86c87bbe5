"""A face's picture from its bytes."""

from __future__ import annotations

import io
import warnings
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from efgan_kit.api import EfganError, fail

FORMATS: Final = ("JPEG", "PNG", "WEBP")
MEGAPIXELS: Final = 20
BEYOND: Final = 0.25
"""A landmark may lie outside the picture by this share of its side."""


def face(
    content: bytes, points: NDArray[np.float32], size: int, where: str
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """A face as uint8 `(3, size, size)` and its landmarks in pixels of that, float32 `(68, 2)`.

    A picture of another size is resized as a whole; one of the size wanted comes back to the bit.

    Raises:
        EfganError: The bytes are no picture, or a damaged one, too large, not square, or the landmarks lie outside.
    """
    picture = _decoded(content, where)
    if picture.width != picture.height:
        what = f"has {picture.width}x{picture.height} pixels and is not square"
        raise fail(where, what, "shards hold faces that are cut out; `efgan shards pack` cuts a photo folder's")
    side = picture.width
    if points.min() < -BEYOND * side or points.max() > (1 + BEYOND) * side:
        raise fail(where, f"its landmarks lie outside the picture, which has {side}x{side} pixels")
    if side != size:
        picture = picture.resize((size, size), Image.Resampling.BICUBIC)
        points = ((points.astype(np.float64) + 0.5) * (size / side) - 0.5).astype(np.float32)
    return np.ascontiguousarray(np.asarray(picture).transpose(2, 0, 1)), points


def _decoded(content: bytes, where: str) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of sizes and metadata
            with Image.open(io.BytesIO(content), formats=FORMATS) as image:
                if image.width * image.height > MEGAPIXELS * 1_000_000:
                    raise _too_large(where)
                if image.mode.startswith(("I", "F")):
                    raise fail(where, "has more than 8 bits a colour")
                return image.convert("RGB")
    except EfganError:
        raise
    except Image.DecompressionBombError as error:
        raise _too_large(where) from error
    except Exception as error:  # damaged bytes lead Pillow's readers to errors of every type
        reason = (str(error) or type(error).__name__).splitlines()[0]
        if "BytesIO" in reason:
            reason = "the format is none of JPEG, PNG, WebP"
        raise fail(where, f"is not a readable picture: {reason}") from error


def _too_large(where: str) -> EfganError:
    return fail(where, f"has more than {MEGAPIXELS} megapixels")
