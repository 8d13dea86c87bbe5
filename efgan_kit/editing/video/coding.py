"""How the pictures of a clip are coded: the encoder, its pixels, its bits."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Final, Literal

import attrs

from efgan_kit.editing.video.library import pyav
from efgan_kit.editing.video.reading import Clip, Colour
from efgan_kit.errors import fail

Quality = Literal["source", "high", "lossless"]

SUFFIXES: Final = (".mp4", ".m4v", ".mov", ".mkv", ".webm")
"""The files that can be written."""
ENCODERS: Final = ("libx264", "libopenh264", "mpeg4")
"""The first that this FFmpeg has is taken; builds without GPL parts lack x264, and MPEG-4 part 2 is always there."""
LEAST_BITS: Final = 0.08
"""Bits a pixel below which an edit would be blurred, however little the source spends."""
LEEWAY: Final = 1.25
"""How many times the source's bits may be spent: what is edited was coded once already."""
PLENTY: Final = 0.25
"""Bits a pixel for encoders that know no quality."""
DENSER: Final = {"hevc": 1.6, "av1": 2.0, "vp9": 1.5}
"""How many times the bits H.264 needs for the same picture, after these."""
WIDE: Final = 65535
"""MPEG-4 part 2 counts no finer than this in a second."""
BT709: Final = Colour(1, 1, 1, 1)


@attrs.frozen
class Form:
    """What the pictures of a clip are, and what they are to keep.

    Attributes:
        size: Width and height of the pictures that will be given.
        time_base: The unit of their times, in seconds.
        rate: Frames a second, for encoders that plan by it.
        bit_rate: What the source spends, in bits a second, as H.264 would need it; 0 to go by quality alone.
        colour: How colours are to be coded.
        pixel_aspect: Width of a pixel over its height.
        quality: `source` spends about the source's bits, `high` what looks like the source, `lossless` whatever
            it takes to keep every bit of every RGB pixel.
    """

    size: tuple[int, int]
    time_base: Fraction
    rate: Fraction
    bit_rate: int = 0
    colour: Colour = BT709
    pixel_aspect: Fraction = Fraction(1)
    quality: Quality = "source"

    @classmethod
    def of(cls, clip: Clip, quality: Quality = "source") -> Form:
        """The source's own."""
        bits = round(clip.bit_rate * DENSER.get(clip.codec, 1.0))
        colour = BT709 if clip.colour.matrix == 0 else clip.colour
        return cls(clip.size, clip.time_base, clip.rate, bits, colour, clip.pixel_aspect, quality)


@attrs.frozen
class Coding:
    """An encoder's settings.

    Attributes:
        encoder: By FFmpeg's name.
        pixels: By FFmpeg's name: `yuv420p`, which every player shows, but for lossless coding.
        size: Width and height, even where the pixels ask for it.
        time_base: The form's own, or the finest that the encoder can count.
        bit_rate: To be aimed at; 0 to go by quality.
        options: The encoder's own.
    """

    encoder: str
    pixels: str
    size: tuple[int, int]
    time_base: Fraction
    bit_rate: int
    options: Mapping[str, str]


def coding(form: Form, suffix: str, where: str) -> Coding:
    """The settings for a file of a suffix. Raises EfganError, blaming `where`, if there is no encoder for it."""
    if form.quality == "lossless":
        return _lossless(form, suffix, where)
    encoder = _first(("libvpx-vp9",) if suffix == ".webm" else ENCODERS, where)
    width, height = form.size
    bits = 0
    if form.quality == "source" and form.bit_rate:
        bits = max(form.bit_rate, round(LEAST_BITS * width * height * float(form.rate)))
    options: dict[str, str] = {}
    if encoder == "libx264":
        # One look ahead can't plan bits well: quality is fixed, and what the source spends is where it ends.
        limit = {"maxrate": str(round(LEEWAY * bits)), "bufsize": str(round(2 * LEEWAY * bits))} if bits else {}
        options, bits = {"preset": "medium", "crf": "16", **limit}, 0
    elif encoder == "libvpx-vp9":
        options = {"cpu-used": "4", "row-mt": "1", **({} if bits else {"crf": "24", "b": "0"})}
    elif not bits:
        bits = round(PLENTY * width * height * float(form.rate))
    unit = form.time_base
    if encoder == "mpeg4" and unit.denominator > WIDE:
        unit = Fraction(1, WIDE)
    return Coding(encoder, "yuv420p", (width + width % 2, height + height % 2), unit, bits, options)


def _lossless(form: Form, suffix: str, where: str) -> Coding:
    if suffix == ".webm":
        encoder, pixels, options = _first(("libvpx-vp9",), where), "gbrp", {"lossless": "1", "cpu-used": "4"}
    else:
        encoder, pixels, options = _first(("libx264rgb",), where), "rgb24", {"qp": "0", "preset": "veryfast"}
    return Coding(encoder, pixels, form.size, form.time_base, 0, options)


def _first(names: tuple[str, ...], where: str) -> str:
    av = pyav(where)
    for name in names:
        try:
            av.Codec(name, "w")
        except av.codec.codec.UnknownCodecError:
            continue
        return name
    raise fail(where, f"this FFmpeg has no encoder {' or '.join(names)}", "install PyAV from its wheel: pip install av")
