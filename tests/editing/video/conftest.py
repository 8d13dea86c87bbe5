"""Clips made in memory: what is in them is known."""

from fractions import Fraction

import numpy as np
import pytest

av = pytest.importorskip("av")

RATE = 25
UNIT = Fraction(1, 12800)


def _pictures(count=12, width=96, height=64):
    """A bright square that moves over a gradient: uint8 `(count, height, width, 3)`."""
    rows, columns = np.mgrid[:height, :width]
    ground = np.stack([columns * 255 // width, rows * 255 // height, np.full_like(rows, 90)], axis=-1)
    frames = np.repeat(ground[None], count, axis=0).astype(np.uint8)
    for number, frame in enumerate(frames):
        frame[10:26, 8 + 2 * number : 24 + 2 * number] = (230, 60, 60)
    return frames


def _write_clip(path, frames, *, pts=None, sound=None, rotation=0, codec="libx264", lossless=True, sound_seconds=0.5):
    """Write frames at times `pts` in units of 1/12800 s, 25 a second if none are given, and a tone beside them."""
    rgb = codec == "libx264" and lossless
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264rgb" if rgb else codec, rate=RATE, options={"qp": "0"} if rgb else {})
        stream.width, stream.height = frames.shape[2], frames.shape[1]
        stream.pix_fmt = "rgb24" if rgb else "yuv420p"
        stream.time_base = stream.codec_context.time_base = UNIT
        if rotation:
            stream.set_display_rotation(rotation)
        audio = container.add_stream(sound, rate=16000) if sound else None
        for number, frame in enumerate(frames):
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), "rgb24")
            picture.pts, picture.time_base = (pts[number] if pts else number * 512), UNIT
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
        if audio is not None:
            container.mux(_tone(audio, sound_seconds))
    return path


def _tone(audio, seconds):
    moments = np.arange(int(16000 * seconds)) / 16000
    wave = (np.sin(moments * 440 * 2 * np.pi) * 8000).astype(np.int16)[None]
    frame = av.AudioFrame.from_ndarray(wave, "s16", "mono")
    frame.sample_rate, frame.pts, frame.time_base = 16000, 0, Fraction(1, 16000)
    context = audio.codec_context
    if not context.is_open:
        context.open()
    resampler = av.AudioResampler(context.format, context.layout, 16000, context.frame_size or None)
    ready = [*resampler.resample(frame), *resampler.resample(None)]
    return [packet for part in [*ready, None] for packet in audio.encode(part)]


def _sound_packets(path):
    """Time, duration and bytes of every packet of sound."""
    with av.open(str(path)) as container:
        packets = [p for p in container.demux(container.streams.audio[0]) if p.dts is not None]
        return [(p.pts * p.time_base, p.duration * p.time_base, bytes(p)) for p in packets]


@pytest.fixture
def pictures():
    return _pictures


@pytest.fixture
def write_clip():
    return _write_clip


@pytest.fixture
def tone():
    """Coded packets of a 440 Hz tone for an audio stream: `tone(stream, seconds)`."""
    return _tone


@pytest.fixture
def sound_packets():
    return _sound_packets
