"""Recipes learn: whole trainings as a user runs them, measured by the judge. Slow; run with `pytest -m proof`."""

import json
import subprocess
import sys

import pytest

pytestmark = pytest.mark.proof


def trained(recipe, run, *overrides):
    """Train and evaluate as the command line does; the evaluation's document."""
    options = [word for override in overrides for word in ("-o", override)]
    command = [sys.executable, "-m", "efgan_kit", "train", recipe, "--run", str(run), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads((run / "evaluation.json").read_text())


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_quickstart_closes_most_of_the_gap_and_beats_a_copy_everywhere(tmp_path, seed):
    document = trained("quickstart", tmp_path / "run", f"train.seed={seed}")
    aus, pictures = document["figures"]["au-error"], document["figures"]["picture-error"]
    assert aus["floor"] < 0.5 * aus["no_op"], "the judge can't tell a true edit from a copy"
    assert aus["share_of_gap_closed"] >= 0.7
    for region in ("face", "eyes", "nose", "mouth"):
        assert pictures[f"{region}.psnr.edit"] > pictures[f"{region}.psnr.no_op"], region
