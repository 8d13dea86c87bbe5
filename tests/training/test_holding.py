"""Two trainings never write to one run folder."""

import os
import signal
import subprocess
import sys
import time

import pytest

from efgan_kit.api import EfganError
from efgan_kit.training.holding import alone_in

pytest.importorskip("fcntl")
HOLDS = """
import os, sys, time
from pathlib import Path
from efgan_kit.training.holding import alone_in

with alone_in(Path(sys.argv[1])):
    if not os.fork():  # a loader's worker, which the training does not take with it when it is killed
        time.sleep(30)
        os._exit(0)
    print("held", flush=True)
    time.sleep(60)
"""
OTHERS = "another process is training into this folder at this moment; wait for it or end it, or choose another --run"


def test_one_at_a_time(tmp_path):
    with alone_in(tmp_path):
        with pytest.raises(EfganError, match=OTHERS), alone_in(tmp_path):
            pass
        with alone_in(tmp_path / "other"):
            pass
    with alone_in(tmp_path):
        pass


def test_a_folder_is_made_and_gone_again_if_nothing_comes_into_it(tmp_path):
    run = tmp_path / "runs" / "mine"
    with alone_in(run):
        assert run.is_dir()
    assert not (tmp_path / "runs").exists()
    with alone_in(run):
        (run / "recipe.yaml").touch()
    assert (run / "recipe.yaml").exists()


def test_what_is_killed_holds_nothing_any_more(tmp_path):
    holder = subprocess.Popen([sys.executable, "-c", HOLDS, tmp_path], stdout=subprocess.PIPE, start_new_session=True)
    try:
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(EfganError, match=OTHERS), alone_in(tmp_path):
            pass
        holder.kill()
        holder.wait()
        with alone_in(tmp_path):
            pass
    finally:
        os.killpg(holder.pid, signal.SIGKILL)


def content(run):
    return {path: path.read_bytes() for path in run.rglob("*") if path.is_file() and path.name != "log.jsonl"}


def test_a_second_training_is_refused_and_disturbs_nothing(tmp_path, tiny_run, efgan):
    run, recipe = tmp_path / "run", tiny_run / "recipe.yaml"
    words = ["-o", "train.steps=100000", "-o", "train.log_every=1", "-o", "train.checkpoint_every=100000"]
    command = [sys.executable, "-m", "efgan_kit", "train", recipe, "--run", run, "--no-evaluate", *words]
    first = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        assert any(line.startswith("step       2") for line in first.stderr)
        before = content(run)
        for option in ("--resume", "--resume-if-begun"):
            answer = efgan("train", recipe, "--run", run, "--no-evaluate", *words, option)
            assert answer.code == 2, answer.err
            assert OTHERS in answer.err
        assert content(run) == before
        steps = (run / "log.jsonl").read_text().count("\n")
        time.sleep(1)
        assert (run / "log.jsonl").read_text().count("\n") > steps, "the first one goes on"
    finally:
        first.kill()
        first.communicate()
    shorter = [*words, "-o", "train.steps=1", "--accept-changes"]
    answer = efgan("train", recipe, "--run", run, "--no-evaluate", *shorter, "--resume")
    assert answer.code == 0, answer.err
