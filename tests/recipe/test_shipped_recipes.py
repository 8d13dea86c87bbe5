"""Every recipe that ships loads, writes itself back, fits together and satisfies the schema."""

import functools
import json
import math

import jsonschema
import pytest
import torch

from efgan_kit.recipe import build_graph, load_recipe, with_photo_folder
from efgan_kit.recipe.diff import diff
from efgan_kit.recipe.inspection import inspect_graph
from efgan_kit.recipe.nodes import Problems
from efgan_kit.recipe.reader import read_file
from efgan_kit.recipe.schema import recipe_schema
from efgan_kit.recipe.shelf import shelved, shipped_folder
from efgan_kit.registry import catalogue
from efgan_kit.training import load_trained, train

SHIPPED = sorted(path.stem for path in shipped_folder().glob("*.yaml"))
LOCAL = ("eyes", "nose", "mouth")
TRAINABLE = [recipe.name for recipe in shelved() if recipe.name in SHIPPED and not recipe.abstract]

REMOVED = {
    "no-local-focus": {f"{part}.{region}" for part in ("generators", "initial_critics") for region in LOCAL},
    "no-refiner": {"refiner"},
    "single-critic": {f"initial_critics.{region}" for region in ("face", *LOCAL)},
}
"""By recipe, the modules of `ef-gan` that it is without."""


@pytest.mark.parametrize("name", TRAINABLE)
def test_a_shipped_recipe_loads_to_itself(name, tmp_path):
    recipe = load_recipe(name, allow_missing=True)
    assert recipe.name == name
    path = tmp_path / "resolved.yaml"
    path.write_text(recipe.to_yaml())
    assert load_recipe(path, allow_missing=True) == recipe


@pytest.mark.parametrize("name", [name for name in TRAINABLE if name not in REMOVED])
def test_a_shipped_recipe_fits_together(name):
    found = inspect_graph(load_recipe(name, allow_missing=True))
    assert found.flops > 0


@pytest.mark.parametrize("name", TRAINABLE)
def test_a_shipped_recipe_turns_to_a_photo_folder(name):
    recipe = load_recipe(name, with_photo_folder([], "photos"), allow_missing=True)
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


# Small ones ---------------------------------------------------------------

SMALL = [
    "faces.size=64",
    "faces.regions={eyes: [24, 48], nose: [24, 32], mouth: [28, 40]}",
    "graph.generator.width=8",
    "graph.discriminators.final.width=8",
    "data.train.people=3",
    "data.train.expressions=2",
    "data.test.people=2",
    "data.test.expressions=2",
    "train.steps=2",
    "train.batch_size=2",
    "train.critic_steps=2",
    "train.precision=fp32",
    "train.log_every=1",
]


def shrunk(name, *overrides):
    """The recipe at a size that takes a step in a blink."""
    parts = load_recipe(name).graph.params
    narrow = ["graph.refiner.width=8"] if parts["refiner"] else []
    narrow += ["graph.discriminators.initial.width=8"] if "initial" in parts["discriminators"] else []
    return load_recipe(name, overrides=[*SMALL, *narrow, *overrides])


# Structural ablations ---------------------------------------------------------------

CHANGED = {
    "no-local-focus": ("ef-gan", {"graph.branches"}),
    "no-refiner": ("ef-gan", {"graph.refiner"}),
    "single-critic": ("ef-gan", {"graph.discriminators.initial"}),
    "no-interpolator": (
        "cascade-ef-gan",
        {"graph.interpolator", "graph.au_discriminator", "losses.interpolation"},
    ),
}
"""By recipe, the whole that it is compared with, and every place in which it differs."""


def modules(name):
    """The graph's modules, each with the shapes of its parameters."""
    graph = build_graph(shrunk(name))
    parts = dict(graph.named_children())
    containers = {name: parts.pop(name) for name in ("generators", "initial_critics")}
    branches = {f"{name}.{region}": module for name, held in containers.items() for region, module in held.items()}
    return {
        part: {key: parameter.shape for key, parameter in module.named_parameters()}
        for part, module in {**parts, **branches}.items()
    }


@pytest.mark.parametrize("name", REMOVED)
def test_an_ablation_removes_what_it_says_and_leaves_the_rest(name):
    whole, left = modules("ef-gan"), modules(name)
    assert whole.keys() - left.keys() == REMOVED[name]
    assert {part: whole[part] for part in left} == left


@pytest.mark.parametrize("name", CHANGED)
def test_an_ablation_differs_from_the_whole_in_nothing_else(name):
    whole, changed = CHANGED[name]
    recipes = (load_recipe(which, allow_missing=True) for which in (whole, name))
    assert {difference.path for difference in diff(*recipes)} - {"name"} == changed


def test_without_local_focus_the_regions_can_still_be_measured():
    assert load_recipe("no-local-focus").faces == load_recipe("ef-gan").faces


# Two steps of each ---------------------------------------------------------------

LOGGED = {
    "ef-gan": {"adversarial", "conditional", "content", "attention", "interpolation"},
    "no-local-focus": {"adversarial", "conditional", "content", "attention", "interpolation"},
    "no-refiner": {"adversarial", "conditional", "content", "attention", "interpolation"},
    "single-critic": {"adversarial", "conditional", "content", "attention", "interpolation"},
    "ganimation": {"adversarial", "conditional", "content", "attention", "smoothness"},
    "stargan": {"adversarial", "conditional", "content"},
}
"""By recipe, the terms that its log shows."""


@pytest.fixture(scope="module")
def run_of(tmp_path_factory):
    """The folder of a run of two steps of a recipe, trained once."""

    @functools.cache
    def run_of(name, *overrides):
        folder = tmp_path_factory.mktemp("runs") / name
        train(shrunk(name, *overrides), run=folder, device="cpu", quiet=True)
        return folder

    return run_of


@pytest.mark.parametrize("name", LOGGED)
def test_a_published_recipe_takes_two_steps(name, run_of):
    lines = [json.loads(line) for line in (run_of(name) / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [1, 2]
    for line in lines:
        assert {loss.partition(".")[0] for loss in line["losses"]} == LOGGED[name]
        assert all(math.isfinite(loss) for loss in line["losses"].values())


def test_a_single_ef_gan_edits_the_same_with_and_without_its_interpolator(run_of):
    """It is trained beside the editing, which takes its targets from the data."""
    without = ("graph.interpolator=null", "graph.au_discriminator=null", "losses.interpolation=null")
    runs = (run_of("ef-gan", *without), run_of("ef-gan"))
    left, whole = (load_trained(run).graph.state_dict() for run in runs)
    assert set(whole) - set(left)
    assert all(torch.equal(weights, whole[name]) for name, weights in left.items())
