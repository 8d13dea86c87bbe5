"""Numbers gone bad in one of several processes: all leave the step out, or end, together, and the face is named."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SHARED = Path(__file__).parents[1] / "training" / "recipes" / "shared.yaml"
SPOILS = """
import os

from efgan_kit.api import hookimpl
from torch import nn


@hookimpl
def efgan_components(register):
    register("loss", "spoil", "spoiler:Spoil", "One face of the second step, not finite")


class Lens(nn.Module):
    def forward(self, pictures, face):
        seen = pictures.clone()
        seen[face] = float("nan")
        return seen


class Spoil(nn.Module):
    def __init__(self, *, face: int = 3) -> None:
        super().__init__()
        self.lens, self.calls, self.face = Lens(), 0, face

    def generator(self, edited):
        place = self.face - int(os.environ.get("RANK", "0")) * len(edited)
        # Called once before the first step, it spoils the second, and that again when it is asked what went wrong.
        if self.calls in (2, 3) and 0 <= place < len(edited):
            edited = self.lens(edited, place)
        self.calls += 1
        return edited.mean()
"""


@pytest.fixture
def train(tmp_path, install_plugin):
    """`train(run, "--processes", "2")`: with the spoiling term; the answer of the command."""
    install_plugin("spoiler", SPOILS)

    def train(name, *options):
        run = tmp_path / name
        settings = ("losses.spoil={use: spoil, weight: 1}", "optimizer.lr=1e-6", "train.steps=3")
        overrides = [word for setting in settings for word in ("-o", setting)]
        command = [sys.executable, "-m", "efgan_kit", "train", SHARED, "--run", run, "--no-evaluate", *overrides]
        done = subprocess.run([*command, *options], capture_output=True, text=True, timeout=240, check=False)
        return run, done.returncode, done.stderr

    return train


def lines(run):
    return [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]


def document(run):
    """What is kept of the bad step."""
    return json.loads((run / "bad_steps" / "0000001.generator.json").read_text())


def test_all_processes_end_and_the_face_of_another_process_is_named(train):
    run, code, err = train("run", "--processes", "2")
    assert code == 2, err
    said = [line for line in err.splitlines() if line.startswith("error")]
    assert len(said) == 1, err
    assert "Traceback" not in err
    assert "step 1, generator's phase: the loss of spoil is not finite; first in losses.spoil.lens; of " in said[0]
    kept = document(run)
    assert kept["terms"] == ["spoil"]
    assert [face["not_finite"] for face in kept["faces"]] == [False, False, False, True]
    assert f"; of {kept['faces'][3]['source']}; see " in said[0]
    assert [line["step"] for line in lines(run)] == [1]


def test_all_processes_leave_the_step_out_as_one_does(train):
    ran = {}
    for name, options in (("alone", ()), ("together", ("--processes", "2"))):
        ran[name], code, err = train(name, *options, "-o", "train.skip_bad_steps=1")
        assert code == 0, err
        assert err.count("its update is skipped, 1 of 1") == 1
    alone, together = lines(ran["alone"]), lines(ran["together"])
    assert [line.get("skipped", 0) for line in together] == [0, 1, 1]
    for line, expected in zip(together, alone, strict=True):
        assert line["losses"] == pytest.approx(expected["losses"], rel=1e-5, abs=1e-6)
    told, expected = document(ran["together"]), document(ran["alone"])
    for what in ("terms", "module", "faces"):
        assert told[what] == expected[what]
    assert (ran["together"] / "bad_steps" / "0000001.generator.png").read_bytes() == (
        ran["alone"] / "bad_steps" / "0000001.generator.png"
    ).read_bytes()
