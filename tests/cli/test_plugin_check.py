"""`efgan plugin check`."""

import json
from pathlib import Path

import pytest

CARELESS = Path(__file__).parents[1] / "plugins" / "careless"


@pytest.fixture
def careless_plugin(monkeypatch, fresh_registry):
    monkeypatch.syspath_prepend(str(CARELESS))


def test_a_broken_contract_is_told_with_what_was_seen_and_exit_code_2(efgan, careless_plugin):
    answer = efgan("plugin", "check", "careless-plugin", "--component", "tensorial")
    assert answer.code == 2
    assert "metric:tensorial: gives_named_figures\n  contract: figures are floats" in answer.out
    assert "  seen: {'mean': 'Tensor'}\n  read: docs/conformance.md#gives_named_figures\n" in answer.out
    told = "error: careless-plugin: breaks 1 of 10 contracts; read docs/conformance.md#gives_named_figures"
    assert told in answer.err


def test_what_keeps_its_contracts_exits_with_0(efgan, careless_plugin):
    answer = efgan("plugin", "check", "careless_plugin", "--component", "good")
    assert (answer.code, answer.err) == (0, "")
    row = next(line.split() for line in answer.out.splitlines() if line.strip().startswith("generator:good"))
    assert row[:2] == ["generator:good", "22"]


def test_json_is_one_document_also_of_components_that_print(efgan, careless_plugin):
    answer = efgan("plugin", "check", "careless-plugin", "--component", "talkative", "--json")
    assert answer.code == 2
    document = json.loads(answer.out)
    assert (document["package"], document["broken"], document["not_examined"]) == ("careless-plugin", 1, 0)
    (broken,) = [check for check in document["checks"] if check["outcome"] == "broken"]
    assert broken["component"] == "talkative"
    assert broken["kind"] == "generator"
    assert broken["check"] == "prints_nothing"
    assert broken["distribution"] == "careless-plugin"
    assert broken["seen"] == "'editing 2 faces\\n'"


def test_what_can_not_be_examined_is_a_failure_only_if_asked(efgan, toy_plugin):
    lax = efgan("plugin", "check", "toy-plugin", "--component", "toy-far")
    assert lax.code == 0
    assert "not examined: generator:toy-far: can_be_examined and" in lax.out
    assert "pip install 'toy-plugin[far]'" in lax.out
    strict = efgan("plugin", "check", "toy-plugin", "--component", "toy-far", "--strict")
    assert strict.code == 2
    assert "could not be examined here" in strict.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["careless-plugn"], "careless-plugn: no such plugin is installed; did you mean 'careless-plugin'?"),
        (["careless-plugin", "--component", "tensorail"], "no component called 'tensorail'; did you mean 'tensorial'?"),
        (["careless-plugin", "--kind", "launcher"], "careless-plugin: offers no launcher"),
    ],
)
def test_a_wrong_name_is_answered_with_the_nearest(efgan, careless_plugin, arguments, words):
    answer = efgan("plugin", "check", *arguments)
    assert answer.code == 2
    assert words in answer.err


def test_a_plugin_that_can_not_be_loaded_is_told_and_stops_no_other(efgan, tmp_path, monkeypatch, fresh_registry):
    info = tmp_path / "moon-3.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: moon\nVersion: 3\n")
    (info / "entry_points.txt").write_text("[efgan_kit]\nmoon = moon_plugin_nobody_has\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    answer = efgan("plugin", "check", "moon")
    assert answer.code == 2
    assert "moon_plugin_nobody_has" in answer.out
    assert efgan("recipe", "list").code == 0
