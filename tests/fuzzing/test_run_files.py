"""What a run keeps of itself, damaged: a training that goes on with it refuses in words, or goes on rightly."""

import json
import math
import shutil

import pytest
from hypothesis import example, given

from efgan_kit.recipe import load_recipe
from efgan_kit.training.resuming import changes_since
from efgan_kit.training.run_folder import RunFolder

from .damage import damaged, refused_or_right


@pytest.fixture(scope="module")
def run(tmp_path_factory, tiny_run):
    """A run of two steps that goes on otherwise than it was begun, and its files as they are."""
    folder = RunFolder(tmp_path_factory.mktemp("run_files") / "run")
    shutil.copytree(tiny_run, folder.path)
    recipe = load_recipe(folder.recipe, overrides=["losses.content.weight=2"])
    changes_since(recipe, folder).record(folder, recipe, 2)
    return folder


@pytest.fixture
def recipe(run):
    return load_recipe(run.recipe, overrides=["losses.content.weight=3"])


def test_a_damaged_log_keeps_its_sound_lines(run, fuzzed):
    lines = run.log.read_text().splitlines()
    whole = "".join(line + "\n" for line in lines).encode()

    @fuzzed
    @given(damaged(whole))
    @example(b'{"step": 1' + b"0" * 400 + b"}\n" + whole)
    @example(b"[" * 100_000 + b"\n" + whole)
    @example(b'{"step": true, "step": NaN}\n')
    def holds(data):
        run.log.write_bytes(data)
        sound = [line for line in lines if line.encode() in data.splitlines()]
        if refused_or_right(lambda: run.cut_log(2)) is None:
            return
        kept = run.log.read_text(encoding="utf-8").splitlines()
        assert all(math.isfinite(json.loads(line)["step"]) for line in kept)
        assert all(line in kept for line in sound)

    holds()
    run.log.write_bytes(whole)


def test_a_damaged_lock_shows_what_differs_and_can_be_gone_on_with(run, recipe, fuzzed):
    whole = run.lock.read_bytes()

    @fuzzed
    @given(damaged(whole))
    @example(b'{"distributions": 3, "changes": 4}')
    @example(b'{"changes": {"step": 1}, "distributions": {"torch": {}, "": null}}')
    @example(b'{"start_from": ' + b"[" * 100_000)
    def holds(data):
        run.lock.write_bytes(data)
        changes = refused_or_right(lambda: changes_since(recipe, run))
        if changes is not None:
            assert changes.recipe
            before = run.recipe.read_bytes()
            changes.record(run, recipe, 2)
            assert json.loads(run.lock.read_bytes())["changes"][-1]["step"] == 2
            run.recipe.write_bytes(before)

    holds()
    run.lock.write_bytes(whole)


def test_a_damaged_summary_is_one_or_none(run, fuzzed):
    whole = run.summary.read_bytes()

    @fuzzed
    @given(damaged(whole))
    @example(b'{"stepz": 2}')
    @example(b'{"steps": "2"}')
    @example(b"[" * 100_000)
    def holds(data):
        run.summary.write_bytes(data)
        summary = refused_or_right(run.read_summary)
        assert not summary or type(summary["steps"]) is int

    holds()
    run.summary.write_bytes(whole)
