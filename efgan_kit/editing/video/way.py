"""The way of an edit as a clip: the pictures that an animation shows, coded as video."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from efgan_kit.editing.video.coding import Form
from efgan_kit.editing.video.writing import ClipWriter

MS: Final = Fraction(1, 1000)


def write_way(
    path: Path, pictures: Iterable[NDArray[np.uint8]], frame_ms: int, last_ms: int, comment: str = ""
) -> None:
    """Write pictures `(H, W, 3)` of one size, each shown for `frame_ms` milliseconds, the last for `last_ms`.

    The last is written twice: players end with the beginning of the last frame. `comment` is the file's.

    Raises:
        EfganError: The file can't be written.
    """
    remaining = iter(pictures)
    picture = next(remaining)
    form = Form((picture.shape[1], picture.shape[0]), MS, Fraction(1000, frame_ms))
    with ClipWriter(path, form, tags={"comment": comment} if comment else {}) as writer:
        now = 0
        writer.write(picture, now, frame_ms)
        for picture in remaining:
            now += frame_ms
            writer.write(picture, now, frame_ms)
        writer.write(picture, now + last_ms - frame_ms, frame_ms)
