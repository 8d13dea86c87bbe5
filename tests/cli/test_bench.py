"""`efgan bench` as it is called: one document for scripts, tables for people, one message for mistakes."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TINY = str(Path(__file__).parents[1] / "training" / "recipes" / "tiny.yaml")


def bench(*words):
    return subprocess.run(
        [sys.executable, "-m", "efgan_kit", "bench", *words], capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def measured():
    done = bench(TINY, "--only", "step", "--only", "where", "--rounds", "1", "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_step_stands_beside_the_reference(measured):
    assert measured["step"].keys() == {"reference", "fp32", "bf16"}
    assert measured["step"]["reference"]["parity"] is None
    assert measured["step"]["fp32"]["parity"]["losses"] < 1e-5
    assert measured["step"]["fp32"]["speed"]["median"] > 0
    assert measured["step"]["fp32"]["flops"] < measured["step"]["reference"]["flops"]
    assert measured["peaks"].keys() == {"fp32", "bf16"}
    assert measured["machine"]["threads"] == 1
    assert len(measured["load"]) == 2


def test_the_time_is_told_by_player_and_part(measured):
    assert measured["phases"].keys() == {"generator", "discriminator", "interpolator"}
    assert measured["parts"]["final_critic"]["calls"] > 0


def test_what_was_not_asked_for_is_not_measured(measured):
    assert measured["without"] == measured["scaling"] == {}
    assert measured["waiting"] == measured["editing"] == []
    assert measured["loading"] is None


def test_what_was_measured_is_told_although_another_section_fails(tmp_path):
    shutil.copy(TINY, tmp_path / "recipe.yaml")  # a run without weights to edit with
    done = bench(str(tmp_path), "--only", "where", "--only", "editing", "--json")
    assert done.returncode == 2
    assert "checkpoint" in done.stderr
    assert "Traceback" not in done.stderr
    found = json.loads(done.stdout)
    assert found["phases"]
    assert not found["editing"]
    assert "checkpoint" in found["faults"][0]["what"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["no-such-recipe"], "no-such-recipe"),
        ([TINY, "--only", "speed"], "speed"),
        ([TINY, "-o", "train.batchsize=2"], "batch_size"),
        ([TINY, "--precision", "fp16", "--device", "cpu", "--only", "step"], "fp16"),
        ([TINY, "--device", "cuda:9"], "cuda:9"),
        ([TINY, "-o", "data.train={use: photo-folder, root: ???}", "--only", "loading"], "data.train.root"),
    ],
)
def test_a_mistake_is_one_message(words, told):
    done = bench(*words)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert not done.stdout
