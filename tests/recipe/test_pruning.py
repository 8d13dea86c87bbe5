"""A part of the graph that no live term needs is known by name; one that editing uses is never among them."""

import pytest

from efgan_kit.recipe import load_recipe
from efgan_kit.recipe.pruning import unneeded

BOTH = {"graph.discriminators.initial": "null", "graph.discriminators.final": "null"}
INTERPOLATION = {"graph.interpolator": "null", "graph.au_discriminator": "null"}


def idle(recipe, *overrides):
    return unneeded(load_recipe(recipe, list(overrides), allow_missing=True))


@pytest.mark.parametrize("recipe", ["quickstart", "quickstart-published", "ef-gan", "cascade-ef-gan"])
def test_a_shipped_recipe_has_no_idle_part(recipe):
    assert idle(recipe) == {}


@pytest.mark.parametrize(
    ("recipe", "term", "parts"),
    [
        ("ef-gan", "content", {}),
        ("ef-gan", "attention", {}),
        ("ef-gan", "conditional", {"graph.discriminators.final.predicts_aus": "false"}),
        ("ef-gan", "adversarial", {"graph.discriminators.initial": "null"}),
        ("ef-gan", "interpolation", INTERPOLATION),
        ("quickstart", "adversarial", BOTH),
        ("quickstart", "conditional", {}),
        ("quickstart", "interpolation", INTERPOLATION),
        ("cascade-ef-gan", "interpolation", {"graph.au_discriminator": "null"}),
    ],
)
def test_dropping_a_term_leaves_idle_what_only_it_needed(recipe, term, parts):
    assert idle(recipe, f"losses.{term}=null") == parts


def test_a_term_of_weight_0_needs_nothing():
    assert idle("ef-gan", "losses.interpolation.weight=0") == INTERPOLATION


def test_a_term_that_teaches_one_player_alone_needs_what_that_player_asks_for():
    weights = "losses.interpolation.weight={interpolator: 0, discriminator: 1}"
    assert idle("ef-gan", weights) == {}, "D_interp is taught, on what the interpolator makes"


def test_what_is_left_out_makes_a_recipe_that_loads():
    changes = ["losses.adversarial=null", *(f"{part}={value}" for part, value in BOTH.items())]
    recipe = load_recipe("quickstart", changes)
    assert unneeded(recipe) == {}
    assert not recipe.graph.params["discriminators"]
