"""Every recipe that ships loads, writes itself back, fits together and satisfies the schema."""

import jsonschema
import pytest

from efgan_kit.recipe import load_recipe, with_photo_folder
from efgan_kit.recipe.inspection import inspect_graph
from efgan_kit.recipe.nodes import Problems
from efgan_kit.recipe.reader import read_file
from efgan_kit.recipe.schema import recipe_schema
from efgan_kit.recipe.shelf import shelved, shipped_folder
from efgan_kit.registry import catalogue

SHIPPED = sorted(path.stem for path in shipped_folder().glob("*.yaml"))
TRAINABLE = [recipe.name for recipe in shelved() if recipe.name in SHIPPED and not recipe.abstract]


@pytest.mark.parametrize("name", TRAINABLE)
def test_a_shipped_recipe_loads_to_itself(name, tmp_path):
    recipe = load_recipe(name, allow_missing=True)
    assert recipe.name == name
    path = tmp_path / "resolved.yaml"
    path.write_text(recipe.to_yaml())
    assert load_recipe(path, allow_missing=True) == recipe


@pytest.mark.parametrize("name", TRAINABLE)
def test_a_shipped_recipe_fits_together(name):
    found = inspect_graph(load_recipe(name, allow_missing=True))
    assert found.flops > 0


@pytest.mark.parametrize("name", TRAINABLE)
def test_a_shipped_recipe_turns_to_a_photo_folder(name):
    recipe = load_recipe(name, with_photo_folder([], "photos"))
    for split, use in recipe.data.items():
        assert (use.use, use.params["root"], use.params["split"]) == ("photo-folder", "photos", split)


def test_shipped_recipes_satisfy_the_schema():
    validator = jsonschema.Draft202012Validator(recipe_schema(catalogue()))
    for name in SHIPPED:
        problems = Problems()
        tree = read_file(shipped_folder() / f"{name}.yaml", name, problems)
        assert list(problems) == []
        assert [error.message for error in validator.iter_errors(tree.plain())] == [], name


def test_every_shipped_recipe_says_what_it_is():
    assert [recipe.name for recipe in shelved() if recipe.name in SHIPPED and not recipe.summary] == []
