"""An ablation that is killed again and again comes to the report of one that was left in peace, bit for bit."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.proof

RUNS = 24
KILLS = 5
SMALL = (
    "train.batch_size=2", "losses.conditional.steps=4", "losses.conditional.width=4", "data.train.people=8",
    "data.test.people=4", "graph.generator.width=8", "graph.generator.per_region=null",
)  # fmt: skip


def command(folder: Path) -> list[str]:
    """The command of the page on ablations, with a small data set and few steps."""
    overrides = [word for override in SMALL for word in ("-o", override)]
    what = ["quickstart", "--each", "--seeds", "3", "--steps", "8", "--not-timed", "--jobs", "2"]
    return [sys.executable, "-m", "efgan_kit", "ablate", *what, *overrides, "--run", str(folder)]


def descendants(pid: int) -> list[int]:
    """The process and all that it has begun, in whatever group or session they are."""
    below: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            words = stat.read_text().rpartition(")")[2].split()
            below.setdefault(int(words[1]), []).append(int(stat.parent.name))
    found = [pid]
    for each in found:
        found += below.get(each, [])
    return found


def kill(process: subprocess.Popen[bytes]) -> None:
    for pid in descendants(process.pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait()


def finished(folder: Path) -> dict[str, int]:
    """Finished runs, with the time at which their last checkpoint was written."""
    found = {}
    for summary in folder.glob("*/seed-*/summary.json"):
        newest = max((summary.parent / "checkpoints").iterdir())
        found[str(summary.parent.relative_to(folder))] = (newest / "state.json").stat().st_mtime_ns
    return found


@pytest.mark.skipif(not Path("/proc/self/stat").is_file(), reason="finds processes by /proc")
def test_a_killed_ablation_repeats_no_finished_run_and_gives_the_same_report(tmp_path: Path) -> None:
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "EFGAN_CACHE_DIR": str(tmp_path / "cache")}
    peace, war = tmp_path / "peace", tmp_path / "war"
    subprocess.run(command(peace), env=environment, check=True, timeout=3600)
    chance = random.Random(20201)
    killed_at: list[int] = []
    for wanted in sorted(chance.sample(range(RUNS), KILLS)):
        before = finished(war)
        process = subprocess.Popen(command(war), env=environment)
        while process.poll() is None and len(finished(war)) < wanted:
            time.sleep(0.1)
        time.sleep(chance.uniform(0, 10))  # in whatever the next trainings are doing by then
        assert process.poll() is None, "it was over before it could be killed"
        kill(process)
        after = finished(war)
        assert before.items() <= after.items(), "a finished run was trained again"
        killed_at.append(len(after))
    print(f"killed with {killed_at} of {RUNS} runs finished")
    before = finished(war)
    subprocess.run(command(war), env=environment, check=True, timeout=3600)
    assert before.items() <= finished(war).items()
    reports = [path.name for path in peace.iterdir() if path.is_file()]
    assert {"report.html", "report.json", "forest.svg", "forest.png", "curves.svg", "faces.png"} <= set(reports)
    for name in reports:
        assert (war / name).read_bytes() == (peace / name).read_bytes(), name
    for weights in peace.glob("*/seed-*/checkpoints/*/graph.safetensors"):
        assert (war / weights.relative_to(peace)).read_bytes() == weights.read_bytes(), weights
