"""A face's own picture: its levelled frame with a margin around it, and the landmarks moved into that."""

from __future__ import annotations

import io
import math
from typing import Final, Literal

import attrs
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from efgan_kit.components.datasets.photo_folder import FILLS_PICTURE
from efgan_kit.components.datasets.photos.framing import EYES_TO_SIDE, Frame, cut, into_frame

Form = Literal["png", "jpeg", "webp"]
SUFFIXES: Final[dict[Form, str]] = {"png": ".png", "jpeg": ".jpg", "webp": ".webp"}
LEAST_MARGIN: Final = 1.42
"""Any closer, and a photo folder would take the crops for faces that fill their pictures, and not frame them."""
assert EYES_TO_SIDE / LEAST_MARGIN < FILLS_PICTURE


@attrs.frozen
class Cropping:
    """How faces are cut out.

    Attributes:
        margin: The crop's side over the side of the face's frame.
        size: Pixels of the crop's side, at most: smaller crops keep the picture's own resolution.
        form: `png` keeps every pixel; `jpeg` (quality 95, colours at full resolution) and `webp` (95) are smaller.
    """

    margin: float = 1.5
    size: int = 512
    form: Form = "png"


def crop_frame(frame: Frame, cropping: Cropping) -> tuple[Frame, int]:
    """A face's frame with the margin around it, and the pixels of the crop's side.

    The face's own frame lies on whole pixels of the crop, so that training frames it there exactly as here: its place
    in the photo is one of whole pixels, too, and what is rounded in the crop is less than was rounded in the photo.
    """

    def around(side: int) -> int:
        return math.ceil((cropping.margin - 1) * side / 2)

    inner = min(int(frame.side), int(cropping.size / cropping.margin))
    while inner > 1 and inner + 2 * around(inner) > cropping.size:
        inner -= 1
    more = around(inner) * frame.side / inner
    outer = Frame(frame.left - more, frame.top - more, frame.side + 2 * more, frame.angle)
    return outer, inner + 2 * around(inner)


def crop(
    pixels: NDArray[np.uint8], landmarks: NDArray[np.float32], frame: Frame, cropping: Cropping
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """The crop `(S, S, 3)` of a face, and its landmarks `(68, 2)` in the crop's pixels."""
    outer, side = crop_frame(frame, cropping)
    cut_out = cut(pixels, outer, side).permute(1, 2, 0).contiguous().numpy()
    return cut_out, into_frame(landmarks, outer, side).numpy()


def encode(pixels: NDArray[np.uint8], form: Form) -> bytes:
    """The picture as a file; the same pixels are always the same bytes."""
    options: dict[Form, dict[str, object]] = {
        "png": {},
        "jpeg": {"quality": 95, "subsampling": 0},
        "webp": {"quality": 95, "method": 4},
    }
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format=form, **options[form])
    return file.getvalue()
