"""A clip's sound on its way into another file: copied packet by packet, or coded anew where the file can't hold it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from efgan_kit.editing.video.library import pyav


class Sound:
    """The sound tracks of a clip, laid into an output beside its pictures.

    Args:
        path: The clip.
        output: PyAV's output container, to which nothing has been written yet.
    """

    def __init__(self, path: Path, output: Any) -> None:
        av = pyav(str(path))
        self._output = output
        self._input = av.open(str(path), metadata_errors="replace")
        self._tracks: dict[int, _Copied | _Recoded] = {}
        for stream in self._input.streams.audio:
            fits = stream.codec_context.name in output.supported_codecs
            self._tracks[stream.index] = (_Copied if fits else _Recoded)(stream, output)
        self._packets: Iterator[Any] = self._input.demux(*self._input.streams.audio) if self._tracks else iter(())
        self._waiting: Any = None

    @property
    def kind(self) -> str:
        """What becomes of it: `copied`, `recoded` or `none`."""
        if not self._tracks:
            return "none"
        return "copied" if all(isinstance(track, _Copied) for track in self._tracks.values()) else "recoded"

    def advance(self, seconds: float) -> None:
        """Lay what is heard before a time: files are read in order, so sound lies near the pictures it belongs to."""
        while True:
            packet = self._waiting or next(self._packets, None)
            self._waiting = None
            if packet is None:
                return
            if packet.dts is None:  # the end of a track, not a part of it
                continue
            if float(packet.dts * packet.time_base) >= seconds:
                self._waiting = packet
                return
            self._output.mux(self._tracks[packet.stream.index].packets(packet))

    def finish(self) -> None:
        """Lay the rest."""
        self.advance(float("inf"))
        for track in self._tracks.values():
            self._output.mux(track.rest())

    def close(self) -> None:
        """Let go of the clip."""
        self._input.close()


class _Copied:
    def __init__(self, stream: Any, output: Any) -> None:
        self.stream = output.add_stream_from_template(stream)

    def packets(self, packet: Any) -> list[Any]:
        packet.stream = self.stream
        return [packet]

    def rest(self) -> list[Any]:
        return []


class _Recoded:
    def __init__(self, stream: Any, output: Any) -> None:
        av = pyav("sound")
        self.source = stream
        name = "libopus" if "webm" in output.format.name else output.default_audio_codec
        rate = 48000 if name == "libopus" else stream.codec_context.sample_rate
        self.stream = output.add_stream(name, rate=rate)
        self.stream.codec_context.layout = stream.codec_context.layout
        self.stream.codec_context.bit_rate = 96_000 * len(stream.codec_context.layout.channels)
        self.stream.codec_context.open()
        context = self.stream.codec_context
        self.resampler = av.AudioResampler(
            format=context.format, layout=context.layout, rate=rate, frame_size=context.frame_size or None
        )

    def packets(self, packet: Any) -> list[Any]:
        return [coded for frame in packet.decode() for coded in self._coded(frame)]

    def rest(self) -> list[Any]:
        return [
            *(coded for frame in self.source.decode(None) for coded in self._coded(frame)),
            *self._coded(None),
            *self.stream.encode(None),
        ]

    def _coded(self, frame: Any) -> list[Any]:
        return [packet for ready in self.resampler.resample(frame) for packet in self.stream.encode(ready)]
