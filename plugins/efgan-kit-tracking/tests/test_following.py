"""Trainings as trackers hear of them, with a tracker that needs no engine; and trackers that fail."""

import subprocess
import sys
import threading
import time

import pytest
from efgan_kit_tracking import following, trackers

from efgan_kit.api import EfganError


class Diary:
    """Notes what it is told; fails or dawdles where it is asked to."""

    def __init__(self, run=None, kept=None):
        self.told, self.made_for = [], (run, kept)
        self.fails_at, self.dawdles = None, 0.0

    def __getattr__(self, event):
        def tell(*arguments):
            time.sleep(self.dawdles)
            if event == self.fails_at:
                raise ConnectionError("the server\nis down")
            self.told.append((event, *arguments))

        return tell


@pytest.fixture
def diaries(monkeypatch):
    """`diaries("a", "b")`: these are wanted, and kept here by name."""
    kept = {}

    def make(name, run, step):
        kept[name].made_for = (run, step)
        return kept[name]

    def wish(*names):
        kept.update({name: Diary() for name in names})
        monkeypatch.setattr(following, "wanted", lambda: (list(names), []))
        monkeypatch.setattr(following, "make", make)
        return [kept[name] for name in names]

    return wish


def test_nothing_happens_unasked(train):
    before = set(threading.enumerate())
    run = train()
    assert following._followed.workers == []
    assert set(threading.enumerate()) == before
    assert sorted(path.name for path in run.iterdir()) == sorted(
        ["checkpoints", "lock.json", "log.jsonl", "recipe.yaml", "samples", "summary.json"]
    )


def test_being_found_imports_neither_torch_nor_an_engine():
    heavy = ["torch", "mlflow", "tensorboard", "yaml", "efgan_kit_tracking.following"]
    code = f"import sys, efgan_kit_tracking; print(set({heavy}) & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("set()\n", "")


def test_a_tracker_hears_of_a_training_in_order(diaries, train, logged):
    (diary,) = diaries("diary")
    run = train()
    assert diary.made_for == (run, 0)
    # Checkpoints are written beside the training, and told of when they stand.
    assert [told[0] for told in diary.told if told[0] != "saved"] == [
        "described", *["logged"] * 4, "drawn", *["logged"] * 4, "drawn", "ended",
    ]  # fmt: skip
    assert diary.told[0][1]["losses"]["content"]["use"] == "cycle-l1"
    assert [told[1] for told in diary.told if told[0] == "logged"] == logged(run)
    assert diary.told[5][1:3] == (4, run / "samples" / "0000004.png")
    saved = [told[1:] for told in diary.told if told[0] == "saved"]
    assert saved == [(step, run / "checkpoints" / f"{step:07d}") for step in (4, 8)]
    assert diary.told[-1] == ("ended", "finished", "", 8)


def test_a_training_that_is_stopped_and_goes_on(diaries, train):
    (diary,) = diaries("diary")
    train(stop=6)
    assert diary.told[-1] == ("ended", "interrupted", "", 6)
    (diary,) = diaries("diary")
    run = train(resume=True)
    assert diary.made_for == (run, 4)
    assert [told[1]["step"] for told in diary.told if told[0] == "logged"] == [5, 6, 7, 8]


def test_the_training_is_the_same_followed_or_not(diaries, train, logged, tmp_path):
    plain = [line["losses"] for line in logged(train())]
    (tmp_path / "run").rename(tmp_path / "plain")
    diaries("diary")
    assert [line["losses"] for line in logged(train())] == plain


def test_a_tracker_that_fails_is_named_once_and_nobody_else_is_hurt(diaries, train, capfd, logged):
    broken, whole = diaries("mlflow", "tensorboard")
    broken.fails_at = "drawn"
    run = train(quiet=False)
    assert len(logged(run)) == 8
    assert [told[0] for told in broken.told] == ["described", *["logged"] * 4]
    assert whole.told[-1][:2] == ("ended", "finished")
    said = [line for line in capfd.readouterr().err.splitlines() if "tracking" in line]
    assert len(said) == 1
    assert "mlflow: ConnectionError: the server is down" in said[0]
    assert f"`efgan track {run} --to mlflow`" in said[0]


def test_two_failures_in_one_hook_are_both_told(diaries, train, capfd):
    first, second = diaries("mlflow", "tensorboard")
    first.fails_at, second.fails_at = "logged", "logged"
    train(quiet=False)
    said = capfd.readouterr().err
    assert said.count("mlflow: ConnectionError") == said.count("tensorboard: ConnectionError") == 1


def test_a_tracker_that_dawdles_holds_nobody_up(diaries, monkeypatch, tmp_path):
    (slow,) = diaries("mlflow")
    slow.dawdles = 0.5
    monkeypatch.setattr(following, "PATIENCE", 0.1)
    began = time.monotonic()
    following.begin(tmp_path, {"name": "x"})
    for step in range(1, 50):
        following.logged(tmp_path, {"step": step})
    assert time.monotonic() - began < 0.4
    with pytest.raises(EfganError, match=r"mlflow: too slow: .*; `efgan track"):
        following.finished(tmp_path, {"steps": 50, "seconds": 1.0})
    following.measured(tmp_path, {"steps": 50, "seconds": 1.0})
    assert time.monotonic() - began < 0.8, "what was given up is not waited for again"


def test_a_tracker_far_behind_is_given_up(diaries, monkeypatch, tmp_path):
    (slow,) = diaries("mlflow")
    slow.dawdles = 10
    monkeypatch.setattr("efgan_kit_tracking.worker.MOST", 3)
    following.begin(tmp_path, {"name": "x"})
    for worker in following._followed.workers:
        for step in range(9):
            worker.tell("logged", {"step": step})
    with pytest.raises(EfganError, match="mlflow: it is 3 events behind"):
        following.logged(tmp_path, {"step": 9})


def test_figures_of_a_run_that_was_trained_before_are_shown(diaries, tmp_path):
    (diary,) = diaries("diary")
    following.measured(tmp_path, {"steps": 8, "psnr": 30.0})
    assert diary.made_for == (tmp_path, None)
    assert diary.told == [("measured", 8, {"steps": 8, "psnr": 30.0})]


def test_a_wrong_name_is_told_and_the_right_one_is_followed(monkeypatch, train, capfd):
    monkeypatch.setitem(trackers.TRACKERS, "json", "no.such:Tracker")
    monkeypatch.setenv("EFGAN_TRACKING", "tensorbord, JSON,")
    assert trackers.wanted()[0] == ["json"]
    train(quiet=False)
    said = capfd.readouterr().err
    assert "EFGAN_TRACKING: there is no tracker 'tensorbord'; did you mean 'tensorboard'?" in said
    assert "json: EfganError: json: can't be imported: No module named 'no'" in said


def test_a_package_that_is_missing_is_named_with_its_install_line(monkeypatch):
    monkeypatch.setattr(trackers.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(EfganError, match=r"mlflow is not installed; pip install 'efgan-kit-tracking\[mlflow\]'"):
        trackers.known(["mlflow"], "--to")


def test_no_thread_outlives_what_it_was_for(diaries, train):
    before = set(threading.enumerate())
    diaries("mlflow", "tensorboard")[0].fails_at = "drawn"
    train()
    following._close()
    assert set(threading.enumerate()) == before
