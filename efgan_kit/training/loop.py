"""The training loop: from a recipe to a run folder, and on from where it stopped."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from torch import Tensor

from efgan_kit.api import FaceDataset
from efgan_kit.errors import fail
from efgan_kit.recipe import Recipe, lock
from efgan_kit.recipe.dump import to_plain
from efgan_kit.training import checkpoints
from efgan_kit.training.assembly import prepare
from efgan_kit.training.batches import batches, to_device
from efgan_kit.training.checkpoint_writing import CheckpointWriter, Written
from efgan_kit.training.device import choose_device
from efgan_kit.training.interruption import Interruption
from efgan_kit.training.listeners import Listeners
from efgan_kit.training.resuming import changes_since, refuse
from efgan_kit.training.run_folder import RunFolder
from efgan_kit.training.samples import draw_samples
from efgan_kit.training.starting import start_of
from efgan_kit.training.step import Training
from efgan_kit.training.values import StepValues, attention_maps
from efgan_kit.training.variety import edit_figures
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
        EfganError: Recipe, data or folder are at fault, or a loss is no longer finite.
        KeyboardInterrupt: Ctrl-C, SIGTERM or SIGUSR1; a checkpoint has been written.
    """
    folder, watch = RunFolder(Path(run)), Watch(quiet=quiet)
    changes = changes_since(recipe, folder) if resume else None
    if changes and not accept_changes:
        refuse(changes, folder)
    if not resume:
        folder.must_be_free()
    # A run that was ended before its first checkpoint begins anew, and that with the same weights.
    start = None if resume and checkpoints.complete(folder) else start_of(recipe)
    training = prepare(recipe, choose_device(device), start)
    if not resume:
        origin = {"start_from": start.described()} if start else {}
        folder.begin(recipe.to_yaml(), {**lock(recipe), **origin}, _preparation(training.faces))
    taken_up = resume and training.restore(folder, watch.say)
    training.bad.folder, training.bad.say = folder, watch.say
    if changes:
        changes.record(folder, recipe, training.step)
    if training.step == training.steps and folder.read_summary():
        return folder.read_summary()
    listeners = Listeners(watch.say)
    listeners.tell("efgan_run_started", run=folder.path, recipe=to_plain(recipe))
    try:
        if not taken_up:
            with Interruption(patient=False):
                training.learn_beforehand(watch.say)
        written = _take_all_steps(training, folder, watch, listeners)
    except BaseException as stop:
        reason = "interrupted" if isinstance(stop, KeyboardInterrupt) else str(stop)
        listeners.tell("efgan_run_stopped", run=folder.path, step=training.step, reason=reason)
        raise
    summary = {"steps": training.step, "seconds": round(training.seconds, 1), **_cost_of(written)}
    if training.bad.skipped:
        summary["skipped_steps"] = training.bad.skipped
    folder.write_summary(summary)
    listeners.tell("efgan_run_finished", run=folder.path, summary=summary)
    return summary


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


def _take_all_steps(training: Training, folder: RunFolder, watch: Watch, listeners: Listeners) -> list[Written]:
    """Take the steps that are left; log, draw sheets and write checkpoints on the way.

    Returns:
        The checkpoints.
    """
    settings = training.recipe.train
    began = time.monotonic() - training.seconds
    saved = training.step
    reader = batches(
        training.faces,
        training.plan,
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
        copying = time.monotonic()
        copied, saved = training.snapshot(), training.step
        writer.begin(copied, time.monotonic() - copying)

    def tell(stand: list[Written]) -> None:
        for one in stand:
            written.append(one)
            watch.written(one)
            listeners.tell("efgan_checkpoint_written", run=folder.path, step=one.step, checkpoint=one.path)

    written: list[Written] = []
    with (
        Interruption() as interruption,
        watch.training(training.step, training.steps),
        CheckpointWriter(folder, settings.keep) as writer,
    ):
        while training.step < training.steps and not interruption.asked:
            try:
                *extra, given = [next(moved) for _ in range(settings.critic_steps)]
            except RuntimeError:
                if interruption.asked:
                    break  # A signal to the whole process group ends the loader's workers, too.
                raise
            _, values = training.take_step(given, extra)
            training.seconds = time.monotonic() - began
            listeners.tell("efgan_step_ended", run=folder.path, step=training.step)
            if due(settings.log_every):
                record = _record(training, values)
                folder.append_log(record)
                watch.logged(record)
                listeners.tell("efgan_step_logged", run=folder.path, record=record)
            if due(settings.sample_every):
                sheet = draw_samples(training, folder)
                listeners.tell("efgan_samples_drawn", run=folder.path, step=training.step, sheet=sheet)
            if due(settings.checkpoint_every):
                save()
            tell(writer.done())
            watch.step(training.step)
        if interruption.asked and (saved != training.step or not training.step):
            save()
        tell(writer.done(wait=True))
        if interruption.asked:
            waited = time.monotonic() - interruption.since
            watch.say(f"interrupted; step {saved} is saved, go on with --resume ({waited:.1f} s after the signal)")
            raise KeyboardInterrupt
    return written


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
        means = {name: map_.float().mean().item() for name, map_ in maps.items()}
        record["attention"] = {name: mean for name, mean in means.items() if math.isfinite(mean)}
    edited = modules[-1].at_hand("edited")
    if isinstance(edited, Tensor):
        record["edits"] = edit_figures(modules[0]["given_source"], edited)
    if training.bad.skipped:
        record["skipped"] = training.bad.skipped
    return record
