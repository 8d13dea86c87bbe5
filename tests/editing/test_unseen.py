"""Why an edit can't be seen is told by what is the case."""

import attrs
import pytest
import torch
from torch import nn

from efgan_kit import Editor
from efgan_kit.api import Edited
from efgan_kit.editing.blending import Pasting
from efgan_kit.editing.sources import Sources
from efgan_kit.recipe import load_recipe


class Change(nn.Module):
    """A graph that adds something to every face, whatever is asked."""

    def __init__(self, change, attention):
        super().__init__()
        self.change, self.attention = change, attention

    def edit(self, source, landmarks, source_aus, target_aus):
        image = source + self.change
        return Edited(image, image, torch.full_like(source[:, :1], self.attention), (image,))


@pytest.fixture
def unseen(tiny_run):
    """Edits the first test face with a graph, after changes to the run and the face: why nothing is seen."""
    editor = Editor.load(tiny_run, "cpu")
    face = Sources(editor.trained.recipe).find("test:0")

    def unseen(graph, recipe=None, pasting=None):
        trained = attrs.evolve(editor.trained, graph=graph, recipe=recipe or editor.trained.recipe)
        chosen = face if pasting is None else attrs.evolve(face, pasting=pasting)
        return Editor(trained).edit([chosen], torch.ones(1, 4))[0].unseen

    return unseen


def test_a_visible_change_needs_no_reason(unseen):
    change = torch.zeros(3, 32, 32)
    change[:, 20:26, 10:22] = 0.5
    assert unseen(Change(change, 0.5)) == ""


def test_a_copying_run_says_so(unseen):
    assert "copies its input" in unseen(Change(0.0, 0.001))


def test_a_change_outside_of_the_region_is_called_that(unseen):
    change = torch.zeros(3, 32, 32)
    change[:, :6] = 0.5
    assert "outside of the mouth" in unseen(Change(change, 0.5), pasting=Pasting(regions=("mouth",)))


def test_an_even_tint_is_called_that(unseen):
    assert "even tint" in unseen(Change(0.1, 0.5), pasting=Pasting(seamless=True))


def test_aus_that_did_not_vary_in_training_are_named(unseen, tiny_run):
    assert "did not vary" not in unseen(Change(0.0, 0.5))
    constant = load_recipe(
        str(tiny_run / "recipe.yaml"), overrides=["data.train.people=1", "data.train.expressions=1"]
    )
    assert "did not vary in what the run was trained on" in unseen(Change(0.0, 0.5), constant)
