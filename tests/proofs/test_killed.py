"""A run that is killed a hundred times comes out as one that nobody disturbed, to the bit."""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest

KILLS = 100
STEPS = 30
TINY = [
    f"train.steps={STEPS}",
    "train.log_every=1",
    "train.sample_every=10",
    "train.checkpoint_every=1",
    "train.batch_size=4",
    "faces={size: 32, aus: [AU06, AU12, AU25], regions: {eyes: [12, 20], nose: [12, 12], mouth: [12, 16]}}",
    "graph.generator.width=4",
    "graph.generator.per_region.face.width=4",
    "graph.generator.blocks=1",
    "graph.refiner.width=4",
    "graph.refiner.blocks=1",
    "graph.discriminators.initial.width=4",
    "graph.discriminators.final.width=4",
    "graph.discriminators.final.layers=2",
    "losses.conditional.steps=3",
    "data.train.people=6",
    "data.test.people=2",
]
"""The components of `quickstart`, at a size that takes a step in a tenth of a second."""


def arguments(run, *options):
    overrides = [word for override in (*TINY, *options) for word in ("-o", override)]
    return ["train", "quickstart", "--run", str(run), "--no-evaluate", "--resume-if-begun", *overrides]


def start(run):
    """The same command in a process of its own, begun as a copy of this one, which has torch loaded already."""
    from efgan_kit.cli import cli
    from efgan_kit.cli.errors import guarded

    process = os.fork()
    if process:
        return process
    code = 1
    try:
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        code = guarded(cli, arguments(run))
    finally:
        os._exit(code)


def ended(process, moment):
    """The exit code, or None when the moment has come before the process ended."""
    while True:
        number, status = os.waitpid(process, os.WNOHANG)
        if number:
            return os.waitstatus_to_exitcode(status)
        if moment():
            return None
        time.sleep(0.0005)


def never():
    return False


def after(seconds):
    until = time.monotonic() + seconds
    return lambda: time.monotonic() > until


def moment_of(run, chance, length):
    """A random moment: of one in five processes, from its beginning on; of the others, some steps and a bit later.

    A process that takes up a run spends most of its time on beginning, and kills there are harmless.
    """
    if chance.random() < 0.2:
        return after(chance.uniform(0, 0.5 * length))
    log, steps, later = run / "log.jsonl", chance.randrange(1, 5), chance.uniform(0, 2 * length / STEPS)
    before = log.stat().st_mtime_ns if log.exists() else 0
    seen, due = set(), []

    def come():
        if not due:
            with contextlib.suppress(OSError):
                seen.add(log.stat().st_mtime_ns)
            if len(seen - {before}) >= steps:
                due.append(after(later))
        return bool(due) and due[0]()

    return come


def untimed(line):
    return {key: value for key, value in line.items() if key != "seconds"}


def log_of(run, last):
    """The lines up to a step; what a kill cut short comes after."""
    found = []
    for line in (run / "log.jsonl").read_text().splitlines():
        if len(found) == last:
            break
        found.append(untimed(json.loads(line)))
    return found


def state_of(checkpoint):
    state = json.loads((checkpoint / "state.json").read_text())
    return {key: value for key, value in state.items() if key not in ("seconds", "sha256")}


def assert_same_checkpoint(checkpoint, whole):
    expected = whole / "checkpoints" / checkpoint.name
    assert {file.name for file in checkpoint.iterdir()} == {file.name for file in expected.iterdir()}
    for file in expected.glob("*.safetensors"):
        assert (checkpoint / file.name).read_bytes() == file.read_bytes(), f"{checkpoint.name}/{file.name}"
    assert state_of(checkpoint) == state_of(expected)


@pytest.mark.proof
def test_a_hundred_kills_leave_no_trace(tmp_path):
    import torch

    from efgan_kit.training import checkpoints
    from efgan_kit.training.run_folder import RunFolder

    torch.set_num_threads(1)
    whole = tmp_path / "whole"
    command = [sys.executable, "-m", "efgan_kit", *arguments(whole, "train.keep=1000")]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
    warm = tmp_path / "warm"
    began = time.monotonic()
    assert ended(start(warm), never) == 0
    length = time.monotonic() - began

    chance = random.Random(0)
    kills = {"before the first checkpoint": 0, "while one was written": 0, "between two": 0}
    finished, number = [warm], 0
    run = tmp_path / "run0"
    while sum(kills.values()) < KILLS:
        moment = moment_of(run, chance, length)
        process = start(run)
        code = ended(process, moment)
        if code is not None:
            assert code == 0
            finished.append(run)
            number += 1
            run = tmp_path / f"run{number}"
            continue
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        folder = RunFolder(run)
        stand = checkpoints.complete(folder)
        writing = any(folder.checkpoints.glob(".*.part")) if folder.checkpoints.is_dir() else False
        kills["while one was written" if writing else "between two" if stand else "before the first checkpoint"] += 1
        for checkpoint in stand:
            checkpoints.verify(checkpoint)
            assert_same_checkpoint(checkpoint, whole)
        if stand:
            last = int(stand[-1].name)
            assert log_of(run, last) == log_of(whole, last)
    if run.exists():
        assert ended(start(run), never) == 0
        finished.append(run)

    for run in finished:
        assert_same_checkpoint(run / "checkpoints" / f"{STEPS:07d}", whole)
        lines = [untimed(json.loads(line)) for line in (run / "log.jsonl").read_text().splitlines()]
        assert lines == log_of(whole, STEPS)
        assert [line["step"] for line in lines] == list(range(1, STEPS + 1))
        sheets = {file.name: file.read_bytes() for file in (run / "samples").iterdir()}
        assert sheets == {file.name: file.read_bytes() for file in (whole / "samples").iterdir()}
    print(f"{sum(kills.values())} kills ({kills}) over {len(finished) - 1} runs: all as the one that nobody disturbed")
