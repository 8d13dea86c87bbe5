"""Photo files: read for editing with all that is needed to write them back as they were."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Literal

import attrs
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, JpegImagePlugin

from efgan_kit.api import Picture
from efgan_kit.components.datasets.photos.decode import MEGAPIXELS, TURNS, orientation_of, readable
from efgan_kit.editing.deep_colour import is_deep, read_deep
from efgan_kit.editing.provenance import copied_exif
from efgan_kit.errors import fail

FORMATS: Final = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "AVIF", "JPEG2000", "PPM")
"""What is read; other readers of Pillow's start programs or have no photos. An MPO opens as a JPEG."""
PAGED: Final = frozenset({"GIF", "WEBP", "PNG", "AVIF", "TIFF"})
"""Formats of which one file may hold several pictures. An MPO's others are previews, or the other eye."""
OPAQUE: Final[dict[Literal[8, 16], int]] = {8: 255, 16: 65535}

Values = NDArray[np.uint8] | NDArray[np.uint16]


@attrs.frozen(eq=False)
class Kept:
    """What a file says beside its pixels.

    Attributes:
        format: Pillow's name of the format; empty if there was no file.
        icc: The colour profile that the pixels are in.
        exif: The camera's record, without thumbnails.
        xmp: The XMP packet.
        jpeg: Pillow's options that compress a JPEG as this one was.
        dpi: Its resolution.
    """

    format: str = ""
    icc: bytes | None = None
    exif: Image.Exif | None = None
    xmp: bytes | None = None
    jpeg: dict[str, Any] = attrs.field(factory=dict)
    dpi: tuple[float, float] | None = None


@attrs.frozen(eq=False)
class Photo:
    """A photo decoded for editing.

    Attributes:
        values: uint8 or uint16 `(H, W, 3)`, or `(H, W, 1)` for a grey photo; upright, in the photo's own colours.
        name: What messages and files call it.
        path: Its file, where it has one.
        alpha: `(H, W)` of the type of `values`, where the photo has transparency.
        kept: What else the file says.
        warnings: What of the file can't be kept.
    """

    values: Values
    name: str = "photo"
    path: Path | None = None
    alpha: Values | None = None
    kept: Kept = attrs.field(factory=Kept)
    warnings: tuple[str, ...] = ()

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.values.shape[1], self.values.shape[0]

    @property
    def bits(self) -> Literal[8, 16]:
        return 16 if self.values.dtype == np.uint16 else 8

    @cached_property
    def pixels(self) -> NDArray[np.uint8]:
        """The photo as people see it, RGB uint8 `(H, W, 3)`, on white where it is transparent."""
        if self.bits == 8 and self.alpha is None and self.values.shape[2] == 3:
            return self.values  # type: ignore[return-value]
        values = self.values.astype(np.float32) * (255 / OPAQUE[self.bits])
        if self.alpha is not None:
            share = self.alpha[..., None].astype(np.float32) / OPAQUE[self.bits]
            values = values * share + 255 * (1 - share)
        return np.broadcast_to(np.rint(values).astype(np.uint8), (*values.shape[:2], 3)).copy()

    @property
    def picture(self) -> Picture:
        """The photo as landmarkers see it."""
        return Picture(self.pixels, self.path)


def open_photo(path: str | Path) -> Photo:
    """Read a photo for editing, upright.

    Raises:
        EfganError: The file is missing, may not be read, is no picture, is damaged, holds several pictures, or has
            more than `MEGAPIXELS`.
    """
    path = Path(path).expanduser()
    with _opened(path) as image:
        count = getattr(image, "n_frames", 1) if image.format in PAGED else 1
        if count > 1:
            kind = "pages" if image.format == "TIFF" else "frames: it is an animation"
            raise fail(str(path), f"holds {count} {kind}", "save the one to be edited as a picture")
        deep, warnings, kept = is_deep(image), list[str](), _kept(image)
        try:
            exif = copied_exif(image)
        except Exception:  # as with damaged pixels, errors of every type
            exif = None
            warnings.append("its EXIF record is damaged and left out")
        turn = TURNS.get(orientation_of(image))
        if deep:
            found = read_deep(path)
            if found is not None:
                values, alpha = (None if a is None else _turned(a, turn) for a in found)
                assert values is not None
                return Photo(values, path.stem, path, alpha, attrs.evolve(kept, exif=exif), tuple(warnings))
            warnings.append("has 16 bits a colour, of which 8 are kept; `pip install 'efgan-kit[deep]'` keeps all")
        image.load()
        upright: Image.Image = image if turn is None else image.transpose(turn)
        values, alpha, icc, more = _values(upright, kept.icc)
    return Photo(values, path.stem, path, alpha, attrs.evolve(kept, exif=exif, icc=icc), (*warnings, *more))


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    with readable(path, str(path), FORMATS) as image:
        yield image


def _kept(image: Image.Image) -> Kept:
    info = image.info
    jpeg: dict[str, Any] = {}
    if isinstance(image, JpegImagePlugin.JpegImageFile) and image.mode in ("L", "RGB"):
        jpeg["qtables"] = image.quantization
        sampling = JpegImagePlugin.get_sampling(image)
        jpeg["subsampling"] = sampling if sampling >= 0 else 0
        jpeg["progressive"] = bool(info.get("progressive", False))
    xmp = info.get("xmp") or info.get("XML:com.adobe.xmp")
    dpi = info.get("dpi")
    return Kept(
        format="JPEG" if image.format == "MPO" else image.format or "",
        icc=info.get("icc_profile") or None,
        xmp=xmp.encode() if isinstance(xmp, str) else xmp,
        jpeg=jpeg,
        dpi=(float(dpi[0]), float(dpi[1])) if dpi else None,
    )


def _turned(values: NDArray[Any], turn: Image.Transpose | None) -> NDArray[Any]:
    """An array `(H, W, ...)` transposed as Pillow transposes pictures."""
    way = Image.Transpose
    if turn in (way.TRANSPOSE, way.TRANSVERSE, way.ROTATE_90, way.ROTATE_270):
        values = values.swapaxes(0, 1)
    if turn in (way.FLIP_LEFT_RIGHT, way.ROTATE_180, way.ROTATE_270, way.TRANSVERSE):
        values = values[:, ::-1]
    if turn in (way.FLIP_TOP_BOTTOM, way.ROTATE_180, way.ROTATE_90, way.TRANSVERSE):
        values = values[::-1]
    return np.ascontiguousarray(values)


def _values(image: Image.Image, icc: bytes | None) -> tuple[Values, Values | None, bytes | None, list[str]]:
    """The pixels, the alpha, the profile that the pixels are in, and what was lost."""
    if image.mode.startswith("I"):
        grey = np.asarray(image)
        if grey.min(initial=0) < 0 or grey.max(initial=0) > 65535:
            raise ValueError("its grey values are beyond 16 bits")
        return grey.astype(np.uint16)[..., None], None, icc, []
    if image.mode in ("CMYK", "YCbCr", "LAB", "HSV"):
        rgb, note = _to_srgb(image, icc)
        return np.asarray(rgb), None, None, [note]
    if image.mode == "F":
        raise ValueError("floating-point pictures have no agreed white")
    clear = "A" in image.getbands() or "transparency" in image.info
    if image.mode in ("1", "L", "LA") and not (clear and image.mode != "LA"):
        greys: NDArray[np.uint8] = np.asarray(image.convert("LA" if clear else "L"))
        return (greys[..., :1], greys[..., 1], icc, []) if clear else (greys[..., None], None, icc, [])
    bands: NDArray[np.uint8] = np.asarray(image.convert("RGBA" if clear else "RGB"))
    return (bands[..., :3], bands[..., 3], icc, []) if clear else (bands, None, icc, [])


def _to_srgb(image: Image.Image, icc: bytes | None) -> tuple[Image.Image, str]:
    """As RGB, by the picture's profile if it has a usable one."""
    if icc is not None:
        try:
            converted = ImageCms.profileToProfile(
                image, ImageCms.ImageCmsProfile(io.BytesIO(icc)), ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
            if converted is not None:
                return converted, f"is {image.mode}: it is edited and written as sRGB, converted by its own profile"
        except ImageCms.PyCMSError:
            pass
    if image.mode == "LAB":
        raise ValueError("it is in the colour space Lab, without a profile that leads to RGB")
    return image.convert("RGB"), f"is {image.mode} without a usable profile: its colours as RGB are approximate"


__all__ = ["MEGAPIXELS", "Kept", "Photo", "open_photo"]
