"""Whole trainings as a user runs them."""

import json
import subprocess
import sys

import pytest


@pytest.fixture
def trained():
    """Train and evaluate as the command line does: `trained(recipe, run, *options)` is the evaluation's document."""

    def trained(recipe, run, *options):
        command = [sys.executable, "-m", "efgan_kit", "train", recipe, "--run", str(run), *options]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads((run / "evaluation.json").read_text())

    return trained
