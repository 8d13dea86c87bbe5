"""Picture files to RGB, whatever their mode, orientation or state of health."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from PIL import ExifTags, Image, UnidentifiedImageError

from efgan_kit.api import EfganError, fail

MEGAPIXELS: Final = 80
"""Larger pictures are refused: decoded, one of these already takes 240 MB."""
EMPTY: Final = b"(empty)"
FOREIGN: Final = {
    EMPTY: "the file is empty",
    b"%PDF": "it is a PDF",
    b"ftyphei": "it is a HEIC picture, save it as JPEG",
    b"ftypmif": "it is a HEIC picture, save it as JPEG",
    b"ftyp": "it is a film",
    b"<svg": "it is a drawing in SVG",
    b"<html": "it is a web page",
    b"<!DOC": "it is a web page",
}
"""What files that are often taken for pictures have among their first bytes."""
TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What sets a picture of each EXIF orientation upright."""
TURNED: Final = frozenset({5, 6, 7, 8})
"""The orientations that swap width and height."""


def decode(path: Path, *, where: str = "", finest: float = 1.0) -> Image.Image:
    """The picture as RGB, upright.

    Args:
        where: The picture's name in messages; its path if empty.
        finest: The share of the full resolution that the caller needs. A JPEG may come back at 1/2, 1/4 or
        1/8
            of its size as long as that is no less; reading a large photograph is then several times as fast.

    Raises:
        EfganError: The file is missing, no picture, damaged, or larger than `MEGAPIXELS`.
    """
    where = where or str(path)
    with readable(path, where) as image:
        if image.format == "JPEG" and finest < 1:
            image.draft(None, (math.ceil(image.width * finest), math.ceil(image.height * finest)))
        image.load()
        return _rgb(_upright(image))


def upright_size(path: Path, *, where: str = "") -> tuple[int, int]:
    """The picture's (width, height) as `decode` would give it, from its header alone. Raises as `decode`
    does."""
    with readable(path, where or str(path)) as image:
        width, height = image.size
        return (height, width) if orientation_of(image) in TURNED else (width, height)


@contextlib.contextmanager
def readable(path: Path, where: str, formats: tuple[str, ...] | None = None) -> Iterator[Image.Image]:
    """The opened file; within, whatever goes wrong becomes an EfganError that says what is wrong with it.

    Args:
        where: The picture's name in messages.
        formats: Those that are allowed, by Pillow's names; all if None.
    """
    try:
        with Image.open(path, formats=formats) as image:
            if image.width * image.height > MEGAPIXELS * 1_000_000:
                raise _too_large(where)
            yield image
    except EfganError:
        raise
    except Image.DecompressionBombError as error:
        raise _too_large(where) from error
    except FileNotFoundError as error:
        raise fail(where, "there is no such picture") from error
    except IsADirectoryError as error:
        raise fail(where, "is a folder, not a picture") from error
    except PermissionError as error:
        raise fail(where, "may not be read", "check the file's permissions") from error
    except Exception as error:  # damaged bytes lead Pillow's readers to errors of every type
        raise fail(where, f"is not a readable picture: {_reason(error, path)}") from error


def _reason(error: Exception, path: Path) -> str:
    if isinstance(error, UnidentifiedImageError):
        begins = _beginning(path)
        return next((what for mark, what in FOREIGN.items() if mark in begins), "") or "the format is not known"
    return (str(error) or type(error).__name__).splitlines()[0]


def _beginning(path: Path) -> bytes:
    """The first bytes of a file, and a mark for one that has none."""
    try:
        with path.open("rb") as file:
            return file.read(16) or EMPTY
    except OSError:
        return b""


def _too_large(where: str) -> EfganError:
    return fail(where, f"has more than {MEGAPIXELS} megapixels", "scale it and its landmarks down")


def orientation_of(image: Image.Image) -> int:
    """What EXIF says of the picture's orientation, 1 to 8; 1 is upright."""
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # metadata that can't be parsed says nothing about orientation
        return 1


def _upright(image: Image.Image) -> Image.Image:
    turn = TURNS.get(orientation_of(image))
    return image if turn is None else image.transpose(turn)


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode == "RGB":
        return image.copy()
    if image.mode.startswith("I"):  # 16 bits of grey, which Pillow would clip at 255
        grey = np.asarray(image).astype(np.float64)
        return Image.fromarray(np.clip(np.rint(grey / 257), 0, 255).astype(np.uint8)).convert("RGB")
    if image.mode == "F":
        raise ValueError("floating-point pictures have no agreed white")
    if "A" in image.getbands() or "transparency" in image.info:
        opaque = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(opaque, image.convert("RGBA")).convert("RGB")
    return image.convert("RGB")
