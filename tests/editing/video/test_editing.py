"""A clip is edited where its face is, frame by frame, and nowhere else."""

import attrs
import numpy as np
import pytest
import torch
from torch import nn

pytest.importorskip("av")

from efgan_kit import Editor
from efgan_kit.api import Edited, FoundFace
from efgan_kit.editing.targets import Change
from efgan_kit.editing.video.changing import Moment, Part
from efgan_kit.editing.video.conduct import edit_followed, follow_clip
from efgan_kit.editing.video.looking import Sighting
from efgan_kit.editing.video.openface import ByLabels
from efgan_kit.editing.video.reading import ClipFrame, open_clip
from efgan_kit.editing.video.settling import settled
from efgan_kit.editing.video.targets import Steady
from efgan_kit.errors import EfganError, fail


class Darken(nn.Module):
    """A graph that takes the change of the first AU from every pixel, fading towards the edge of the cut."""

    def edit(self, source, landmarks, source_aus, target_aus):
        ramp = 1 - torch.linspace(-1, 1, source.shape[-1]).abs()
        change = (target_aus - source_aus)[:, :1, None, None] * ramp * ramp[:, None]
        image = (source - change).clamp(-1, 1)
        return Edited(image, image, change.abs().expand_as(source[:, :1]), (image,))


@pytest.fixture
def darkening(tiny_run):
    editor = Editor.load(tiny_run, "cpu")
    return Editor(attrs.evolve(editor.trained, graph=Darken()))


def frames_of(path):
    return np.array([frame.pixels for frame in open_clip(path).frames()], dtype=int)


def test_the_face_changes_and_every_pixel_around_it_stays(darkening, talking_clip, tmp_path, sound_packets):
    clip, labels = talking_clip
    followed = follow_clip(clip, ByLabels(labels, darkening.aus), level=False)
    wish = Steady(Change({0: 0.9}, relative=True), "added")
    report = edit_followed(darkening, followed, wish, tmp_path / "out.mp4", quality="lossless", edited_by="face edited")
    before, after = frames_of(clip), frames_of(tmp_path / "out.mp4")
    assert (report.frames, report.edited, report.sound) == (12, 12, "copied")
    for number, frame in enumerate(followed.tracks[0].frames):
        left, top, side = frame.left, frame.top, frame.side
        inside = np.zeros((96, 128), bool)
        inside[max(0, int(top)) : int(np.ceil(top + side)), max(0, int(left)) : int(np.ceil(left + side))] = True
        assert np.array_equal(before[number][~inside], after[number][~inside])
        nose = followed.tracks[0].landmarks[number, 30].round().astype(int)
        assert (before[number] - after[number])[nose[1], nose[0]].mean() > 20
    assert sound_packets(clip) == sound_packets(tmp_path / "out.mp4")
    assert open_clip(tmp_path / "out.mp4").tags["comment"] == "face edited"
    # The face stands still in its own coordinates, and so does the edit.
    flicker = report.tracks[0].flicker
    assert flicker.pairs == 11
    assert flicker.edited < flicker.source + 1


def test_an_edit_comes_and_goes_with_easing(darkening, talking_clip, tmp_path):
    clip, labels = talking_clip
    followed = follow_clip(clip, ByLabels(labels, darkening.aus), level=False)
    wish = Steady(Change({0: 0.9}, relative=True), "added")
    edit_followed(darkening, followed, wish, tmp_path / "out.mp4", quality="lossless", ease=0.2)
    changes = np.abs(frames_of(clip) - frames_of(tmp_path / "out.mp4")).mean(axis=(1, 2, 3))
    assert changes[[0, -1]] == pytest.approx([0, 0], abs=0.05)
    assert changes.argmax() in (5, 6)
    assert (np.diff(changes[:6]) > 0).all()


class Stripes(nn.Module):
    """A graph that adds stripes four pixels wide, which show every move of the frame that is cut out."""

    def edit(self, source, landmarks, source_aus, target_aus):
        stripes = ((torch.arange(source.shape[-1]) // 4) % 2) * 0.5 - 0.25
        image = (source + stripes).clamp(-1, 1)
        return Edited(image, image, torch.ones_like(source[:, :1]), (image,))


def test_what_trembles_in_the_landmarks_does_not_flicker_in_the_edit(tiny_run, talking_clip, tmp_path):
    trained = Editor.load(tiny_run, "cpu")
    editor = Editor(attrs.evolve(trained.trained, graph=Stripes()))
    clip, labels = talking_clip
    rng = np.random.default_rng(0)
    known = ByLabels(labels, editor.aus)

    def trembling(frame):
        return [
            Sighting(FoundFace(face.found.landmarks + rng.normal(0, 0.7, (68, 2)).astype(np.float32)), face.aus)
            for face in known(frame)
        ]

    found = {}
    for smooth in (True, False):
        followed = follow_clip(clip, trembling, level=False, smooth=smooth)
        report = edit_followed(editor, followed, Steady(Change({0: 0.9})), tmp_path / "out.mp4")
        found[smooth] = report.tracks[0].flicker
    assert found[True].source == pytest.approx(found[False].source, rel=0.5)
    added = {smooth: flicker.edited - flicker.source for smooth, flicker in found.items()}
    assert added[True] < 0.5 * added[False]


def test_a_frame_of_which_nothing_can_be_said_is_bridged(darkening, talking_clip):
    clip, labels = talking_clip
    known = ByLabels(labels, darkening.aus)

    def stumbling(frame):
        if frame.number in (5, 6):
            raise fail("labeller", "can't say")
        return known(frame)

    assert follow_clip(clip, stumbling, level=False).tracks[0].missed == 2

    def dumb(frame):
        raise fail("labeller", "has no model")

    with pytest.raises(EfganError, match="has no model"):
        follow_clip(clip, dumb, level=False)


def moments(residuals, numbers=None, rate=25):
    for place, residual in enumerate(residuals):
        part = Part(place, torch.zeros(68, 2), torch.full((3, 2, 2), float(residual)), torch.zeros(1, 2, 2))
        parts = {1: part} if numbers is None or place in numbers else {}
        yield Moment(ClipFrame(place, place, 1, place / rate, np.zeros((1, 1, 3), np.uint8)), parts)


def test_changes_settle_without_lag_or_loss():
    steady = [0.02 * place for place in range(30)]
    noise = np.random.default_rng(0).normal(0, 0.1, 30)
    out = list(settled(moments(steady)))
    assert [m.frame.number for m in out] == list(range(30))
    assert [m.parts[1].residual.mean().item() for m in out] == pytest.approx(steady, abs=1e-5)
    calm = [m.parts[1].residual.mean().item() for m in settled(moments(np.add(steady, noise)))]
    assert np.abs(np.diff(np.subtract(calm, steady))).mean() < 0.5 * np.abs(np.diff(noise)).mean()


def test_a_face_that_is_gone_lends_nothing():
    out = list(settled(moments([1.0] * 10 + [5.0] * 10, numbers=range(10))))
    assert [len(m.parts) for m in out] == [1] * 10 + [0] * 10
    assert [m.parts[1].residual.mean().item() for m in out[:10]] == pytest.approx([1.0] * 10, abs=1e-5)
