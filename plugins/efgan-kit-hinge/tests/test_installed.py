"""What efgan-kit finds of the plugin: its terms, which keep the contract of loss terms, and its recipes."""

import pytest
from efgan_kit_hinge.losses import HingeLoss, NonSaturatingLoss

from efgan_kit import load_recipe
from efgan_kit.testing.conformance import Subject, checks_for


@pytest.mark.parametrize("check", checks_for("loss"), ids=lambda check: check.__name__)
@pytest.mark.parametrize("term", [HingeLoss, NonSaturatingLoss])
def test_a_term_keeps_the_contract(term, check):
    check(Subject("loss", term, term.example))


def test_the_recipe_replaces_the_adversarial_term_and_nothing_else():
    recipe, parent = load_recipe("hinge"), load_recipe("quickstart")
    (own, theirs), *others = [(recipe.losses[key], parent.losses[key]) for key in parent.losses]
    assert (own.name, own.component.use, theirs.component.use) == ("adversarial", "hinge", "relativistic")
    assert own.every == theirs.every
    assert all(mine == parents for mine, parents in others)
    assert (list(recipe.losses), recipe.graph, recipe.train) == (list(parent.losses), parent.graph, parent.train)


@pytest.mark.parametrize("name", ["hinge", "hinge-quickstart"])
def test_a_recipe_says_what_it_needs(name):
    assert "efgan-kit-hinge>=0.1" in load_recipe(name).requires
