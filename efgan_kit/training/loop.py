"""The training loop: from a recipe to a run folder, and on from where it stopped."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from efgan_kit.api import FaceDataset
from efgan_kit.errors import fail
from efgan_kit.recipe import Recipe, load_recipe, lock
from efgan_kit.recipe.diff import diff
from efgan_kit.recipe.dump import to_plain
from efgan_kit.training import checkpoints
from efgan_kit.training.assembly import prepare
from efgan_kit.training.batches import batches, to_device
from efgan_kit.training.device import choose_device
from efgan_kit.training.distribution import Processes, joined
from efgan_kit.training.distribution.shares import SharedPlan, must_share_evenly
from efgan_kit.training.interruption import Interruption
from efgan_kit.training.listeners import Listeners
from efgan_kit.training.run_folder import RunFolder
from efgan_kit.training.samples import draw_samples
from efgan_kit.training.starting import start_of
from efgan_kit.training.step import Training
from efgan_kit.training.values import StepValues, attention_maps
from efgan_kit.training.watch import Watch

__all__ = ["Training", "prepare", "train"]


def train(
    recipe: Recipe,
    *,
    run: str | Path,
    resume: bool = False,
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
        device: `auto`, `cpu`, `cuda`, `mps`.
        quiet: Say nothing on stderr.

    Returns:
        The run's summary, as `summary.json` holds it.

    Raises:
        EfganError: Recipe, data or folder are at fault, or a loss is no longer finite.
        KeyboardInterrupt: Ctrl-C or SIGTERM; a checkpoint has been written.
        SystemExit: Another of several processes has failed or is lost, and that has been said.
    """
    with joined() as processes:
        return _train(recipe, RunFolder(Path(run)), processes, resume, device, quiet)


def _train(
    recipe: Recipe, folder: RunFolder, processes: Processes, resume: bool, device: str, quiet: bool
) -> dict[str, Any]:
    watch = Watch(quiet=quiet or not processes.first)
    processes.consolation = lambda: what_is_saved(folder)
    must_share_evenly(recipe, processes.count)
    if resume:
        _must_be_run_of(recipe, folder)
    elif processes.first:
        folder.must_be_free()
    # A run that was ended before its first checkpoint begins anew, and that with the same weights.
    start = None if resume and checkpoints.complete(folder) else start_of(recipe)
    place = choose_device(device, processes)
    if place.type == "cuda" and not processes.alone:
        torch.cuda.set_device(place)
    training = prepare(recipe, place, start, processes)
    if not resume and processes.first:
        origin = {"start_from": start.described()} if start else {}
        locked = {**lock(recipe), **origin, "processes": processes.count}
        folder.begin(recipe.to_yaml(), locked, _preparation(training.faces))
    taken_up = resume and training.restore(folder)
    if processes.decided(lambda: training.step == training.steps and bool(folder.read_summary())):
        return folder.read_summary()
    listeners = Listeners(watch.say, tells=processes.first)
    listeners.tell("efgan_run_started", run=folder.path, recipe=to_plain(recipe))
    try:
        if not taken_up:
            with Interruption(patient=False):
                training.learn_beforehand(watch.say)
        training.unite()
        _take_all_steps(training, folder, watch, listeners)
    except BaseException as stop:
        reason = "interrupted" if isinstance(stop, KeyboardInterrupt) else str(stop)
        listeners.tell("efgan_run_stopped", run=folder.path, step=training.step, reason=reason)
        raise
    summary = {"steps": training.step, "seconds": round(training.seconds, 1)}
    if processes.first:
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


def _must_be_run_of(recipe: Recipe, folder: RunFolder) -> None:
    """Raises EfganError if the folder holds no run, or the run of another recipe."""
    folder.must_exist()
    changes = diff(load_recipe(str(folder.recipe)), recipe)
    if changes:
        shown = "; ".join(f"{change.path} was {change.before}, now {change.after}" for change in changes[:3])
        more = f"; and {len(changes) - 3} more" if len(changes) > 3 else ""
        hint = f"the run's own is {folder.recipe}: resume with that"
        raise fail(str(folder.path), f"this run was begun with another recipe: {shown}{more}", hint)


def _take_all_steps(training: Training, folder: RunFolder, watch: Watch, listeners: Listeners) -> None:
    """Take the steps that are left; log, draw sheets and write checkpoints on the way."""
    settings, processes = training.recipe.train, training.processes
    began = time.monotonic() - training.seconds
    saved = training.step
    reader = batches(
        training.faces,
        training.plan if processes.alone else SharedPlan(training.plan, processes),
        first=training.step * settings.critic_steps,
        last=training.steps * settings.critic_steps,
        target_noise=settings.target_noise,
        workers=settings.workers,
    )
    moved = (to_device(batch, training.device, settings.channels_last) for batch in reader)

    def due(every: int) -> bool:
        return training.step % every == 0 or training.step == training.steps

    def save() -> None:
        nonlocal saved
        training.agree()
        saved = training.step
        if processes.first:
            checkpoint = training.save(folder)
            listeners.tell("efgan_checkpoint_written", run=folder.path, step=saved, checkpoint=checkpoint)

    with Interruption() as interruption, watch.training(training.step, training.steps):
        while training.step < training.steps:
            try:
                *extra, given = [next(moved) for _ in range(settings.critic_steps)]
            except RuntimeError:
                # A signal to the whole process group ends the loader's workers, too.
                if not interruption.asked:
                    raise
            if processes.any(interruption.asked):
                break
            _, values = training.take_step(given, extra)
            training.seconds = time.monotonic() - began
            listeners.tell("efgan_step_ended", run=folder.path, step=training.step)
            if due(settings.log_every):
                record = _record(training, values)
                if processes.first:
                    folder.append_log(record)
                watch.logged(record)
                listeners.tell("efgan_step_logged", run=folder.path, record=record)
            if due(settings.sample_every) and processes.first:
                sheet = draw_samples(training, folder)
                listeners.tell("efgan_samples_drawn", run=folder.path, step=training.step, sheet=sheet)
            if due(settings.checkpoint_every):
                save()
            watch.step(training.step)
        if processes.any(interruption.asked):
            if saved != training.step or not training.step:
                save()
            watch.say(f"interrupted; step {saved} is saved, go on with --resume")
            raise KeyboardInterrupt


def _record(training: Training, modules: Sequence[StepValues]) -> dict[str, Any]:
    """A line of the log; a term that counts in every so many steps stands there with its last loss."""
    record: dict[str, Any] = {
        "step": training.step,
        "seconds": round(training.seconds, 3),
        "losses": {name: loss.item() for name, loss in training.latest.items()},
        "rates": {phase.player: phase.rate for phase in training.phases},
    }
    if "attention" in training.stages[0]:
        maps = attention_maps(modules)
        means = training.processes.mean({name: map_.float().mean() for name, map_ in maps.items()})
        record["attention"] = {name: mean.item() for name, mean in means.items()}
    return record
