"""`efgan recipe`."""

import json
import re

import jsonschema
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
