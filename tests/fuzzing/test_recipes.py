"""A damaged recipe or override is refused in words, or means what it says; nothing else happens."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from efgan_kit.recipe import load_recipe
from efgan_kit.recipe.model import Recipe

from .damage import NASTY, damaged, refused_or_right

RECIPES = Path(__file__).parents[2] / "recipes"
TEXTS = [(RECIPES / f"{name}.yaml").read_bytes() for name in ("quickstart", "ef-gan", "cascade-ef-gan", "ganimation")]
KEYS = st.one_of(
    st.sampled_from(
        ["train.steps", "losses.content.weight", "graph.generator.use", "data.train", "faces.size", "metrics", "x"]
    ),
    st.text(max_size=12),
)
VALUES = st.one_of(
    st.sampled_from(
        ["1", "-1", "0", "null", "???", "[]", "{}", "{use: au-teacher}", "1e999", "*a", "!!int 3", "true", "''"]
    ),
    st.sampled_from(NASTY).map(lambda word: word.decode("utf-8", "replace")),
    st.text(max_size=40),
)


@pytest.mark.parametrize("number", range(len(TEXTS)))
def test_damaged_recipes(number, fuzzed, tmp_path):
    path = tmp_path / "fuzzed.yaml"

    @fuzzed
    @given(damaged(TEXTS[number]))
    def holds(data):
        path.write_bytes(data)
        recipe = refused_or_right(lambda: load_recipe(path, allow_missing=True))
        assert recipe is None or isinstance(recipe, Recipe)

    holds()
    assert [left.name for left in tmp_path.iterdir()] == ["fuzzed.yaml"], "reading writes nothing"


def test_overrides(fuzzed):
    @fuzzed
    @given(st.lists(st.tuples(KEYS, VALUES), min_size=1, max_size=3))
    def holds(pairs):
        overrides = [f"{key}={value}" for key, value in pairs]
        refused_or_right(lambda: load_recipe("quickstart", overrides=overrides, allow_missing=True))

    holds()


def test_a_sound_recipe_is_what_it_says_after_it_was_written_out(fuzzed, tmp_path):
    """What is resolved and written means the same when it is read again."""
    path = tmp_path / "again.yaml"

    @fuzzed
    @given(st.integers(1, 10**6), st.floats(1e-6, 1e3), st.sampled_from([64, 96, 128]))
    def holds(steps, weight, size):
        first = load_recipe(
            "quickstart", overrides=[f"train.steps={steps}", f"losses.content.weight={weight!r}", f"faces.size={size}"]
        )
        path.write_text(first.to_yaml(), encoding="utf-8")
        second = load_recipe(path)
        assert second.to_yaml() == first.to_yaml()
        assert (second.train.steps, second.losses["content"].weight) == (steps, weight)
        assert re.search(rf"\b{size}\b", first.to_yaml())

    holds()
