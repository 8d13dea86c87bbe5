"""A dead term is told to be dead and a harmful one to be harmful, by trainings."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.proof

PLUGIN = """
from efgan_kit.api import hookimpl
from torch import nn


@hookimpl
def efgan_components(register):
    register("loss", "constant", "constant_plugin:Constant", "Always the same")


class Constant(nn.Module):
    def generator(self, edited):
        return edited.new_tensor(3.0)
"""
RECIPE = """
recipe: 1
name: planted
extends: quickstart
losses:
  attention: {use: attention-norm, weight: 30, reduction: mean}   # 500 times the recipe's: it pays to copy
  constant: {use: constant, weight: 1}
  nothing: {use: attention-norm, weight: 0}
  adversarial: null
  interpolation: null
  conditional: null
  content: null
graph: {discriminators: {initial: null, final: null}, interpolator: null, au_discriminator: null}
"""


def test_dead_terms_are_indistinguishable_and_a_harmful_one_harms(tmp_path: Path) -> None:
    plugin, metadata = tmp_path / "plugin", tmp_path / "plugin" / "constant_plugin-1.dist-info"
    metadata.mkdir(parents=True)
    (plugin / "constant_plugin.py").write_text(PLUGIN)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: constant-plugin\nVersion: 1\n")
    (metadata / "entry_points.txt").write_text("[efgan_kit]\nconstant = constant_plugin\n")
    (tmp_path / "planted.yaml").write_text(RECIPE)
    path = os.pathsep.join([str(plugin), *filter(None, [os.environ.get("PYTHONPATH")])])
    what = ["--drop", "attention", "--drop", "constant", "--drop", "nothing", "--seeds", "3", "--steps", "80"]
    done = subprocess.run(
        [sys.executable, "-m", "efgan_kit", "ablate", str(tmp_path / "planted.yaml"), *what, "--not-timed", "--json",
         "--run", str(tmp_path / "DIR")],
        env={**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE, check=True, timeout=3600,
    )  # fmt: skip
    found = json.loads(done.stdout)["effects"]
    verdicts = {name: {arm: effect["verdict"] for arm, effect in by_arm.items()} for name, by_arm in found.items()}
    print(json.dumps(verdicts, indent=1), {name: by_arm["no-attention"]["mean"] for name, by_arm in found.items()})
    for by_arm in verdicts.values():
        assert by_arm["no-constant"] == by_arm["no-nothing"] == "indistinguishable"
    assert verdicts["psnr"]["no-attention"] == "harms"
