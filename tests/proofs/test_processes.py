"""Several processes learn what one learns, penalty and two critic passes included. A few minutes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SHARED = Path(__file__).parents[1] / "training" / "recipes" / "shared.yaml"
TRAIN = (sys.executable, "-m", "efgan_kit", "train", SHARED, "--no-evaluate")
STEPS = 50
# Rounding grows with every step, the faster the larger they are: at this rate it stays rounding for so long.
SETTINGS = ("-o", "optimizer.lr=1e-6", "-o", f"train.steps={STEPS}", "-o", "train.checkpoint_every=50")


def curves(run):
    """Each loss, step by step."""
    lines = [json.loads(line)["losses"] for line in (run / "log.jsonl").read_text().splitlines()]
    assert len(lines) == STEPS
    return {name: [line[name] for line in lines] for name in lines[0]}


@pytest.mark.proof
def test_two_and_four_processes_have_the_loss_curves_of_one(tmp_path):
    trainings = {
        count: subprocess.Popen([*TRAIN, "--run", tmp_path / str(count), "--processes", str(count), *SETTINGS])
        for count in (1, 2, 4)
    }
    assert [training.wait() for training in trainings.values()] == [0, 0, 0]
    alone = curves(tmp_path / "1")
    for count in (2, 4):
        for name, curve in curves(tmp_path / str(count)).items():
            # Some losses cross 0: the largest of the curve is the measure.
            most = max(map(abs, alone[name]))
            apart = max(abs(one - other) for one, other in zip(alone[name], curve, strict=True)) / most
            print(f"{count} processes, {name}: {apart:.1e}")
            assert apart < 1e-5, (count, name)
