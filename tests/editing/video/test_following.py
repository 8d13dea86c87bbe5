"""Faces are followed: through gaps, past one another, and not beyond a cut."""

import numpy as np
import pytest

from efgan_kit.api import FoundFace
from efgan_kit.components.datasets.photos.framing import face_frame, level_frame
from efgan_kit.editing.video.choosing import chosen
from efgan_kit.editing.video.cuts import CutFinder
from efgan_kit.editing.video.following import follow
from efgan_kit.editing.video.looking import Seen, Sighting
from efgan_kit.errors import EfganError

FACE = np.random.default_rng(1).uniform(-1, 1, (68, 2))
FACE[[36, 45, 33]] = [(-0.6, -0.4), (0.6, -0.4), (0, 0.3)]


def sighting(x, y=100.0, size=40.0, aus=(0.0, 0.0)):
    return Sighting(FoundFace((FACE * size + (x, y)).astype(np.float32)), np.array(aus))


def seen(faces, cuts=(), rate=25):
    return Seen(np.arange(len(faces)) / rate, faces, list(cuts))


def centres(track):
    return track.landmarks.mean(axis=1)[:, 0] - FACE[:, 0].mean() * 40


def test_faces_that_pass_keep_their_numbers():
    frames = [[sighting(50 + 4 * n, 80), sighting(250 - 4 * n, 180, 30)][:: 1 if n % 2 else -1] for n in range(50)]
    right, left = follow(seen(frames), level=False)
    assert (right.number, left.number) == (1, 2)
    assert centres(right) == pytest.approx([50 + 4 * n for n in range(50)], abs=1e-3)
    assert left.landmarks[-1, :, 1].mean() > right.landmarks[-1, :, 1].mean() + 50


def test_a_short_gap_is_bridged_and_a_long_one_ends_the_edit_gently():
    frames = [[] if n in (10, 11, 12) or 30 <= n < 50 else [sighting(100 + n)] for n in range(80)]
    first, second = follow(seen(frames), level=False)
    assert (first.first, len(first), first.missed) == (0, 30, 3)
    assert centres(first) == pytest.approx([100 + n for n in range(30)], abs=1e-3)
    assert (second.first, len(second)) == (50, 30)
    assert first.presence[0] == 1
    assert 0 < first.presence[-1] < first.presence[-3] < 1
    assert 0 < second.presence[0] < second.presence[3] < 1
    assert second.presence[-1] == 1


def test_a_cut_ends_a_track_without_a_fade():
    frames = [[sighting(100 if n < 20 else 110)] for n in range(40)]
    tracks = follow(seen(frames, cuts=[20]), level=False)
    assert [(track.first, len(track)) for track in tracks] == [(0, 20), (20, 20)]
    assert all((track.presence == 1).all() for track in tracks)
    assert centres(tracks[0])[-1] == pytest.approx(100, abs=1e-3)


def test_a_false_alarm_is_no_track():
    frames = [[sighting(100), *([sighting(300)] if n in (5, 6) else [])] for n in range(30)]
    assert len(follow(seen(frames), level=False)) == 1


@pytest.mark.parametrize(("level", "framed"), [(False, face_frame), (True, level_frame)])
def test_frames_are_those_of_photos_but_for_whole_pixels(level, framed):
    points = FACE @ np.array([[0.96, 0.28], [-0.28, 0.96]])
    face = Sighting(FoundFace((points * 90.3 + (200.4, 150.7)).astype(np.float32)), np.zeros(2))
    frame = follow(seen([[face]] * 12), level=level)[0].frames[6]
    photo = framed(face.found.landmarks)
    assert frame.side == pytest.approx(photo.side, abs=0.51)
    assert frame.centre == pytest.approx(photo.centre, abs=1)
    assert frame.angle == pytest.approx(photo.angle, abs=1e-3)


def test_trembling_goes_from_frames_and_landmarks():
    rng = np.random.default_rng(0)
    frames = [[sighting(100 + 2 * n)] for n in range(100)]
    shaken = [
        [Sighting(FoundFace(f.found.landmarks + rng.normal(0, 0.7, (68, 2)).astype(np.float32)), f.aus) for f in faces]
        for faces in frames
    ]

    def trembling(track):
        """Of the frame's place and of a landmark's, from frame to frame beside the steady 2 pixels."""
        lefts = np.diff([frame.centre[0] for frame in track.frames])
        return np.abs(lefts - 2).mean(), np.abs(np.diff(track.landmarks[:, 48, 0]) - 2).mean()

    raw, smooth = (trembling(follow(seen(shaken), level=False, smooth=s)[0]) for s in (False, True))
    assert smooth[0] < 0.2 * raw[0]
    assert smooth[1] < 0.35 * raw[1]


def test_the_largest_face_is_chosen_in_each_shot_and_others_by_number():
    frames = [[sighting(50, size=30), sighting(200, size=60)] for _ in range(20)]
    frames += [[sighting(50, size=50), sighting(200, size=20)] for _ in range(20)]
    clip = seen(frames, cuts=[20])
    tracks = follow(clip, level=False)
    assert [track.number for track in chosen(tracks, clip, "largest", "a.mp4")] == [1, 3]
    assert [track.number for track in chosen(tracks, clip, "2,4", "a.mp4")] == [2, 4]
    assert len(chosen(tracks, clip, "all", "a.mp4")) == 4
    with pytest.raises(EfganError, match="4 faces were followed, and none has the number 7"):
        chosen(tracks, clip, "7", "a.mp4")


def test_cuts_are_found_and_movement_is_none():
    rng = np.random.default_rng(0)
    scenes = [
        np.clip(rng.normal(m, 40, (8, 8, 3)), 0, 255).astype(np.uint8).repeat(12, 0).repeat(12, 1) for m in (70, 180)
    ]
    finder = CutFinder()
    for number in range(40):
        finder.look(np.roll(scenes[number >= 25], 3 * number, axis=1))
    assert finder.cuts() == [25]
