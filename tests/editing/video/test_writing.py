"""Clips are written with their source's times and sound, completely or not at all."""

from fractions import Fraction

import attrs
import numpy as np
import pytest

av = pytest.importorskip("av")

from efgan_kit.editing.video.coding import Form, coding  # noqa: E402
from efgan_kit.editing.video.reading import open_clip  # noqa: E402
from efgan_kit.editing.video.way import write_way  # noqa: E402
from efgan_kit.editing.video.writing import ClipWriter  # noqa: E402
from efgan_kit.errors import EfganError  # noqa: E402

TIMES = [0, 512, 1024, 2048, 2100, 2560, 3072, 4000, 4096, 5000, 6000, 6400]


def copied(source, out, quality="source", change=None, **tags):
    clip = open_clip(source)
    with ClipWriter(out, Form.of(clip, quality), sound=source, tags={**clip.tags, **tags}) as writer:
        for frame in clip.frames():
            writer.write(frame.pixels if change is None else change(frame.pixels), frame.pts, frame.duration)
    return writer


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv"])
def test_lossless_coding_keeps_every_pixel_time_and_packet_of_sound(
    tmp_path, suffix, pictures, write_clip, sound_packets
):
    frames = pictures()
    source = write_clip(tmp_path / f"a{suffix}", frames, pts=TIMES, sound="aac")
    writer = copied(source, tmp_path / f"b{suffix}", "lossless")
    before, after = (list(open_clip(tmp_path / f"{name}{suffix}").frames()) for name in "ab")
    assert np.array_equal([frame.pixels for frame in after], frames)
    shift = after[0].seconds - before[0].seconds  # Matroska has no times below 0: all begins later by as much
    assert [frame.seconds - shift for frame in after] == pytest.approx([f.seconds for f in before], abs=1e-3)
    sounds = [sound_packets(tmp_path / f"{name}{suffix}") for name in "ab"]
    assert writer.sound == "copied"
    assert [packet for _, _, packet in sounds[1]] == [packet for _, _, packet in sounds[0]]
    late = [float(b[0] - a[0]) - shift for a, b in zip(*sounds, strict=True)]
    assert late == pytest.approx([0.0] * len(late), abs=1e-3)
    if suffix != ".mkv":
        assert shift == 0
        assert [packet[:2] for packet in sounds[1]] == [packet[:2] for packet in sounds[0]]


def test_the_usual_coding_is_close_and_about_as_large(tmp_path, pictures, write_clip):
    rng = np.random.default_rng(0)
    grain = np.clip(pictures(25).astype(int) + rng.normal(0, 4, (25, 64, 96, 3)), 0, 255).astype(np.uint8)
    source = write_clip(tmp_path / "a.mp4", grain, lossless=False)
    writer = copied(source, tmp_path / "b.mp4")
    assert writer.coding.pixels == "yuv420p"
    before, after = (np.array([f.pixels for f in open_clip(tmp_path / f"{n}.mp4").frames()], int) for n in "ab")
    assert np.abs(before - after).mean() < 4
    sizes = [(tmp_path / f"{name}.mp4").stat().st_size for name in "ab"]
    assert sizes[1] < 2 * sizes[0]
    copied(source, tmp_path / "c.mp4", "high")
    high = np.array([f.pixels for f in open_clip(tmp_path / "c.mp4").frames()], int)
    assert np.abs(before - high).mean() < min(2.0, np.abs(before - after).mean() + 0.1)


def test_odd_sizes_gain_a_line(tmp_path, pictures, write_clip):
    frames = pictures(6, 97, 65)
    writer = copied(write_clip(tmp_path / "a.mp4", frames), tmp_path / "b.mp4", "high")
    assert writer.coding.size == (98, 66)
    clip = open_clip(tmp_path / "b.mp4")
    first = next(clip.frames()).pixels.astype(int)
    assert clip.size == (98, 66)
    assert np.abs(first[:65, :97] - frames[0]).mean() < 4
    assert np.abs(first[:65, 97] - frames[0][:, 96]).mean() < 8


def test_sound_that_a_file_cannot_hold_is_coded_anew(tmp_path, pictures, write_clip, sound_packets):
    source = write_clip(tmp_path / "a.mp4", pictures(), sound="aac")
    writer = copied(source, tmp_path / "b.webm")
    assert (writer.coding.encoder, writer.sound) == ("libvpx-vp9", "recoded")
    lengths = [sum(packet[1] for packet in sound_packets(tmp_path / name)) for name in ("a.mp4", "b.webm")]
    assert float(lengths[1]) == pytest.approx(float(lengths[0]), abs=0.1)


def test_the_file_says_that_it_was_edited_and_keeps_its_title(tmp_path, pictures, write_clip):
    source = write_clip(tmp_path / "a.mp4", pictures(3))
    with av.open(str(source)) as given, av.open(str(tmp_path / "titled.mp4"), "w") as titled:
        titled.metadata["title"] = "Anna"
        stream = titled.add_stream_from_template(given.streams.video[0])
        for packet in given.demux(given.streams.video[0]):
            if packet.dts is not None:
                packet.stream = stream
                titled.mux(packet)
    copied(tmp_path / "titled.mp4", tmp_path / "b.mp4", comment="face edited")
    tags = open_clip(tmp_path / "b.mp4").tags
    assert (tags["title"], tags["comment"]) == ("Anna", "face edited")


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_an_interruption_leaves_the_older_file_and_no_half_one(tmp_path, error, pictures, write_clip):
    source = write_clip(tmp_path / "a.mp4", pictures(), sound="aac")
    (tmp_path / "b.mp4").write_bytes(b"older")

    def stop(pixels):
        raise error

    with pytest.raises(error):
        copied(source, tmp_path / "b.mp4", change=stop)
    assert (tmp_path / "b.mp4").read_bytes() == b"older"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mp4", "b.mp4"]


def test_a_folder_that_is_not_there_is_one_message(tmp_path, pictures, write_clip):
    source = write_clip(tmp_path / "a.mp4", pictures(3))
    with pytest.raises(EfganError, match="cannot be written: No such file"):
        copied(source, tmp_path / "nowhere" / "b.mp4")


def test_without_x264_there_is_another_encoder(tmp_path, monkeypatch, pictures, write_clip):
    monkeypatch.setattr("efgan_kit.editing.video.coding.ENCODERS", ("no-such-encoder", "mpeg4"))
    source = write_clip(tmp_path / "a.mp4", pictures(), lossless=False)
    form = attrs.evolve(Form.of(open_clip(source)), time_base=Fraction(1, 90000))
    assert coding(form, ".mp4", "x").time_base == Fraction(1, 65535)
    writer = copied(source, tmp_path / "b.mp4")
    assert writer.coding.encoder == "mpeg4"
    assert [f.seconds for f in open_clip(tmp_path / "b.mp4").frames()] == pytest.approx([n / 25 for n in range(12)])


def test_a_way_of_edits_rests_on_its_last_picture(tmp_path, pictures):
    write_way(tmp_path / "way.mp4", iter(pictures(4)), 120, 1200)
    seconds = [frame.seconds for frame in open_clip(tmp_path / "way.mp4").frames()]
    assert seconds == pytest.approx([0, 0.12, 0.24, 0.36, 1.44])
