"""A checked recipe: what it holds, what it builds, what it writes."""

import json
import subprocess

import jsonschema
import pytest
import torch
import yaml

from efgan_kit.errors import EfganError
from efgan_kit.recipe import (
    build_dataset,
    build_graph,
    build_losses,
    build_optimizer,
    build_schedule,
    load_recipe,
    lock,
    metric_makers,
)
from efgan_kit.recipe.diff import diff
from efgan_kit.recipe.inspection import inspect_graph, mermaid, values_in_use
from efgan_kit.recipe.schema import recipe_schema
from efgan_kit.registry import catalogue


@pytest.fixture
def toy(toy_plugin):
    return load_recipe("toy")


def test_defaults_are_filled_in(toy):
    generator = toy.graph.params["generator"]
    assert generator.params == {
        "width": 4, "upsampling": "near", "slope": 0.1, "fast": False, "steps": (1, 2), "label": None,
    }  # fmt: skip
    assert toy.train.batch_size == 2
    assert toy.metrics[0].use == "toy-error"


def test_a_weight_may_differ_by_player(toy_plugin):
    term = load_recipe("toy", ["losses.adversarial.weight={generator: 3}"]).losses["adversarial"]
    assert (term.weight_for("generator"), term.weight_for("discriminator")) == (3.0, 0.0)
    plain = load_recipe("toy").losses["content"]
    assert (plain.weight_for("generator"), plain.weight_for("interpolator")) == (10.0, 10.0)


@pytest.mark.parametrize(
    "overrides",
    [
        [],
        ["graph.generator.per_region={mouth: {width: 6}}", "losses.content.every=3"],
        ["optimizer.per_player={discriminator: {lr: 1e-3}}", "faces.regions=null", "faces.aus=openface-17"],
        ["graph.generator.label='1e-4'", "train={epochs: 2, ema: 0.999, precision: bf16}", "name=other"],
    ],
)
def test_the_resolved_recipe_loads_to_itself(toy_plugin, tmp_path, overrides):
    recipe = load_recipe("toy", overrides)
    path = tmp_path / "resolved.yaml"
    path.write_text(recipe.to_yaml())
    assert load_recipe(path) == recipe
    assert load_recipe(path).to_yaml() == recipe.to_yaml()


def test_builders_make_what_the_recipe_says(toy):
    graph = build_graph(toy)
    assert [module.region.name for module in graph.generators.values()] == ["face", "mouth"]
    assert list(build_losses(toy)) == ["content", "adversarial"]
    assert build_losses(toy)["adversarial"].penalty == 5.0
    assert (len(build_dataset(toy, "train")), len(build_dataset(toy, "test"))) == (8, 4)
    assert build_schedule(toy, steps=4, steps_per_epoch=2).steps == 4
    assert list(metric_makers(toy)) == ["toy-error"]


def test_a_region_and_a_player_get_parameters_of_their_own(toy_plugin):
    recipe = load_recipe(
        "toy",
        ["graph.generator.per_region={mouth: {width: 6}}", "optimizer.per_player={discriminator: {lr: 1}}"],
    )
    widths = {name: module.body[0].out_channels for name, module in build_graph(recipe).generators.items()}
    assert widths == {"face": 4, "mouth": 6}
    weights = [torch.nn.Parameter(torch.zeros(1))]
    rates = [
        build_optimizer(recipe, player, weights).defaults["lr"] for player in ("generator", "discriminator")
    ]
    assert rates == [0.01, 1.0]


def test_what_a_constructor_refuses_is_told_at_its_place_in_the_recipe(toy_plugin):
    recipe = load_recipe("toy", ["graph.generator.width=5"])
    with pytest.raises(
        EfganError, match=r"toy\.yaml:9:20: the generator 'toy-generator' cannot be made: width is 5"
    ):
        build_graph(recipe)


def test_data_that_the_recipe_lacks_are_asked_for(toy_plugin):
    recipe = load_recipe("toy", ["data.test=null"])
    with pytest.raises(EfganError, match=r"has no data\.test; give it with --data"):
        build_dataset(recipe, "test")


def test_missing_values_stand_when_a_recipe_is_only_looked_at(toy_plugin):
    recipe = load_recipe("toy", ["data.train.root=???"], allow_missing=True)
    assert recipe.missing == ("data.train.root",)
    with pytest.raises(EfganError, match=r"data\.train\.root: a value is missing"):
        load_recipe("toy", ["data.train.root=???"])


def test_a_graph_that_lacks_a_value_is_not_looked_at_but_asked_for(toy_plugin):
    recipe = load_recipe("toy", ["graph.generator.width=???"], allow_missing=True)
    with pytest.raises(EfganError, match=r"graph\.generator\.width: a value is missing; give it with -o graph"):
        inspect_graph(recipe)


def test_only_values_that_live_terms_ask_for_are_in_use(toy_plugin):
    assert set(values_in_use(load_recipe("toy"))) == {"edited", "verdict"}
    without = load_recipe("toy", ["losses.adversarial=null"])
    assert set(values_in_use(without)) == {"edited"}
    assert "  source --> edited" in mermaid(without).splitlines()
    assert "verdict" not in mermaid(without)


def test_the_cost_of_an_edit_is_counted_by_hand(toy):
    found = inspect_graph(toy)
    # A 1x1 convolution of a 64x64 picture: 2 * 64 * 64 * in * out operations.
    flops = 2 * 64 * 64 * (3 * 4 + 4 * 4)
    size = (3 * 4 + 4) + (4 * 4 + 4)
    rows = {row.name: (row.output, row.parameters, row.flops) for row in found.modules}
    assert rows == {
        "generators.face": ("3x64x64", size, flops),
        "generators.mouth": ("", size, 0),
        "critics.final": ("", 3 * 2 + 2, 0),
    }
    assert (found.parameters, found.flops) == (2 * size + 8, flops)


def test_a_difference_is_one_value_or_one_exchanged_component(toy):
    other = load_recipe(
        "toy", ["graph.generator.width=6", "losses.content={use: toy-adversarial}", "train.seed=0"]
    )
    assert [(d.path, d.before, d.after) for d in diff(toy, other)] == [
        ("graph.generator.width", 4, 6),
        (
            "losses.content",
            {"use": "toy-l1", "weight": 10.0, "every": 1},
            {"use": "toy-adversarial", "weight": 10.0, "every": 1, "penalty": 10.0},
        ),
    ]
    assert diff(toy, toy) == []


def test_the_lock_names_whose_components_made_the_run(toy):
    content = json.loads(json.dumps(lock(toy)))
    assert content["distributions"]["toy-plugin"] == "1.2"
    assert content["distributions"]["torch"] == torch.__version__
    assert content["components"]["loss:toy-l1"] == "toy-plugin"
    assert content["seed"] == 0
    assert content["hardware"]["cores"] >= 1


def test_the_lock_names_the_commit_of_the_recipes_repository(tmp_path, toy_plugin):
    path = tmp_path / "mine.yaml"
    path.write_text("recipe: 1\nextends: toy\n")
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    for command in (["init", "-q"], ["add", "."], [*identity, "commit", "-qm", "one"]):
        subprocess.run(["git", "-C", tmp_path, *command], check=True, capture_output=True)
    head = subprocess.run(
        ["git", "-C", tmp_path, "rev-parse", "HEAD"], check=True, capture_output=True, text=True
    )
    assert lock(load_recipe(path))["commit"] == {"id": head.stdout.strip(), "changed": False}
    path.write_text("recipe: 1\nextends: toy\ntrain: {seed: 3}\n")
    assert lock(load_recipe(path))["commit"]["changed"] is True


@pytest.fixture
def validator(toy_plugin):
    schema = recipe_schema(catalogue())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_the_schema_takes_recipes_whole_and_in_part(validator, toy):
    assert validator.is_valid(yaml.safe_load(toy.to_yaml()))
    part = {
        "recipe": 1,
        "extends": "toy",
        "losses": {"content": None},
        "graph": {"generator": {"width": "???"}},
    }
    assert validator.is_valid(part)


@pytest.mark.parametrize(
    "change",
    [
        {"recipe": 2},
        {"shedule": {}},
        {"train": {"batch_size": 0}},
        {"train": {"precision": "fp8"}},
        {"faces": {"size": 66}},
        {"graph": {"use": "toy-grph"}},
        {"graph": {"use": "toy-graph", "generator": {"use": "toy-generator", "widht": 3}}},
        {"graph": {"use": "toy-graph", "generator": {"use": "toy-generator", "width": "wide"}}},
        {"graph": {"use": "toy-graph", "critics": {"final": {"use": "toy-generator"}}}},
        {"losses": {"content": {"use": "toy-l1", "weight": {"generater": 1}}}},
        {"optimizer": {"use": "toy-sgd", "per_player": {"discriminator": {"rl": 1}}}},
    ],
)
def test_the_schema_refuses_what_loading_refuses(validator, change):
    assert not validator.is_valid({"recipe": 1, **change})
