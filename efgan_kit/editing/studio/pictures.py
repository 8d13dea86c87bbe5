"""The pictures that the page shows, as files for a browser: made when the browser asks for them."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from efgan_kit.editing.edited import EditedFace
from efgan_kit.editing.faces import Face
from efgan_kit.editing.studio.downloads import edited_file, way_file
from efgan_kit.editing.studio.session import Session

LOSSLESS: Final = 256 * 256
"""Pictures of no more pixels are shown without loss; larger ones as JPEG of the best quality that is worth its size."""
CUT: Final = 256
"""The face alone is shown at this size, in pixels."""
SMALL: Final = 96
"""Examples are shown at this size."""
EDITED_COLOUR: Final = np.array([255, 96, 32], np.float32)
"""Where the attention edits, it is this orange."""

Content = tuple[bytes, str]
"""A file's bytes and its media type."""


def picture(pixels: NDArray[np.uint8]) -> Content:
    """A whole picture `(H, W, 3)` at its own resolution."""
    image = Image.fromarray(pixels)
    if image.width * image.height <= LOSSLESS:
        return _saved(image, "PNG")
    return _saved(image, "JPEG", quality=93, subsampling=0)


def cut_out(cut: Tensor) -> Content:
    """A cut `(3, size, size)` in [-1, 1], enlarged."""
    pixels = ((cut.clamp(-1, 1) + 1) * 127.5).round().byte().permute(1, 2, 0).numpy()
    return _saved(Image.fromarray(pixels).resize((CUT, CUT), Image.Resampling.BICUBIC), "JPEG", quality=93)


def attention(edited: EditedFace) -> Content:
    """Where the edit was painted in: the face in grey, orange by the attention on it."""
    grey = edited.face.sample.image.float().mean(dim=0).numpy()[..., None]
    share = edited.attention[0].clamp(0, 1).numpy()[..., None]
    mixed = (grey * 0.8 + 30) * (1 - share) + EDITED_COLOUR * share
    image = Image.fromarray(np.clip(np.rint(mixed), 0, 255).astype(np.uint8))
    return _saved(image.resize((CUT, CUT), Image.Resampling.BICUBIC), "JPEG", quality=93)


def example(face: Face) -> Content:
    """A test face, small."""
    pixels = face.sample.image.permute(1, 2, 0).contiguous().numpy()
    return _saved(Image.fromarray(pixels).resize((SMALL, SMALL), Image.Resampling.LANCZOS), "JPEG", quality=88)


def _step(session: Session, word: str) -> Content | None:
    edited = session.wish.edited if session.wish else None
    number = int(word) if word.isdecimal() else 0
    if edited is None or not 1 <= number <= len(edited.steps):
        return None
    return cut_out(edited.steps[number - 1])


def _attention(session: Session) -> Content | None:
    return attention(session.wish.edited) if session.wish and session.wish.edited else None


SHOWN: Final[dict[str, Callable[[Session], Content | None]]] = {
    "before": lambda session: picture(session.before()),
    "after": lambda session: picture(session.after()),
    "attention": _attention,
    "edited.png": lambda session: (edited_file(session), "image/png"),
    "way.gif": lambda session: (way_file(session), "image/gif"),
}


def shown(session: Session, what: str) -> Content | None:
    """One of `SHOWN`, or `step-2`: the face after a step. None if the session has no such picture."""
    if session.photo is None:
        return None
    if what.startswith("step-"):
        return _step(session, what.removeprefix("step-"))
    return SHOWN[what](session) if what in SHOWN else None


def _saved(image: Image.Image, kind: str, **options: object) -> Content:
    content = io.BytesIO()
    image.save(content, format=kind, **({"compress_level": 3} if kind == "PNG" else {}), **options)
    return content.getvalue(), f"image/{kind.lower()}"
