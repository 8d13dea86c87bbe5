"""How the cost of a step grows: with the batch, with a cascade's modules, with processes and with loader workers."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

import attrs

from efgan_kit.bench.step import Progress
from efgan_kit.bench.worker import Way, Worker
from efgan_kit.errors import fail
from efgan_kit.timing import in_turns

BATCH: Final = "batch"
MODULES: Final = "modules"
PROCESSES: Final = "processes"
WORKERS: Final = "workers"

STEPS: Final = 8
"""Of the trainings that processes and workers are measured by; the first two don't count."""


@attrs.frozen
class Point:
    """A step at one size.

    Attributes:
        size: Faces in a batch, modules, processes, or workers.
        seconds: The median of the rounds.
        peak: Bytes held at most; None where several processes hold them.
    """

    size: int
    seconds: float
    peak: int | None


def over_keys(base: Way, what: str, sizes: Sequence[int], rounds: int, tell: Progress) -> list[Point]:
    """A step with each number of faces in a batch, or of a cascade's modules, one after the other."""
    key = {BATCH: "train.batch_size", MODULES: "graph.modules"}[what]
    points = []
    for size in sizes:
        way = attrs.evolve(base, name=f"{what} {size}", overrides=(*base.overrides, f"{key}={size}"))
        with Worker(way) as worker:
            seconds = in_turns({what: worker.step}, rounds=rounds, progress=partial(tell, way.name))[what]
            points.append(Point(size, statistics.median(seconds) / worker.period, worker.peak()))
    return points


def over_processes(base: Way, sizes: Sequence[int], tell: Progress) -> list[Point]:
    """A step of the same batch in several processes, among which the cores are divided."""
    return [Point(n, _trained(base, ("--processes", str(n)), tell, f"processes {n}"), None) for n in sizes]


def over_workers(base: Way, sizes: Sequence[int], tell: Progress) -> list[Point]:
    """A step with the reading of its faces, which several processes do beside it; 0 reads them before each step."""
    return [
        Point(n, _trained(base, ("-o", f"train.workers={n}"), tell, f"workers {n}", base.threads), None) for n in sizes
    ]


def _trained(base: Way, options: Sequence[str], tell: Progress, what: str, threads: int | None = None) -> float:
    """Seconds a step of a whole `efgan train`, by its log."""
    tell(what, 0, 1)
    never = ("train.log_every=1", "train.sample_every=100000", "train.checkpoint_every=100000", f"train.steps={STEPS}")
    overrides = [word for override in (*base.overrides, *never) for word in ("-o", override)]
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        command = [sys.executable, "-m", "efgan_kit", "train", base.recipe, "--run", str(run), "--no-evaluate"]
        command += ["--device", base.device, *overrides, *options]
        environment = {key: value for key, value in os.environ.items() if key != "OMP_NUM_THREADS"}
        if threads is not None:
            environment["OMP_NUM_THREADS"] = str(threads)
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
            raise fail(f"bench, {what}", f"the training ended with exit code {done.returncode}: {last}")
        lines = [json.loads(line) for line in (run / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    tell(what, 1, 1)
    counted = [line["seconds"] for line in lines[1:]]
    return float(counted[-1] - counted[0]) / (len(counted) - 1)
