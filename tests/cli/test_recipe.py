"""`efgan recipe`."""

import json
import re

import jsonschema
import pytest
import yaml


def test_list_names_recipes_with_their_first_comment(efgan, toy_plugin):
    answer = efgan("recipe", "list")
    assert answer.code == 0
    assert re.search(r"^toy +The smallest recipe there is$", answer.out, re.MULTILINE)
    assert "toy-base" not in answer.out
    listed = {recipe["name"]: recipe for recipe in json.loads(efgan("recipe", "list", "--json").out)}
    assert listed["toy"]["summary"] == "The smallest recipe there is"


def test_show_prints_the_resolved_recipe(efgan, toy_plugin):
    answer = efgan("recipe", "show", "toy", "-o", "train.seed=5")
    assert answer.code == 0
    shown = yaml.safe_load(answer.out)
    assert (shown["train"]["seed"], shown["graph"]["generator"]["slope"]) == (5, 0.1)
    assert json.loads(efgan("recipe", "show", "toy", "-o", "train.seed=5", "--json").out) == shown


def test_check_prints_modules_parameters_and_flops(efgan, toy_plugin):
    answer = efgan("recipe", "check", "toy", "-o", "data.train.root=???")
    assert answer.code == 0
    row = next(line.split() for line in answer.out.splitlines() if "generators.face" in line)
    assert row == ["generators.face", "ToyGenerator", "3x64x64", "36", "0.000"]
    assert "toy: 80 parameters" in answer.out
    assert "still to be given: -o data.train.root=..." in answer.out
    document = json.loads(efgan("recipe", "check", "toy", "--json").out)
    assert (document["parameters"], document["missing"]) == (80, [])


def test_check_refuses_what_a_constructor_refuses(efgan, toy_plugin):
    answer = efgan("recipe", "check", "toy", "-o", "graph.generator.width=5")
    assert answer.code == 2
    assert answer.err.endswith("the generator 'toy-generator' cannot be made: width is 5: it must be even\n")


def test_check_refuses_parts_that_do_not_fit(efgan, toy_plugin, monkeypatch):
    import toy_components
    from torch import nn

    monkeypatch.setattr(toy_components.ToyGenerator, "forward", lambda self, *_: nn.Linear(3, 4)(_[0]))
    answer = efgan("recipe", "check", "toy")
    assert answer.code == 2
    assert "the parts of 'toy-graph' do not fit together" in answer.err


def test_graph_shows_lists_as_the_recipe_writes_them(efgan):
    tree = efgan("recipe", "graph", "no-local-focus").out
    assert "graph: ef-gan (branches=[face], soft_edge=0" in tree
    assert "optimizer: adam (lr=0.0001, betas=[0.5, 0.999]" in tree


def test_graph_draws_components_or_values(efgan, toy_plugin):
    tree = efgan("recipe", "graph", "toy").out
    assert "generator: toy-generator (width=4" in tree
    assert "critics.final: toy-critic (layers=2)" in tree
    values = efgan("recipe", "graph", "toy", "--values").out
    assert values.startswith("flowchart LR\n")
    assert "edited --> verdict" in values


def test_diff_shows_what_differs(efgan, toy_plugin, tmp_path):
    other = tmp_path / "other.yaml"
    other.write_text("recipe: 1\nextends: toy\nname: toy\ngraph: {generator: {width: 6}}\n")
    assert efgan("recipe", "diff", "toy", "toy").out == "no difference\n"
    line = next(line for line in efgan("recipe", "diff", "toy", other).out.splitlines() if "width" in line)
    assert line.split() == ["graph.generator.width", "4", "6"]
    assert json.loads(efgan("recipe", "diff", "toy", other, "--json").out) == [
        {"path": "graph.generator.width", "before": 4, "after": 6}
    ]


def test_copy_writes_a_file_and_never_over_one(efgan, toy_plugin, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert efgan("recipe", "copy", "toy").out == "toy.yaml\n"
    assert (tmp_path / "toy.yaml").read_text() == (toy_plugin / "recipes" / "toy.yaml").read_text()
    (tmp_path / "toy.yaml").write_text("mine")
    answer = efgan("recipe", "copy", "toy")
    assert (answer.code, answer.err) == (2, "error: toy.yaml: exists already; name another file\n")
    assert (tmp_path / "toy.yaml").read_text() == "mine"
    assert efgan("recipe", "copy", "toy", "nowhere/toy.yaml").code == 2


def test_schema_is_one_json_document(efgan, toy_plugin):
    jsonschema.Draft202012Validator.check_schema(json.loads(efgan("recipe", "schema").out))


def test_an_unknown_recipe_is_answered_with_the_nearest(efgan, toy_plugin):
    answer = efgan("recipe", "show", "toi")
    assert (answer.code, answer.err) == (2, "error: no recipe is called 'toi'; did you mean 'toy'?\n")


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("graph.generator.width=0", "the generator 'warp-and-paint' cannot be made: width is 0: 1 or more is wanted"),
        ("graph.generator.width=-3", "the generator 'warp-and-paint' cannot be made: width is -3: 1 or more is wanted"),
        ("graph.generator.width=1000000000000", "the generator 'warp-and-paint' cannot be made: Storage size"),
        ("graph.discriminators.initial.width=0", "the discriminator 'patch-critic' cannot be made: width is 0"),
        ("graph.soft_edge=-4", "the graph 'ef-gan' cannot be made: soft_edge is -4"),
        ("losses.conditional.steps=-1", "the loss 'au-teacher' cannot be made: steps is -1"),
        ("losses.conditional.teachers=0", "the loss 'au-teacher' cannot be made: teachers is 0"),
        ("optimizer.lr=-1", "the optimizer 'muon' cannot be made: Invalid learning rate"),
        ("optimizer.per_player={discriminator: {lr: -1}}", "the optimizer 'muon' cannot be made: Invalid learning"),
        ("optimizer.iterations=0", "the optimizer 'muon' cannot be made: iterations is 0"),
        ("optimizer.betas=[0.9, 2]", "the optimizer 'muon' cannot be made: the second of betas is 2"),
        ("optimizer.betas=[0.5]", "optimizer.betas: expected a list of 2, not of 1"),
        ("schedule.constant_share=2", "the schedule 'constant-then-linear' cannot be made: constant_share is 2"),
    ],
)
def test_check_names_what_a_constructor_refuses(efgan, override, message):
    answer = efgan("recipe", "check", "quickstart", "-o", override)
    assert answer.code == 2
    assert message in answer.err


def test_check_leaves_open_what_is_still_to_be_given(efgan):
    missing = ["optimizer.lr", "schedule.warmup_steps", "train.steps"]
    answer = efgan("recipe", "check", "quickstart", *(word for key in missing for word in ("-o", f"{key}=???")))
    assert answer.code == 0, answer.err
    assert [line for line in answer.out.splitlines() if "to be given" in line] == [
        f"still to be given: -o {key}=..." for key in missing
    ]


def test_a_folder_is_not_a_recipe_and_is_not_proposed(efgan, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.yaml").mkdir()
    assert efgan("recipe", "show", "mine.yaml").err == (
        "error: mine.yaml is a folder, not a recipe file; name a file in it\n"
    )
    assert "did you mean" not in efgan("recipe", "show", "mind.yaml").err
