"""Clips read frame by frame: upright RGB pictures with the times at which they are shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from efgan_kit.editing.video.library import pyav, why
from efgan_kit.errors import EfganError, fail

if TYPE_CHECKING:
    from av import VideoFrame

MEGAPIXELS: Final = 40
"""Larger frames are refused; 8K has 33."""
UNKNOWN_RATE: Final = Fraction(25)
OWN_TAGS: Final = frozenset({"encoder", "major_brand", "minor_version", "compatible_brands"})
"""What a file's writer says of the file: the next writer has its own."""
HDR: Final = {16: "PQ", 18: "HLG"}
"""Transfer functions (ITU-T H.273) that 8 bits a channel can't carry."""

CAREFUL: Final = 0x4 | 0x2000 | 0x4000 | 0x40000
"""swscale's flags for bicubic chroma, full chroma in and out, and accurate rounding: what is not edited shall survive
the way to RGB and back."""


@attrs.frozen
class Colour:
    """How a clip's numbers stand for colours, by the codes of ITU-T H.273."""

    matrix: int = 2
    range: int = 0
    primaries: int = 2
    transfer: int = 2


@attrs.frozen(eq=False)
class ClipFrame:
    """A frame of a clip.

    Attributes:
        number: From 0.
        pts: When it is shown, in the clip's `time_base`.
        duration: For how long, in the same unit; 0 if the clip does not say.
        seconds: When it is shown.
        pixels: RGB, uint8 `(H, W, 3)`, upright.
    """

    number: int
    pts: int
    duration: int
    seconds: float
    pixels: NDArray[np.uint8]


@attrs.frozen
class Clip:
    """A video file with at least one frame.

    Attributes:
        path: The file.
        size: Width and height of the upright frames.
        rotation: Degrees, counterclockwise, by which the stored frames are turned to be upright.
        time_base: The unit of the frames' times, in seconds.
        rate: Frames a second, on average.
        expected: How many frames there are, as far as the file says; else an estimate, at least 1.
        promised: Whether `expected` is what the file says.
        bit_rate: Of the pictures, in bits a second; 0 if unknown.
        codec: The pictures' codec, by FFmpeg's name.
        colour: How its colours are coded.
        pixel_aspect: Width of a pixel over its height.
        tags: What the file says of itself: title, time of recording.
    """

    path: Path
    size: tuple[int, int]
    rotation: int
    time_base: Fraction
    rate: Fraction
    expected: int
    promised: bool
    bit_rate: int
    codec: str
    colour: Colour
    pixel_aspect: Fraction
    tags: Mapping[str, str] = attrs.field(factory=dict, eq=False)

    def frames(self) -> Iterator[ClipFrame]:
        """The frames in the order in which they are shown, decoded one after the other.

        Raises:
            EfganError: A frame can't be decoded.
        """
        last: int | None = None
        step = max(1, round(1 / self.rate / self.time_base))
        for number, frame in enumerate(_decoded(self.path)):
            pts = frame.pts if frame.pts is not None else (0 if last is None else last + step)
            if last is not None and pts <= last:
                pts = last + 1
            last = pts
            pixels = upright(frame)
            if (pixels.shape[1], pixels.shape[0]) != self.size:
                where = f"{self.path}: frame {number + 1}"
                raise fail(where, "the picture's size changes", "cut the clip there and edit its parts")
            yield ClipFrame(number, pts, int(frame.duration or 0), float(pts * self.time_base), pixels)


def open_clip(path: Path) -> Clip:
    """A clip's header, and proof that its first frame can be decoded.

    Raises:
        EfganError: It is missing, no video, without frames, damaged, or larger than `MEGAPIXELS`.
    """
    av = pyav(str(path))
    frames = _decoded(path)
    first = next(frames, None)
    frames.close()
    if first is None:
        raise fail(str(path), "is a video without frames")
    if first.color_trc in HDR:
        what = f"is a high dynamic range clip ({HDR[first.color_trc]}), which 8 bits a channel can't carry"
        raise fail(str(path), what, "convert it to BT.709 first")
    rotation = first.rotation % 360
    turned = rotation in (90, 270)
    with av.open(str(path)) as container:
        stream = _pictures(container, path)
        rate = Fraction(stream.average_rate or stream.guessed_rate or UNKNOWN_RATE)
        span = stream.duration * stream.time_base if stream.duration else (container.duration or 0) / av.time_base
        aspect = Fraction(stream.sample_aspect_ratio or 1)
        return Clip(
            path=path,
            size=(first.height, first.width) if turned else (first.width, first.height),
            rotation=rotation,
            time_base=Fraction(stream.time_base),
            rate=rate,
            expected=max(1, stream.frames or round(float(span * rate))),
            promised=bool(stream.frames),
            bit_rate=_bit_rate(container, stream),
            codec=stream.codec_context.name,
            colour=Colour(first.colorspace, first.color_range, first.color_primaries, first.color_trc),
            pixel_aspect=1 / aspect if turned and aspect else aspect or Fraction(1),
            tags={key: value for key, value in container.metadata.items() if key.lower() not in OWN_TAGS},
        )


def upright(frame: VideoFrame) -> NDArray[np.uint8]:
    """A decoded frame as RGB, uint8 `(H, W, 3)`, turned as its metadata says."""
    rgb = frame.reformat(format="rgb24", interpolation=CAREFUL)
    turns = round(frame.rotation / 90) % 4
    return np.ascontiguousarray(np.rot90(rgb.to_ndarray(), turns))


def _decoded(path: Path) -> Any:
    """Generator of decoded frames."""
    av = pyav(str(path))
    seconds = 0.0
    try:
        with av.open(str(path), metadata_errors="replace") as container:
            stream = _pictures(container, path)
            if stream.codec_context.width * stream.codec_context.height > MEGAPIXELS * 1_000_000:
                raise fail(str(path), f"has frames of more than {MEGAPIXELS} megapixels", "scale it down")
            stream.thread_type = "AUTO"
            for frame in container.decode(stream):
                yield frame
                seconds = frame.time or seconds
    except EfganError:
        raise
    except FileNotFoundError as error:
        raise fail(str(path), "there is no such clip") from error
    except IsADirectoryError as error:
        raise fail(str(path), "is a folder, not a clip") from error
    except PermissionError as error:
        raise fail(str(path), "may not be read", "check the file's permissions") from error
    except (av.FFmpegError, ValueError, OSError) as error:
        if seconds:
            raise fail(str(path), f"can't be decoded after {seconds:.2f} s: {why(error)}", "it is damaged") from error
        reason = "its format is not known, or it is cut short" if isinstance(error, av.InvalidDataError) else why(error)
        if path.is_file() and not path.stat().st_size:
            reason = "the file is empty"
        raise fail(str(path), f"is not a readable video: {reason}") from error


def _pictures(container: Any, path: Path) -> Any:
    """The stream of moving pictures: a sound file's cover is none."""
    av = pyav(str(path))
    cover = av.stream.Disposition.attached_pic
    for stream in container.streams.video:
        if not stream.disposition & cover:
            return stream
    what = "holds sound and no pictures" if container.streams.audio else "holds no pictures"
    raise fail(str(path), what)


def _bit_rate(container: Any, stream: Any) -> int:
    if stream.codec_context.bit_rate:
        return int(stream.codec_context.bit_rate)
    others = sum(other.codec_context.bit_rate or 0 for other in container.streams.audio)
    return max(0, int(container.bit_rate or 0) - others)
