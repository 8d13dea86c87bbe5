"""The published recipes at their full size: 128 pixels, the paper's widths, batches of 2, on an ordinary machine."""

import json
import math
import resource
import subprocess
import sys

import pytest

pytestmark = pytest.mark.proof

GIB = 2**30
STEPS = 3
SHORT = [
    f"train.steps={STEPS}",
    "train.epochs=null",
    "train.log_every=1",
    "train.precision=fp32",
    "train.mirror=false",
    "data.train.people=1",  # The same two faces in every batch: losses of different faces don't compare.
    "data.train.expressions=2",
    "data.test.people=2",
]


def trained(recipe, run, *options):
    """Train in a process of its own: its log, and the most memory that any child has had so far, in bytes."""
    more = [argument for override in SHORT for argument in ("-o", override)]
    command = [sys.executable, "-m", "efgan_kit", "train", recipe, "--run", str(run), "--no-evaluate", *more, *options]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr[-2000:]
    lines = (run / "log.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines], 1024 * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss


def is_sound(log):
    """All losses are finite, and the critics learn: their loss falls, by five of their steps a logged one."""
    assert [line["step"] for line in log] == list(range(1, STEPS + 1))
    assert all(math.isfinite(loss) for line in log for loss in line["losses"].values())
    critics = [line["losses"]["adversarial.discriminator"] for line in log]
    print("critics' loss:", [round(loss, 2) for loss in critics])
    assert critics[-1] < critics[0]


def test_the_published_recipes_train_within_12_gb(tmp_path):
    log, memory = trained("ef-gan", tmp_path / "ef-gan")
    print(f"ef-gan: {memory / GIB:.1f} GiB")
    is_sound(log)
    assert memory < 12e9
    log, memory = trained("cascade-ef-gan", tmp_path / "cascade", "--start-from", str(tmp_path / "ef-gan"))
    print(f"cascade-ef-gan: {memory / GIB:.1f} GiB")
    is_sound(log)
    assert memory < 12e9
