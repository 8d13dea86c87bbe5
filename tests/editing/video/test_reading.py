"""Clips are read upright, with their own times; what is no clip is refused in a sentence."""

import numpy as np
import pytest

pytest.importorskip("av")

from efgan_kit.editing.video.reading import open_clip
from efgan_kit.errors import EfganError


def test_every_pixel_and_every_time_of_a_clip_is_read(tmp_path, pictures, write_clip):
    frames, times = pictures(), [0, 512, 1024, 2048, 2100, 2560, 3072, 4000, 4096, 5000, 6000, 6400]
    clip = open_clip(write_clip(tmp_path / "a.mp4", frames, pts=times))
    read = list(clip.frames())
    assert np.array_equal([frame.pixels for frame in read], frames)
    assert [frame.seconds for frame in read] == pytest.approx([time / 12800 for time in times])
    assert [frame.number for frame in read] == list(range(12))
    assert (clip.size, clip.expected, clip.promised) == ((96, 64), 12, True)


@pytest.mark.parametrize("rotation", [90, 180, -90])
def test_frames_are_turned_upright(tmp_path, rotation, pictures, write_clip):
    frames = pictures(3)
    clip = open_clip(write_clip(tmp_path / "a.mp4", frames, rotation=rotation))
    turns = rotation // 90 % 4  # display matrices turn counterclockwise, as np.rot90 does
    assert np.array_equal(next(clip.frames()).pixels, np.rot90(frames[0], turns))
    assert clip.size == ((96, 64) if rotation == 180 else (64, 96))


def test_a_second_reading_is_the_first(tmp_path, pictures, write_clip):
    clip = open_clip(write_clip(tmp_path / "a.mkv", pictures(), lossless=False))
    first, second = ([f.pixels for f in clip.frames()] for _ in range(2))
    assert np.array_equal(first, second)


def refusal(path):
    with pytest.raises(EfganError) as caught:
        for _ in open_clip(path).frames():
            pass
    assert len(caught.value.faults) == 1
    assert str(path) in str(caught.value)
    return str(caught.value)


def test_what_is_no_clip_is_refused(tmp_path, pictures, write_clip):
    whole = write_clip(tmp_path / "whole.mp4", pictures(), sound="aac").read_bytes()
    for name, data, said in (
        ("empty.mp4", b"", "the file is empty"),
        ("text.mp4", b"these are words, not pictures\n" * 50, "format is not known"),
        ("short.mp4", whole[: len(whole) // 2], "cut short"),
    ):
        (tmp_path / name).write_bytes(data)
        assert said in refusal(tmp_path / name)
    assert "there is no such clip" in refusal(tmp_path / "nowhere.mp4")
    assert "is a folder" in refusal(tmp_path)


def test_sound_alone_is_refused(tmp_path, tone):
    import av

    with av.open(str(tmp_path / "song.mp4"), "w") as container:
        container.mux(tone(container.add_stream("aac", rate=16000), 0.5))
    assert "holds sound and no pictures" in refusal(tmp_path / "song.mp4")


def test_a_clip_without_frames_is_refused(tmp_path, pictures, write_clip):
    assert "without frames" in refusal(write_clip(tmp_path / "none.mkv", pictures(0), sound="aac"))
