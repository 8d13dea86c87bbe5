"""Proof that a recipe's training resumes exactly: straight through, and stopped and taken up by another process."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import attrs
import torch
from safetensors.torch import load_file

from efgan_kit.api import hookimpl
from efgan_kit.errors import EfganError, fail
from efgan_kit.recipe import Recipe, load_recipe
from efgan_kit.registry import registry
from efgan_kit.training import checkpoints
from efgan_kit.training.loop import train
from efgan_kit.training.run_folder import RunFolder

STEPS: Final = 6
"""Steps straight through; a term of `every: 4` counts again after the stop in the middle."""
ENDED: Final = 130
DOING: Final = "training a few steps, straight and with a stop"
Progress = Callable[[str, int, int], None]


@attrs.frozen
class Verdict:
    """What the comparison came to.

    Attributes:
        stopped: After how many steps the second training was stopped.
        steps: How many steps both took.
        compared: By what was compared, how many of these there are: `weights`, `moments`, `numbers`, `log lines`,
            `sheets`.
        differences: What differs, the first things first; nothing if all is the same to the bit.
        repeats: If something differs, whether the straight training itself comes out the same twice.
    """

    stopped: int
    steps: int
    compared: Mapping[str, int]
    differences: tuple[str, ...]
    repeats: bool | None = None


def verify_resume(
    recipe: Recipe, *, device: str = "auto", progress: Progress = lambda what, done, total: None
) -> Verdict:
    """Train a few steps of a recipe straight through, and the same with a stop, and compare to the bit.

    Every training is a process of its own in a temporary folder. The recipe is as it is, schedule and rates included,
    but for what is written and when: every step is logged, and a sheet is drawn before the stop and after it.

    Raises:
        EfganError: The recipe has less than two steps, or a training fails.
    """
    with tempfile.TemporaryDirectory(prefix="efgan-verify-") as place:
        home = Path(place)
        path = home / "recipe.yaml"
        path.write_text(recipe.to_yaml(), encoding="utf-8")
        progress(DOING, 0, 3)
        steps = _train_until(path, home / "whole", STEPS, False, device)
        if steps < 2:
            raise fail(recipe.source, "one step can't be resumed in the middle", "give it two: -o train.steps=2")
        progress(DOING, 1, 3)
        stopped = _train_until(path, home / "stopped", steps // 2, False, device)
        progress(DOING, 2, 3)
        _train_until(path, home / "stopped", steps, True, device)
        progress(DOING, 3, 3)
        compared, differences = compare(home / "whole", home / "stopped", steps)
        if not differences:
            return Verdict(stopped, steps, compared, ())
        _train_until(path, home / "again", steps, False, device)
        _, unlike = compare(home / "whole", home / "again", steps)
        return Verdict(stopped, steps, compared, tuple(differences), repeats=not unlike)


def _train_until(recipe: Path, run: Path, step: int, resume: bool, device: str) -> int:
    """Train in a fresh process, which is asked to end after `step` as a scheduler would ask it; the step it came to."""
    given = ", ".join(map(repr, (str(recipe), str(run), step, resume, device)))
    call = f"from {__name__} import train_until; train_until({given})"
    done = subprocess.run([sys.executable, "-c", call], capture_output=True, text=True, check=False)
    if done.returncode not in (0, ENDED):
        said = done.stderr.strip().splitlines() or ["it said nothing"]
        raise fail("--verify-resume", f"a training ended with exit code {done.returncode}: {said[-1]}")
    return int(checkpoints.newest(RunFolder(run)).name)


def train_until(recipe: str, run: str, step: int, resume: bool, device: str) -> None:
    """What the fresh process does: train, and send itself a SIGTERM after `step`."""

    class Stop:
        @hookimpl
        def efgan_step_ended(self, run: Path, step: int) -> None:
            if step == until:
                signal.raise_signal(signal.SIGTERM)

    until = step
    registry().manager.register(Stop(), name="stop-for-verification")
    middle = ["train.log_every=1", "train.sample_every=2", "train.checkpoint_every=1000000000"]
    try:
        train(load_recipe(recipe, overrides=middle), run=run, resume=resume, device=device, quiet=True)
    except KeyboardInterrupt:
        sys.exit(ENDED)
    except EfganError as error:
        sys.exit(str(error))


def compare(one: Path, other: Path, step: int) -> tuple[dict[str, int], list[str]]:
    """What was compared of two runs at a step, and what differs: the log first, which says since when."""
    first, second = (RunFolder(run).checkpoints / f"{step:07d}" for run in (one, other))
    compared = {"weights": 0, "moments": 0, "numbers": 0, "log lines": 0, "sheets": 0}
    differences: list[str] = []
    logs = [_log_of(RunFolder(run)) for run in (one, other)]
    compared["log lines"] = len(logs[0])
    if [line["step"] for line in logs[0]] != [line["step"] for line in logs[1]]:
        differences.append("log.jsonl: its steps")
    differences += [f"log.jsonl: step {a['step']}" for a, b in zip(*logs, strict=False) if a != b]
    for file in sorted(first.glob("*.safetensors")):
        kind = "moments" if file.name.startswith("optimizer.") else "weights"
        mine, theirs = load_file(file), load_file(second / file.name)
        compared[kind] += len(mine)
        for name in sorted(mine.keys() | theirs.keys()):
            if name not in mine or name not in theirs or not _same(mine[name], theirs[name]):
                differences.append(f"{file.stem}: {name}")
    mine_state, their_state = (_untimed(json.loads((at / "state.json").read_text())) for at in (first, second))
    compared["numbers"] = len(mine_state)
    differences += [f"state.json: {key}" for key in mine_state if mine_state[key] != their_state.get(key)]
    sheets = [{file.name: file.read_bytes() for file in RunFolder(run).samples.glob("*.png")} for run in (one, other)]
    compared["sheets"] = len(sheets[0])
    differences += [f"samples: {name}" for name in sheets[0] if sheets[0][name] != sheets[1].get(name)]
    return compared, differences


def _log_of(run: RunFolder) -> list[dict[str, Any]]:
    return [_untimed(json.loads(line)) for line in run.log.read_text(encoding="utf-8").splitlines()]


def _same(one: torch.Tensor, other: torch.Tensor) -> bool:
    return one.dtype == other.dtype and one.shape == other.shape and torch.equal(one, other)


def _untimed(record: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in record.items() if key not in ("seconds", "files", "sha256")}
