"""Each optimisation is undone where it lives, and the step without it is the same step."""

import importlib
import json
import subprocess
import sys

import pytest

from efgan_kit.bench.optimisations import OPTIMISATIONS

PROGRAM = """
import json, sys
import torch
from efgan_kit.bench.optimisations import OPTIMISATIONS, undo
from efgan_kit.bench.worker import Way, _Doing
from efgan_kit.components import matrix_convolution
matrix_convolution.LARGE_WEIGHT = 0  # as if this recipe's were
overrides = ("train.precision=fp32", "train.critic_steps=2", "graph.refiner={use: residual-refiner}")
def first():
    found = _Doing(Way("", sys.argv[1], overrides)).first()
    return {**found.losses, **{f"norm.{player}": norm for player, norm in found.norms.items()}}
steps = {"all": first()}
for one in OPTIMISATIONS:  # one after the other, so that every later one is without those before it, too
    undo([one.name])
    steps[one.name] = first()
print(json.dumps(steps))
"""


@pytest.fixture(scope="module")
def steps(way):
    command = [sys.executable, "-c", PROGRAM, way("").recipe]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@pytest.mark.parametrize("name", [one.name for one in OPTIMISATIONS])
def test_without_it_the_first_step_is_the_same(steps, name):
    for figure, expected in steps["all"].items():
        tolerance = 1e-3 if figure.startswith("norm.") else 1e-5
        assert steps[name][figure] == pytest.approx(expected, rel=tolerance, abs=1e-6), figure


@pytest.mark.parametrize("one", OPTIMISATIONS, ids=lambda one: one.name)
def test_it_names_the_module_in_which_it_lives(one):
    assert importlib.import_module(one.place).__doc__
