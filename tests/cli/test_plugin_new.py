"""`efgan plugin new`."""

import json

import pytest

from efgan_kit.scaffold.kinds import STARTERS


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch, fresh_registry):
    monkeypatch.chdir(tmp_path)


def test_it_writes_the_package_here_and_says_how_to_go_on(efgan, tmp_path):
    answer = efgan("plugin", "new", "efgan-kit-moonlight", "--kind", "loss")
    assert (answer.code, answer.err) == (0, "")
    lines = answer.out.splitlines()
    assert lines[0] == "efgan-kit-moonlight: 12 files of efgan-kit-moonlight, with the loss 'moonlight'"
    assert [line.strip() for line in lines if line.startswith("  ")] == [
        "cd efgan-kit-moonlight",
        "pip install -e '.[test]'",
        "pytest",
        "efgan plugin check efgan-kit-moonlight",
        "efgan train moonlight-quickstart --no-evaluate",
    ]
    assert "efgan-kit-moonlight/efgan_kit_moonlight/losses.py" in lines[-1]
    assert (tmp_path / "efgan-kit-moonlight" / "efgan_kit_moonlight" / "losses.py").is_file()


def test_a_metric_is_tried_by_the_evaluation(efgan):
    answer = efgan("plugin", "new", "efgan-kit-moonlight", "--kind", "metric")
    assert "  efgan train moonlight-quickstart\n" in answer.out


def test_as_json_it_lists_the_files(efgan, tmp_path):
    answer = efgan("plugin", "new", "efgan-kit-moonlight", "--kind", "graph", "--out", tmp_path / "m", "--json")
    document = json.loads(answer.out)
    files = document.pop("files")
    assert document == {
        "name": "efgan-kit-moonlight",
        "kind": "graph",
        "component": "moonlight",
        "recipe": "moonlight-quickstart",
        "folder": str(tmp_path / "m"),
    }
    assert sorted(files) == sorted(str(path) for path in (tmp_path / "m").rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["../moon", "--kind", "loss"], "error: ../moon: is a path; give a name"),
        (["class", "--kind", "loss"], "error: class: 'class' is a word of Python's own"),
        (["pluggy", "--kind", "loss"], "error: pluggy: a distribution 'pluggy' is installed already"),
        (["efgan-moon", "--kind", "los"], "'los' is not one of"),
        (["efgan-moon"], "Missing option '--kind'"),
        (["efgan-moon", "--kind", "loss", "--out", "."], "error: .: exists already"),
        (["efgan-moon", "--kind", "loss", "--out", ""], "it is empty; give a path"),
    ],
)
def test_bad_input_is_one_message_and_nothing_is_written(arguments, what, efgan, tmp_path):
    answer = efgan("plugin", "new", *arguments)
    assert (answer.code, answer.out) == (2, "")
    assert what in answer.err
    assert list(tmp_path.iterdir()) == []


def test_a_second_time_is_refused(efgan, tmp_path):
    efgan("plugin", "new", "efgan-kit-moonlight", "--kind", "loss", "--author", "Ada")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    answer = efgan("plugin", "new", "efgan-kit-moonlight", "--kind", "metric", "--author", "Eve")
    assert answer.code == 2
    assert answer.err.startswith("error: efgan-kit-moonlight: exists already, and nothing is overwritten;")
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_its_help_names_every_kind(efgan):
    shown = efgan("plugin", "new", "--help").out
    assert all(kind in shown for kind in STARTERS)
