"""The training loop: from a recipe to a run folder, and on from where it stopped."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from efgan_kit.api import FaceDataset
from efgan_kit.errors import fail
from efgan_kit.recipe import Recipe, lock
from efgan_kit.recipe.dump import to_plain
from efgan_kit.training import checkpoints
from efgan_kit.training.assembly import prepare
from efgan_kit.training.checkpoint_writing import Written
from efgan_kit.training.device import choose_device
from efgan_kit.training.distribution import Processes, joined
from efgan_kit.training.distribution.shares import must_share_evenly
from efgan_kit.training.holding import alone_in
from efgan_kit.training.interruption import Interruption
from efgan_kit.training.kept_memory import keep_freed_memory
from efgan_kit.training.listeners import Listeners
from efgan_kit.training.resuming import changes_since, refuse
from efgan_kit.training.run_folder import RunFolder
from efgan_kit.training.starting import start_of
from efgan_kit.training.step import Training
from efgan_kit.training.stepping import take_all_steps
from efgan_kit.training.watch import Watch

__all__ = ["Training", "prepare", "train"]


def train(
    recipe: Recipe,
    *,
    run: str | Path,
    resume: bool = False,
    accept_changes: bool = False,
    device: str = "auto",
    quiet: bool = False,
) -> dict[str, Any]:
    """Train a recipe from its first step to its last, or on from the run's newest checkpoint.

    Where RANK and WORLD_SIZE tell of other processes, as they do under torchrun, they train it together, each on its
    share of every batch; the first one alone writes and speaks.

    Args:
        recipe: What to train; with `resume`, the run's own recipe.
        run: The run folder; new and empty unless `resume`.
        resume: Go on with the run that is there.
        accept_changes: Go on although recipe or versions are not the run's own; its lock then says so.
        device: `auto`, `cpu`, `cuda`, `mps`.
        quiet: Say nothing on stderr.

    Returns:
        The run's summary, as `summary.json` holds it.

    Raises:
        EfganError: Recipe, data or folder are at fault, another process trains into the folder, or a loss is no longer
            finite.
        KeyboardInterrupt: Ctrl-C, SIGTERM or SIGUSR1; a checkpoint has been written.
        SystemExit: Another of several processes has failed or is lost, and that has been said.
    """
    with joined() as processes:
        folder, watch = RunFolder(Path(run)), Watch(quiet=quiet or not processes.first)
        processes.consolation = lambda: what_is_saved(folder)
        must_share_evenly(recipe, processes.count)
        changes = changes_since(recipe, folder) if resume else None
        if changes and not accept_changes:
            refuse(changes, folder)
        if not resume and processes.first:
            folder.must_be_free()
        with alone_in(folder.path) if processes.first else contextlib.nullcontext():
            training = _prepared(recipe, folder, processes, resume, device)
            taken_up = resume and training.restore(folder, watch.say)
            if processes.first:
                training.bad.folder, training.bad.say = folder, watch.say
                if changes:
                    changes.record(folder, recipe, training.step)
            if processes.decided(lambda: training.step == training.steps and bool(folder.read_summary())):
                return folder.read_summary()
            return _trained(training, folder, watch, learned=taken_up)


def _prepared(recipe: Recipe, folder: RunFolder, processes: Processes, resume: bool, device: str) -> Training:
    """The training as it begins, in a run folder that is there."""
    # A run that was ended before its first checkpoint begins anew, and that with the same weights.
    start = None if resume and checkpoints.complete(folder) else start_of(recipe)
    place = choose_device(device, processes)
    if place.type == "cuda" and not processes.alone:
        torch.cuda.set_device(place)
    keep_freed_memory()
    training = prepare(recipe, place, start, processes)
    if not resume and processes.first:
        origin = {"start_from": start.described()} if start else {}
        locked = {**lock(recipe), **origin, "processes": processes.count}
        folder.begin(recipe.to_yaml(), locked, _preparation(training.faces))
    return training


def _trained(training: Training, folder: RunFolder, watch: Watch, *, learned: bool) -> dict[str, Any]:
    """Take the steps that are left.

    Args:
        learned: Whether the terms have what they must learn beforehand.

    Returns:
        The run's summary, which is then written.
    """
    first = training.processes.first
    listeners = Listeners(watch.say, tells=first)
    listeners.tell("efgan_run_started", run=folder.path, recipe=to_plain(training.recipe))
    try:
        if not learned:
            with Interruption(patient=False):
                training.learn_beforehand(watch.say)
        training.unite()
        written = take_all_steps(training, folder, watch, listeners)
    except BaseException as stop:
        reason = "interrupted" if isinstance(stop, KeyboardInterrupt) else str(stop)
        listeners.tell("efgan_run_stopped", run=folder.path, step=training.step, reason=reason)
        raise
    summary = {"steps": training.step, "seconds": round(training.seconds, 1), **_cost_of(written)}
    if training.bad.skipped:
        summary["skipped_steps"] = training.bad.skipped
    if first:
        folder.write_summary(summary)
    listeners.tell("efgan_run_finished", run=folder.path, summary=summary)
    return summary


def what_is_saved(folder: RunFolder) -> str:
    """What is left of a run that was ended from outside, and how to go on."""
    steps = [int(checkpoint.name) for checkpoint in checkpoints.complete(folder)]
    if steps:
        return f"step {steps[-1]} is saved in {folder.path}, go on with --resume"
    return f"no checkpoint had been written in {folder.path} yet, begin again with --resume"


def _preparation(faces: FaceDataset) -> bytes | None:
    """What a data set of prepared photos keeps of how that was done. Raises EfganError if it can't be read."""
    file: Path | None = getattr(faces, "preparation", None)
    if file is None:
        return None
    try:
        return file.read_bytes()
    except OSError as error:
        raise fail(str(file), f"cannot be read: {error.strerror}") from error


def _cost_of(written: Sequence[Written]) -> dict[str, Any]:
    """What the checkpoints of this process cost, for the summary."""
    if not written:
        return {}
    return {
        "checkpoint_bytes": written[-1].size,
        "checkpoint_seconds": round(max(one.seconds for one in written), 3),
        "checkpoint_held_seconds": round(sum(one.held for one in written), 3),
    }
