"""Edited photos on disk: in the format of the suffix, as near to the original's as that format allows."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, PngImagePlugin

from efgan_kit.editing.deep_colour import encode_png
from efgan_kit.editing.photo_files import OPAQUE, Photo, Values
from efgan_kit.editing.provenance import Provenance, exif_of, xmp_of
from efgan_kit.files import written

Metadata = Literal["keep", "drop"]
JPEG: Final = (".jpg", ".jpeg")
TIFF: Final = (".tif", ".tiff")
QUALITY: Final = 95
"""Of a JPEG or WebP whose original was not a JPEG."""
PNG_LEVEL: Final = 3
"""On a 12-megapixel photo a third of the time of the usual 6, and no larger a file."""
XMP_KEYWORD: Final = "XML:com.adobe.xmp"
XMP_TAG: Final = 700
MAKER_NOTE: Final = 0x927C
SEGMENT: Final = 65_000
"""Bytes that EXIF or XMP may have in a JPEG."""


def write_photo(
    path: Path, photo: Photo, values: Values, provenance: Provenance, metadata: Metadata = "keep"
) -> list[str]:
    """Write an edited photo.

    Args:
        photo: The original: transparency, colour profile, resolution and, if it was a JPEG and `path` is one, its
            quality are kept.
        values: The pixels, of the type and shape of `photo.values`.
        metadata: What becomes of the original's EXIF and XMP. What was edited is written in any case.

    Returns:
        What the format could not hold.

    Raises:
        EfganError: It can't be written; then there is no file.
    """
    suffix, lost = path.suffix.lower(), list[str]()
    alpha, kept = photo.alpha, photo.kept
    keep = metadata == "keep"
    exif = exif_of(provenance, kept.exif if keep else None, photo.size)
    xmp = xmp_of(provenance, kept.xmp if keep else None)
    if alpha is not None and suffix in (*JPEG, ".bmp"):
        lost.append(f"{suffix} has no transparency: the picture is on white")
        values, alpha = _on_white(values, alpha), None
    options: dict[str, Any] = {"icc_profile": kept.icc, "exif": exif}
    if kept.dpi and suffix in (".png", *JPEG, *TIFF):
        options["dpi"] = kept.dpi
    if photo.bits == 16:
        colour = values.shape[2] == 3
        if colour and suffix == ".png":
            encoded = encode_png(values, alpha)  # type: ignore[arg-type]
            if encoded is not None:
                with written(path) as part:
                    part.write_bytes(_with_chunks(encoded, kept.icc, exif, xmp, provenance))
                return lost
        if colour or alpha is not None or suffix not in (".png", *TIFF):
            lost.append(f"{suffix} is written with 8 bits a colour of 16" + ("; .png has all" if colour else ""))
            values, alpha = _to_8_bits(values), None if alpha is None else _to_8_bits(alpha)
    image = _image(values, alpha)
    if suffix in JPEG:
        compression = kept.jpeg if kept.format == "JPEG" and _fits(kept.jpeg, image) else {}
        options |= compression or {"quality": QUALITY, "subsampling": 0}
        options["xmp"] = xmp if len(xmp) < SEGMENT else xmp_of(provenance, None)
        options["exif"] = _short(exif, provenance, photo)
    elif suffix == ".webp":
        options |= {"quality": QUALITY, "xmp": xmp, "exact": True}
    elif suffix == ".png":
        options |= {"pnginfo": _texts(xmp, provenance), "compress_level": PNG_LEVEL}
    elif suffix in TIFF:
        exif[XMP_TAG] = xmp
        options["exif"] = exif.tobytes()  # Pillow's TIFF writer finds directories below the main one only in bytes
        if not any(isinstance(value, dict) for value in exif.values()):  # libtiff takes no directories from Pillow
            options["compression"] = "tiff_adobe_deflate"
    else:
        options = {}
        lost.append(f"{suffix} holds no metadata: the file does not say that the face was edited")
    with written(path) as part:
        image.save(part, **options)
    return lost


def _fits(jpeg: dict[str, Any], image: Image.Image) -> bool:
    return bool(jpeg) and (image.mode == "L" or len(jpeg["qtables"]) > 1)


def _short(exif: Image.Exif, provenance: Provenance, photo: Photo) -> Image.Exif:
    """EXIF that a JPEG can hold: the maker's own notes, then everything of the original's, give way."""
    if len(exif.tobytes()) < SEGMENT:
        return exif
    camera = exif.get(0x8769)
    if isinstance(camera, dict):
        camera.pop(MAKER_NOTE, None)
    return exif if len(exif.tobytes()) < SEGMENT else exif_of(provenance, None, photo.size)


def _image(values: NDArray[Any], alpha: NDArray[Any] | None) -> Image.Image:
    if alpha is not None:
        return Image.fromarray(np.concatenate([values, alpha[..., None]], axis=2))
    return Image.fromarray(values[..., 0] if values.shape[2] == 1 else values)


def _to_8_bits(values: Values) -> Values:
    return np.rint(values.astype(np.float32) * (255 / OPAQUE[16])).astype(np.uint8)


def _on_white(values: NDArray[Any], alpha: NDArray[Any]) -> NDArray[Any]:
    white = np.iinfo(values.dtype).max
    share = alpha[..., None].astype(np.float32) / white
    return np.rint(values * share + white * (1 - share)).astype(values.dtype)


def _texts(xmp: bytes, provenance: Provenance) -> PngImagePlugin.PngInfo:
    texts = PngImagePlugin.PngInfo()
    texts.add_itxt(XMP_KEYWORD, xmp.decode())
    texts.add_itxt("Software", provenance.software)
    texts.add_itxt("Comment", provenance.sentence)
    return texts


def _with_chunks(
    png: bytes, icc: bytes | None, exif: Image.Exif, xmp: bytes, provenance: Provenance
) -> bytes:
    """A PNG file that an encoder without metadata wrote, with them, after its header."""
    chunks = [(b"iCCP", b"ICC Profile\0\0" + zlib.compress(icc))] if icc else []
    chunks.append((b"eXIf", exif.tobytes()[6:]))
    chunks += [(kind, data) for kind, data, *_ in _texts(xmp, provenance).chunks]
    header = 8 + 25  # the signature; length, type, 13 bytes and checksum of IHDR
    made = [struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in chunks]
    return png[:header] + b"".join(made) + png[header:]
