"""As many steps as `quickstart` takes in eight hours, at a tiny size: memory, handles and threads stay as they are.

About an hour on one core. EFGAN_SOAK_STEPS takes fewer or more.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import pytest

EIGHT_HOURS = 127_000
"""Steps of `quickstart` at the 0.226 s that one took on two CPU cores."""
STEPS = int(os.environ.get("EFGAN_SOAK_STEPS", EIGHT_HOURS))
LOG_EVERY = 50
TINY = [
    f"train.log_every={LOG_EVERY}",
    "train.sample_every=1000",
    "train.checkpoint_every=500",
    "train.batch_size=1",
    "faces={size: 32, aus: [AU12, AU25], regions: {eyes: null, nose: null, mouth: [8, 12]}}",
    "graph.generator.width=4",
    "graph.generator.per_region.face.width=4",
    "graph.generator.blocks=1",
    "graph.refiner.width=4",
    "graph.refiner.blocks=1",
    "graph.discriminators.initial.width=4",
    "graph.discriminators.final.width=4",
    "graph.discriminators.final.layers=2",
    "losses.conditional.steps=3",
    "losses.adversarial.every=16",
    "losses.content.every=16",
    "data.train.people=4",
    "data.test.people=2",
]
"""All components and terms of `quickstart`, with one region beside the face: most of a step's time is to call them."""
EVERY_SECONDS = 1.0
MOST_GROWTH = 50.0
"""kB in 1,000 steps, 50 bytes a step: the numbers of the smallest tensor take 64, and the rest of it more."""

KEEPS_A_TENSOR = """
from efgan_kit.api import hookimpl

kept = []


@hookimpl
def efgan_step_ended(run, step):
    import torch

    kept.append(torch.zeros(4))
"""
KEEPS_A_FILE = """
from efgan_kit.api import hookimpl

kept = []


@hookimpl
def efgan_samples_drawn(run, step, sheet):
    kept.append(open(sheet, "rb"))
"""


class Sample(NamedTuple):
    """What the system knows of a training at a step."""

    step: int
    kilobytes: float
    handles: int
    threads: int


def training(run, steps, *options):
    overrides = [word for override in (*TINY, f"train.steps={steps}", *options) for word in ("-o", override)]
    command = [sys.executable, "-m", "efgan_kit", "train", "quickstart", "--run", str(run), "--no-evaluate", *overrides]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)


def last_step(log):
    """The step of the log's last line; None before there is one."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 8192))
            return json.loads(file.read().splitlines()[-1])["step"]
    except (OSError, IndexError, ValueError):
        return None


def sample(process, step):
    """None if the process has ended meanwhile."""
    home = Path("/proc") / str(process.pid)
    try:
        told = dict(line.split(":", 1) for line in (home / "status").read_text().splitlines())
        handles = len(list((home / "fd").iterdir()))
    except OSError:
        return None
    if "VmRSS" not in told:
        return None
    return Sample(step, float(told["VmRSS"].split()[0]), handles, int(told["Threads"]))


def watched(process, run):
    """Samples of a training, until it ends; also in a file beside it, to look at meanwhile."""
    samples = []
    with run.with_name("samples.jsonl").open("w", buffering=1) as file:
        while process.poll() is None:
            step = last_step(run / "log.jsonl")
            if step is not None and (seen := sample(process, step)):
                samples.append(seen)
                file.write(json.dumps(seen) + "\n")
            time.sleep(EVERY_SECONDS)
    assert process.returncode == 0
    return samples


def slope(samples):
    """kB in 1,000 steps, by least squares."""
    steps, sizes = [one.step for one in samples], [one.kilobytes for one in samples]
    middle, mean = sum(steps) / len(steps), sum(sizes) / len(sizes)
    spread = sum((step - middle) ** 2 for step in steps)
    return 1000 * sum((step - middle) * (size - mean) for step, size in zip(steps, sizes, strict=True)) / spread


def settled(samples):
    """The last four fifths of the steps: before, memory grows to what a step takes."""
    return [one for one in samples if one.step > samples[-1].step / 5]


def must_be_flat(samples):
    """Files that are open for a moment, as those of a checkpoint are, only ever add: the least counts are compared."""
    after = settled(samples)
    fifth = len(after) // 5
    growth = slope(after)
    assert growth < MOST_GROWTH, f"memory grows by {growth:.0f} kB in 1,000 steps"
    for what in ("handles", "threads"):
        first, last = (min(getattr(one, what) for one in part) for part in (after[:fifth], after[-fifth:]))
        assert last <= first, f"{what} grow from {first} to {last}"


def told(samples):
    after = settled(samples)
    sizes = [one.kilobytes / 1024 for one in after]
    handles, threads = sorted({one.handles for one in after}), sorted({one.threads for one in after})
    return (
        f"{samples[-1].step} steps, {len(samples)} samples; over the last four fifths of the steps "
        f"{slope(after):+.2f} kB in 1,000 steps, {sizes[0]:.1f} to {sizes[-1]:.1f} MB "
        f"(least {min(sizes):.1f}, most {max(sizes):.1f}), handles {handles}, threads {threads}"
    )


@pytest.mark.proof
def test_eight_hours_of_steps_leave_memory_and_handles_as_they_are(tmp_path):
    run = tmp_path / "run"
    samples = watched(training(run, STEPS), run)
    print(told(samples))
    assert samples[-1].step > STEPS - 10 * LOG_EVERY
    must_be_flat(samples)


@pytest.mark.proof
@pytest.mark.parametrize(
    ("plugin", "steps", "options", "grows"),
    [(KEEPS_A_TENSOR, 4000, (), "memory grows"), (KEEPS_A_FILE, 1000, ("train.sample_every=100",), "handles grow")],
    ids=["tensors", "files"],
)
def test_a_listener_that_keeps_what_it_meets_is_noticed(tmp_path, install_plugin, plugin, steps, options, grows):
    install_plugin("leaky", plugin)
    run = tmp_path / "run"
    samples = watched(training(run, steps, *options), run)
    print(told(samples))
    with pytest.raises(AssertionError, match=grows):
        must_be_flat(samples)
