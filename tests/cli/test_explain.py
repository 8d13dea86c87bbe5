"""`efgan explain`: tables and sentences for people, one document for scripts."""

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

ROOT = Path(__file__).parents[2]
NUMBER = {"type": ["number", "null"]}
RANGE = {
    "type": "object", "properties": {"mean": NUMBER, "low": NUMBER, "high": NUMBER},
    "required": ["mean", "low", "high"], "additionalProperties": False,
}  # fmt: skip


def record(**properties):
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def by_name(values):
    return {"type": "object", "additionalProperties": values}


def listed(items):
    return {"type": "array", "items": items}


STRING, INTEGER, BOOLEAN = ({"type": kind} for kind in ("string", "integer", "boolean"))
SHARE = record(norm=RANGE, share=RANGE, along=RANGE)
TERM = record(
    weight={"type": "number"}, every=INTEGER, loss=RANGE, whole=SHARE, parts=by_name(SHARE), zero=BOOLEAN,
    small=BOOLEAN, alive=listed(STRING), dead=BOOLEAN,
)  # fmt: skip
PAIR = record(terms=listed(STRING), cosine=RANGE, below=INTEGER, fights=BOOLEAN)
MAP = record(
    mean=RANGE, low=RANGE, high=RANGE, entropy=RANGE, spread=RANGE,
    verdict={"enum": ["copies", "repaints", "flat", "fine"]},
)  # fmt: skip
MOMENT = record(step=INTEGER, players=by_name(record(terms=by_name(TERM), pairs=listed(PAIR))), attention=by_name(MAP))
DOCUMENT = record(
    run=STRING, recipe=STRING, device=STRING, batches=INTEGER, faces=INTEGER, first_step=INTEGER,
    limits=record(dead=NUMBER, fights=NUMBER), absent=by_name(by_name(STRING)), idle=by_name(STRING),
    logged={"anyOf": [{"type": "null"}, record(steps=listed(INTEGER), means=by_name(listed(NUMBER)))]},
    checkpoints=listed(MOMENT), findings=listed(STRING),
)  # fmt: skip


def test_a_run_is_explained_as_a_user_asks_for_it(tiny_run, tmp_path):
    """In a process of its own: nothing is left in the run, and stdout holds the document alone."""
    before = {path: path.read_bytes() for path in tiny_run.rglob("*") if path.is_file()}
    words = [sys.executable, "-m", "efgan_kit", "explain", tiny_run, "--batches", "1", "--device", "cpu", "--json"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=tmp_path, env=environment)
    assert done.returncode == 0, done.stderr
    jsonschema.validate(json.loads(done.stdout), DOCUMENT)
    assert {path: path.read_bytes() for path in tiny_run.rglob("*") if path.is_file()} == before
    assert list(tmp_path.iterdir()) == []


def test_tables_and_findings(efgan, tiny_run):
    answer = efgan("explain", tiny_run, "--batches", "2", "--device", "cpu")
    assert answer.code == 0, answer.err
    for word in ("step 2: 2 batches of 4 faces", "generator: the terms' weighted gradients", "content", "100 %",
                 "generators.mouth", "attention maps at step 2", "learns nothing in this run"):  # fmt: skip
        assert word in answer.out


def test_a_cascade_and_files(efgan, same_weights, tmp_path):
    out = tmp_path / "new" / "out"
    answer = efgan("explain", same_weights.cascade, "--batches", "1", "--device", "cpu", "--json", "--out", out)
    assert answer.code == 0, answer.err
    document = json.loads(answer.out)
    jsonschema.validate(document, DOCUMENT)
    assert json.loads((out / "explanation.json").read_text()) == document
    parts = document["checkpoints"][-1]["players"]["generator"]["terms"]["content"]["parts"]
    assert {"refiner@1", "generators.face@3"} <= set(parts)
    assert "| generators.mouth@3 |" in (out / "explanation.md").read_text()
    assert answer.err.count("written: ") == 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("nowhere",), "nowhere: no such folder; a run folder is what"),
        (("{run}", "--batches", "0"), "--batches"),
        (("{run}", "--checkpoints", "some"), "--checkpoints"),
        (("{run}", "--dead", "2"), "--dead"),
        (("{run}", "--fights", "0.5"), "--fights"),
        (("{run}", "--out", "{run}/recipe.yaml"), "recipe.yaml"),
        ((), "RUN"),
    ],
)
def test_faults_are_refused(efgan, tiny_run, words, message):
    answer = efgan("explain", *(word.format(run=tiny_run) for word in words))
    assert (answer.code, answer.out) == (2, "")
    assert message in answer.err
    assert "Traceback" not in answer.err


def test_limits_are_the_users(efgan, tiny_run):
    words = ("explain", tiny_run, "--batches", "1", "--device", "cpu", "--json")
    document = json.loads(efgan(*words, "--dead", "0.2", "--fights", "-0.5").out)
    assert document["limits"] == {"dead": 0.2, "fights": -0.5}
