"""Clips written frame by frame: coded pictures at the times they are given, sound beside them, complete or absent."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from efgan_kit.editing.video.coding import Form, coding
from efgan_kit.editing.video.library import pyav, why
from efgan_kit.editing.video.reading import CAREFUL
from efgan_kit.editing.video.sound import Sound
from efgan_kit.errors import fail

SWSCALE: Final = {1: 1, 4: 4, 5: 5, 6: 5, 7: 7, 9: 9}
"""swscale's number of each colour matrix of ITU-T H.273."""
MATROSKA: Final = (".mkv", ".webm")


class ClipWriter:
    """Writes a clip; use it in a `with` statement. An exception within leaves no file, and an older one as it was.

    Pictures of odd sizes get a copy of their last column or row where the coding wants even ones.

    Args:
        path: The file; its suffix says the container.
        form: What the pictures are.
        sound: A clip whose sound is laid beside them.
        tags: Metadata of the file.
    """

    def __init__(
        self, path: Path, form: Form, *, sound: Path | None = None, tags: Mapping[str, str] | None = None
    ) -> None:
        self.path, self.form = path, form
        self.coding = coding(form, path.suffix.lower(), str(path))
        self._part = path.with_name(f".{path.stem}.part{path.suffix}")
        self._tags, self._sound_of = dict(tags or {}), sound
        self._container: Any = None
        self._sound: Sound | None = None

    @property
    def sound(self) -> str:
        """What became of the sound: `copied`, `recoded` or `none`."""
        return self._sound.kind if self._sound else "none"

    def __enter__(self) -> Self:
        with self._refused():
            self._open()
        return self

    def _open(self) -> None:
        av = pyav(str(self.path))
        how, form = self.coding, self.form
        options = {"movflags": "+faststart", "video_track_timescale": str(how.time_base.denominator)}
        matroska = self.path.suffix.lower() in MATROSKA
        self._container = av.open(str(self._part), "w", container_options={} if matroska else options)
        self._container.metadata.update(self._tags)
        self._stream = self._container.add_stream(how.encoder, rate=form.rate, options=dict(how.options))
        self._stream.width, self._stream.height = how.size
        self._stream.pix_fmt = how.pixels
        self._stream.time_base = how.time_base
        context = self._stream.codec_context
        context.time_base = how.time_base
        context.sample_aspect_ratio = form.pixel_aspect
        if how.bit_rate:
            context.bit_rate = how.bit_rate
        if how.pixels == "yuv420p":
            context.colorspace, context.color_range = form.colour.matrix, 1
            context.color_primaries, context.color_trc = form.colour.primaries, form.colour.transfer
        if self._sound_of is not None:
            self._sound = Sound(self._sound_of, self._container)
        self._container.start_encoding()

    def write(self, pixels: NDArray[np.uint8], pts: int, duration: int = 0) -> None:
        """Write a picture `(H, W, 3)`, shown at `pts`, for `duration` if that is not 0, in the form's time base."""
        with self._refused():
            if self._sound is not None:
                self._sound.advance(float(pts * self.form.time_base))
            self._container.mux(self._stream.encode(self._picture(pixels, pts, duration)))

    def _picture(self, pixels: NDArray[np.uint8], pts: int, duration: int) -> Any:
        width, height = self.coding.size
        beyond = ((0, height - pixels.shape[0]), (0, width - pixels.shape[1]), (0, 0))
        padded = np.ascontiguousarray(np.pad(pixels, beyond, mode="edge"))
        picture = pyav(str(self.path)).VideoFrame.from_ndarray(padded, "rgb24")
        if self.coding.pixels == "yuv420p":
            matrix = SWSCALE.get(self.form.colour.matrix)
            picture = picture.reformat(
                format="yuv420p", dst_colorspace=matrix, dst_color_range=1, interpolation=CAREFUL
            )
        picture.pts, picture.time_base, picture.duration = pts, self.form.time_base, duration
        return picture

    def _finish(self) -> None:
        self._container.mux(self._stream.encode(None))
        if self._sound is not None:
            self._sound.finish()
        self._close()
        self._part.replace(self.path)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self._drop()
            return
        with self._refused():
            self._finish()

    @contextlib.contextmanager
    def _refused(self) -> Iterator[None]:
        """Within, what fails leaves no file behind."""
        av = pyav(str(self.path))
        try:
            yield
        except (av.FFmpegError, ValueError, OSError) as error:
            self._drop()
            raise fail(str(self.path), f"cannot be written: {why(error)}") from error
        except BaseException:
            self._drop()
            raise

    def _drop(self) -> None:
        with contextlib.suppress(Exception):  # a file that could not be begun can't be ended either
            self._close()
        self._part.unlink(missing_ok=True)

    def _close(self) -> None:
        if self._sound is not None:
            self._sound.close()
        if self._container is not None:
            self._container.close()
            self._container = None
