"""One face of a picture file, as its pixels: read, reduced and cut out, and kept for the next time."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..face_cache import KEY, FaceCache
from ..making import made_by
from . import decode, framing
from .contents import content_of
from .framing import Frame


def read_face(path: Path, width: int, frame: Frame, size: int) -> NDArray[np.uint8]:
    """The frame's contents as uint8 `(3, size, size)`.

    Args:
        width: The picture's, to which the frame refers.

    Raises:
        EfganError: The picture can't be decoded.
    """
    # Twice the pixels needed: JPEG's own reduction is coarser than ours.
    picture = decode.decode(path, finest=min(1.0, 2 * size / frame.side))
    reduced = round(width / picture.width)
    frame = Frame(frame.left / reduced, frame.top / reduced, frame.side / reduced)
    return framing.cut(picture, frame, size).numpy()


def kept_face(
    cache: FaceCache, content: bytes | None, path: Path, width: int, frame: Frame, size: int
) -> NDArray[np.uint8]:
    """`read_face`, from the cache where it has the face, and kept there if it has not.

    Args:
        content: The picture's `content_of` when it was checked, if that is known.
    """
    if content is None:
        return read_face(path, width, frame, size)
    box = (frame.left, frame.top, frame.side, frame.angle)
    what = (content, made_by(decode, framing, sys.modules[__name__]), box, size)
    key = hashlib.blake2b(repr(what).encode(), digest_size=KEY).digest()
    kept = cache.get(key)
    if kept is not None:
        return kept.reshape(3, size, size)
    pixels = read_face(path, width, frame, size)
    if content_of(path) == content:  # else it was changed since, and is another face
        cache.put(key, pixels)
    return pixels
