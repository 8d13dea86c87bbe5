"""Clips made in memory: what is in them is known."""

from fractions import Fraction

import numpy as np
import pytest

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
    import av

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
    import av

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
    import av

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


@pytest.fixture(scope="session")
def drawn_face():
    """A drawn face of 64 pixels: its picture `(64, 64, 3)`, landmarks `(68, 2)` and AUs by name."""
    from efgan_kit.api import FaceSpec, au_set
    from efgan_kit.components.datasets.drawn_faces import DrawnFaces

    units = au_set("openface-17")
    sample = DrawnFaces(FaceSpec(64, units), people=1, expressions=1)[0]
    aus = dict(zip(units.names, sample.aus.tolist(), strict=True))
    return sample.image.permute(1, 2, 0).numpy(), sample.landmarks.numpy(), aus


@pytest.fixture
def talking_clip(tmp_path, drawn_face):
    """A clip of 12 frames of 128x96, lossless, with sound and with OpenFace's labels beside it.

    The drawn face moves to the right by 2 pixels a frame over noise that stands still.
    """
    picture, landmarks, aus = drawn_face
    ground = np.random.default_rng(0).integers(0, 256, (96, 128, 3), dtype=np.uint8)
    frames = np.repeat(ground[None], 12, axis=0)
    lines = []
    for number, frame in enumerate(frames):
        left = 10 + 2 * number
        frame[16:80, left : left + 64] = picture
        points = landmarks + np.array([left, 16])
        cells = [number + 1, 0.98, 1, *points.T.ravel().round(3).tolist(), *(5 * value for value in aus.values())]
        lines.append(", ".join(str(cell) for cell in cells))
    columns = ["frame", "confidence", "success", *(f"{axis}_{i}" for axis in "xy" for i in range(68))]
    header = ", ".join([*columns, *(f"{name}_r" for name in aus)])
    labels = tmp_path / "talk.csv"
    labels.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return _write_clip(tmp_path / "talk.mp4", frames, sound="aac"), labels
