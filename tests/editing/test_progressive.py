"""Progressive edits: a single EF-GAN in passes is a cascade of its own weights, and every step can be seen."""

from pathlib import Path

import attrs
import numpy as np
import pytest
import torch
from torch import nn

from efgan_kit import Editor
from efgan_kit.api import Edited
from efgan_kit.editing.batch import Job, edit_jobs
from efgan_kit.editing.sources import Sources
from efgan_kit.errors import EfganError


class Brighten(nn.Module):
    """Adds the change of the first AU to every pixel, and says neither its steps nor their targets."""

    def edit(self, source, landmarks, source_aus, target_aus):
        change = (target_aus - source_aus)[:, :1, None, None]
        return Edited(source + change, source + change, change.abs().expand_as(source[:, :1]), ())


class Hesitate(Brighten):
    """The same, with an interpolator that hesitates: after a share s of the way, s squared of it is done."""

    def interpolator(self, source_aus, residual):
        return source_aus + residual**2


class Twice(nn.Module):
    """A plugin's cascade of two modules that does not say what it asked of them."""

    def edit(self, source, landmarks, source_aus, target_aus):
        return Edited(source, source, torch.zeros_like(source[:, :1]), (source, source))


@pytest.fixture(scope="module")
def editors(same_weights):
    """The editors of an EF-GAN and of a cascade of three modules with its weights."""
    return [Editor.load(run, "cpu") for run in same_weights]


@pytest.fixture(scope="module")
def faces(editors):
    sources = Sources(editors[0].trained.recipe)
    return [sources.find(f"test:{number}") for number in range(4)]


def with_graph(editor, graph):
    return Editor(attrs.evolve(editor.trained, graph=graph))


def black(face):
    """The face's place in an otherwise black picture, every AU 0."""
    sample = face.sample._replace(image=torch.zeros_like(face.sample.image), aus=torch.zeros_like(face.sample.aus))
    return attrs.evolve(face, sample=sample, read=lambda: np.zeros((32, 32, 3), dtype=np.uint8))


def test_the_modules_of_a_run_are_counted(editors):
    single, cascade = editors
    assert [single.modules, cascade.modules] == [1, 3]
    assert [with_graph(single, graph).modules for graph in (Brighten(), Twice())] == [1, 2]


def test_an_ef_gan_in_three_passes_is_a_cascade_of_its_own_weights(editors, faces):
    single, cascade = editors
    targets = torch.rand(4, 4, generator=torch.Generator().manual_seed(0))
    passes, modules = single.edit(faces, targets, steps=3), cascade.edit(faces, targets)
    for one, other in zip(passes, modules, strict=True):
        assert len(one.steps) == len(other.steps) == len(one.step_targets) == len(other.step_targets) == 3
        for ours, theirs in [
            (one.image, other.image),
            (one.initial, other.initial),
            (one.attention, other.attention),
            *zip(one.steps, other.steps, strict=True),
            *zip(one.step_targets, other.step_targets, strict=True),
        ]:
            assert torch.equal(ours, theirs)
        assert torch.equal(one.steps[-1], one.image)
        assert not torch.equal(one.steps[0], one.steps[1])
        assert torch.equal(one.step_targets[-1], one.target_aus)
    straight = faces[0].sample.aus + (targets[0] - faces[0].sample.aus) / 3
    assert not torch.allclose(passes[0].step_targets[0], straight, atol=1e-4), "the interpolator has a say"
    assert not torch.equal(passes[0].image, single.edit(faces, targets)[0].image)


def test_a_cascade_asked_for_its_own_number_of_steps_edits_as_it_does(editors, faces):
    targets = torch.ones(1, 4)
    asked, unasked = (editors[1].edit(faces[:1], targets, steps)[0] for steps in (3, None))
    assert len(asked.steps) == 3
    assert torch.equal(asked.image, unasked.image)


@pytest.mark.parametrize(("graph", "halfway"), [(Brighten(), 0.5), (Hesitate(), 0.25)], ids=["line", "interpolator"])
def test_passes_go_the_interpolators_way_or_a_straight_line(editors, faces, graph, halfway):
    """By hand: black is -1, AUs go from 0 to 1, so a pass to y lifts the picture to -1 + y: 127.5 y of 255."""
    edited = with_graph(editors[0], graph).edit([black(faces[0])], torch.ones(1, 4), steps=2)[0]
    assert [target.tolist() for target in edited.step_targets] == [[halfway] * 4, [1.0] * 4]
    assert [step.mean().item() for step in edited.steps] == pytest.approx([halfway - 1, 0.0], abs=1e-6)
    # Somewhere along the way a pixel is edited unless both passes leave it: 1 - (1 - A_1)(1 - A_2).
    assert edited.attention.mean().item() == pytest.approx(1 - (1 - halfway) * halfway, abs=1e-6)
    means = [picture.mean() for picture in edited.pictures()]
    assert means == pytest.approx([127.5 * halfway, 127.5], abs=0.5)
    assert np.array_equal(list(edited.pictures())[-1], edited.picture())


def test_pictures_are_made_one_by_one_and_the_photo_is_read_once(editors, faces):
    reads = []
    read = faces[0].read
    face = attrs.evolve(faces[0], read=lambda: reads.append(1) or read())
    pictures = editors[0].edit([face], torch.ones(1, 4), steps=5)[0].pictures()
    assert not reads
    assert next(pictures).shape == (32, 32, 3)
    assert len(list(pictures)) == 4
    assert len(reads) == 1


def test_one_step_of_a_graph_that_says_nothing_of_it_is_its_edit(editors, faces):
    edited = with_graph(editors[0], Brighten()).edit(faces[:1], torch.ones(1, 4))[0]
    assert [step.shape for step in edited.steps] == [(3, 32, 32)]
    assert torch.equal(edited.step_targets[0], torch.ones(4))
    twice = with_graph(editors[0], Twice()).edit(faces[:1], torch.ones(1, 4))[0]
    assert (len(twice.steps), twice.step_targets) == (2, ())


def test_a_path_may_take_each_of_its_frames_in_steps(editors, faces):
    target = torch.ones(4)
    start, middle, end = editors[0].path(faces[0], target, 3, steps=2)
    assert (start.steps, len(middle.steps)) == ((), 2)
    assert torch.allclose(end.image, editors[0].edit(faces[:1], target[None], steps=2)[0].image, atol=1e-6)


def test_batches_are_edited_in_steps_too(editors, faces):
    targets = torch.rand(4, 4, generator=torch.Generator().manual_seed(1))
    jobs = [
        Job(Path("face.png"), lambda face=face: face, target, str(number))
        for number, (face, target) in enumerate(zip(faces, targets, strict=True))
    ]
    made = [edited for _, edited in edit_jobs(editors[0], jobs, steps=3)]
    expected = editors[0].edit(faces, targets, steps=3)
    assert all(torch.equal(one.image, other.image) for one, other in zip(made, expected, strict=True))


@pytest.mark.parametrize(("kind", "steps", "words"), [(1, 2, "3 modules"), (1, 1, "not in 1"), (0, 0, "at least one")])
def test_steps_that_the_run_cannot_take_are_refused(editors, faces, kind, steps, words):
    with pytest.raises(EfganError, match=words):
        editors[kind].edit(faces[:1], torch.ones(1, 4), steps=steps)
