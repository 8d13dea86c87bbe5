"""`efgan study`: what it plans, what it refuses, and what a failed training comes to."""

import json
from pathlib import Path

import pytest

TINY = Path(__file__).parents[1] / "training" / "recipes" / "tiny.yaml"
STUDY = """
study: 1
name: small
seeds: [0]
arms:
  whole: {{recipe: {tiny}, overrides: [train.steps=1]}}
  long: {{recipe: {tiny}, overrides: [train.steps=null, train.epochs=2]}}
comparisons:
  - {{arm: whole, against: long, claim: less is more}}
"""


@pytest.fixture
def study(tmp_path, monkeypatch):
    from efgan_kit.evaluation.study import read

    monkeypatch.setattr(read, "inspect_graph", lambda recipe: None)
    path = tmp_path / "small.yaml"
    path.write_text(STUDY.format(tiny=TINY))
    return path


def test_a_plan_shows_what_there_is_to_do_and_writes_nothing(efgan, study, tmp_path):
    answer = efgan("study", study, "--run", tmp_path / "DIR", "--seeds", "0,3", "--plan")
    assert answer.code == 0, answer.err
    for word in ("whole/seed-3", "long/seed-0", "2 epochs", "arms: 2, seeds: 2; 4 of 4 runs to do"):
        assert word in answer.out
    assert not (tmp_path / "DIR").exists()


def test_a_plan_for_programs(efgan, study, tmp_path):
    document = json.loads(efgan("study", study, "--run", tmp_path / "DIR", "--plan", "--json").out)
    assert [(cell["arm"], cell["seed"], cell["steps"], cell["state"]) for cell in document["cells"]] == [
        ("whole", 0, 1, "to do"), ("long", 0, None, "to do"),
    ]  # fmt: skip


def test_a_failed_training_is_reported_with_its_log_and_exit_code_2(efgan, study, tmp_path, monkeypatch):
    from efgan_kit.evaluation.study import cells

    monkeypatch.setattr(cells, "command_for", lambda *_: ["sh", "-c", "echo error: out of luck; exit 1"])
    answer = efgan("study", study, "--run", tmp_path / "DIR")
    assert answer.code == 2
    assert "exit code 1: error: out of luck; see" in answer.err
    assert "seed-0.log; the same command tries it again" in answer.err
    assert "missing: whole/seed-0: exit code 1" in answer.out
    assert "Traceback" not in answer.err
    assert json.loads((tmp_path / "DIR" / "report.json").read_text())["missing"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["papr"], "did you mean 'paper'?"),
        (["{study}", "--seeds", "0,x"], "are not whole numbers separated by commas"),
        (["{study}", "--seeds", "1,1"], "1 stands there twice"),
        (["{study}", "--jobs", "0"], "--jobs"),
        (["{study}", "-o", "train.stpes=1"], "did you mean 'steps'?"),
        (["{study}", "--device", "tpu"], "there is no 'tpu'"),
        (["{study}", "--launcher", "locla"], "no launcher is called 'locla'; did you mean 'local'?"),
        (["{study}", "--launcher-option", "cpus=2"], "'local' (efgan-kit 0.1.0) has no parameter 'cpus'"),
        (["{study}", "--run", "{study}"], "something in this folder already"),
    ],
)
def test_faults_are_refused_and_nothing_is_written(efgan, study, tmp_path, arguments, message, monkeypatch):
    monkeypatch.chdir(tmp_path)
    answer = efgan("study", *(word.format(study=study) for word in arguments))
    assert answer.code == 2
    assert message in answer.err
    assert "Traceback" not in answer.err
    assert [path.name for path in tmp_path.iterdir()] == ["small.yaml"]
