"""docs/paper.md names files and keys that exist, and the recipe holds the published numbers."""

import re

import attrs
import pytest

from efgan_kit.recipe import load_recipe
from efgan_kit.recipe.dump import to_plain

from .conftest import ROOT, pages

PAGE = pages()["docs/paper.md"]
QUOTED = re.findall(r"`([^`\n]+)`", PAGE)
FILES = sorted({word for word in QUOTED if re.fullmatch(r"[\w./-]+\.(py|yaml|md)", word)})
SECTIONS = ("faces", "graph", "losses", "optimizer", "schedule", "train")
TESTS = sorted({word for word in QUOTED if word.startswith("test_")})
KEYS = sorted({word for word in QUOTED if word.startswith(tuple(f"{section}." for section in SECTIONS))})


@pytest.mark.parametrize("name", FILES)
def test_every_file_it_names_exists(name):
    assert (ROOT / name).is_file()


@pytest.mark.parametrize("name", TESTS)
def test_every_test_it_names_exists(name):
    assert f"def {name}(" in (ROOT / "tests/components/test_published.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("key", KEYS)
def test_every_key_it_names_is_one_of_the_recipe(key):
    recipe = load_recipe("ef-gan")
    node = {**to_plain(recipe), "train": attrs.asdict(recipe.train)}  # settings at null are not written out
    for part in key.split("."):
        assert part in node
        node = node[part]


def test_it_names_enough_to_be_worth_checking():
    assert len(FILES) > 10
    assert len(KEYS) > 15
    assert len(TESTS) > 10


def test_the_published_numbers_stand_in_the_recipe():
    """Supplement, sections 1 to 3, typed off the paper."""
    recipe = load_recipe("ef-gan")
    weights = {name: term.weight for name, term in recipe.losses.items()}
    assert weights == {
        "adversarial": 1, "conditional": 3000, "content": 10, "attention": 0.1, "interpolation": 1,
    }  # fmt: skip
    assert recipe.losses["adversarial"].component.params["penalty"] == 10
    assert recipe.losses["interpolation"].component.params["realism"] == 0.1
    optimizer = recipe.optimizer.component.params
    assert (optimizer["lr"], tuple(optimizer["betas"])) == (1e-4, (0.5, 0.999))
    assert (recipe.train.epochs, recipe.train.batch_size) == (100, 2)
    assert recipe.schedule.params["constant_epochs"] == 50
    discriminators = recipe.graph.params["discriminators"]
    assert discriminators["final"].params["layers"] == 5
    assert discriminators["initial"].params["layers"] == 3
    assert discriminators["initial"].per_region["face"]["layers"] == 5
    assert discriminators["initial"].params["predicts_aus"] is False
    assert discriminators["final"].params["predicts_aus"] is True
    assert discriminators["final"].params["slope"] == 0.01
