"""Every recipe that ships loads, writes itself back, fits together and satisfies the schema."""

import jsonschema
import pytest
import yaml

from efgan_kit.recipe import load_recipe
from efgan_kit.recipe.inspection import inspect_graph
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


def test_shipped_recipes_satisfy_the_schema():
    validator = jsonschema.Draft202012Validator(recipe_schema(catalogue()))
    for name in SHIPPED:
        text = (shipped_folder() / f"{name}.yaml").read_text().replace("???", "'???'")
        errors = [error.message for error in validator.iter_errors(yaml.safe_load(text))]
        assert errors == [], name


def test_every_shipped_recipe_says_what_it_is():
    assert [recipe.name for recipe in shelved() if recipe.name in SHIPPED and not recipe.summary] == []
