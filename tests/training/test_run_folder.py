"""A run folder: what is promised is there, and what can't be written is one clear message."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from efgan_kit.api import EfganError
from efgan_kit.files import write_atomically, write_json
from efgan_kit.training.run_folder import RunFolder


@pytest.fixture
def run(tmp_path):
    folder = RunFolder(tmp_path / "run")
    folder.begin("recipe: 1\n", {"seed": 0})
    return folder


def test_a_run_begins_with_its_recipe_and_lock(run):
    assert run.recipe.read_text() == "recipe: 1\n"
    assert json.loads(run.lock.read_text()) == {"seed": 0}
    assert run.samples.is_dir()
    assert run.checkpoints.is_dir()


def test_what_a_killed_beginning_left_is_cleared_and_nothing_else(run, tmp_path):
    run.make_room()
    assert run.begun(), "a run is something"
    other = RunFolder(tmp_path / "other")
    other.samples.mkdir(parents=True)
    other.make_room()
    other.must_be_free()
    other.samples.mkdir(parents=True)
    (other.path / "mine.txt").write_text("dear")
    with pytest.raises(EfganError, match="something in this folder"):
        other.make_room()
    assert (other.path / "mine.txt").read_text() == "dear"


def test_a_new_run_needs_a_new_or_empty_folder(run, tmp_path):
    with pytest.raises(EfganError, match="there is something in this folder already; go on with --resume"):
        run.begin("recipe: 1\n", {})
    (tmp_path / "other").mkdir()
    RunFolder(tmp_path / "other").begin("recipe: 1\n", {})
    (tmp_path / "file").write_text("mine")
    with pytest.raises(EfganError, match="choose another --run"):
        RunFolder(tmp_path / "file").begin("recipe: 1\n", {})
    assert (tmp_path / "file").read_text() == "mine"


def test_a_folder_that_cannot_be_made_is_told_and_nothing_is_left(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(EfganError, match="can't be written: Not a directory"):
        RunFolder(tmp_path / "file" / "run").begin("recipe: 1\n", {})


def test_a_run_that_cannot_be_begun_leaves_nothing_behind(tmp_path, monkeypatch):
    def full(self, *arguments, **options):
        raise OSError(28, "No space left on device")

    empty = tmp_path / "empty"
    empty.mkdir()
    monkeypatch.setattr(Path, "open", full)
    for folder in (tmp_path / "new", empty):
        with pytest.raises(EfganError, match="No space left on device"):
            RunFolder(folder).begin("recipe: 1\n", {})
    assert list(tmp_path.iterdir()) == [empty]
    assert list(empty.iterdir()) == []


def test_what_is_no_run_is_told(tmp_path):
    with pytest.raises(EfganError, match="no such folder"):
        RunFolder(tmp_path / "run").must_exist()
    with pytest.raises(EfganError, match=r"not the folder of a run: it has no recipe\.yaml"):
        RunFolder(tmp_path).must_exist()


def test_a_log_on_a_full_disk_is_told(run):
    run.log.symlink_to("/dev/full")
    with pytest.raises(EfganError, match=r"log\.jsonl: can't be written: No space left on device"):
        run.append_log({"step": 1})


def test_a_summary_that_cannot_be_written_is_told(run):
    run.summary.with_name(".summary.json.part").mkdir()
    with pytest.raises(EfganError, match=r"summary\.json: can't be written: Is a directory"):
        run.write_summary({"steps": 1})


def test_a_summary_is_read_back_and_a_damaged_one_is_as_good_as_none(run):
    assert run.read_summary() == {}
    run.write_summary({"steps": 3})
    assert run.read_summary() == {"steps": 3}
    for damaged in ('{"steps"', "[1]"):
        run.summary.write_text(damaged)
        assert run.read_summary() == {}


@given(st.lists(st.integers(1, 9), max_size=6), st.integers(0, 10), st.text(max_size=20))
def test_a_log_is_cut_after_a_step_and_keeps_no_half_line(tmp_path_factory, steps, last, rest):
    run = RunFolder(tmp_path_factory.mktemp("run"))
    lines = [json.dumps({"step": step}) for step in steps]
    broken = rest.replace("\n", "").replace("\r", "")
    run.log.write_text("".join(f"{line}\n" for line in lines) + '{"step": 1, "seco' + broken, encoding="utf-8")
    run.cut_log(last)
    found = [json.loads(line) for line in run.log.read_text(encoding="utf-8").splitlines()]
    assert found == [{"step": step} for step in steps if step <= last]


def test_cutting_a_log_that_is_not_there_makes_none(run):
    run.cut_log(3)
    assert not run.log.exists()


def test_json_is_complete_or_the_one_before(run, monkeypatch):
    write_json(run.summary, {"steps": 1})
    with pytest.raises(TypeError):
        write_json(run.summary, {"steps": object()})
    assert json.loads(run.summary.read_text()) == {"steps": 1}
    monkeypatch.setattr("os.fsync", lambda descriptor: (_ for _ in ()).throw(OSError(5, "Input/output error")))
    with pytest.raises(OSError, match="Input/output"):
        write_atomically(run.summary, b"half")
    assert json.loads(run.summary.read_text()) == {"steps": 1}
