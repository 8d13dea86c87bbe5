"""Step after step: batches read ahead, lines logged, sheets drawn, checkpoints written, requests to stop heard."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor

from efgan_kit.training.batches import batches, to_device
from efgan_kit.training.checkpoint_writing import CheckpointWriter, Written
from efgan_kit.training.interruption import Interruption
from efgan_kit.training.listeners import Listeners
from efgan_kit.training.run_folder import RunFolder
from efgan_kit.training.samples import draw_samples
from efgan_kit.training.step import Training
from efgan_kit.training.values import StepValues, attention_maps
from efgan_kit.training.variety import edit_figures
from efgan_kit.training.watch import Watch


def take_all_steps(training: Training, folder: RunFolder, watch: Watch, listeners: Listeners) -> list[Written]:
    """Take the steps that are left; log, draw sheets and write checkpoints on the way.

    Returns:
        The checkpoints.

    Raises:
        KeyboardInterrupt: One of the processes was asked to stop; a checkpoint has been written.
    """
    settings, processes = training.recipe.train, training.processes
    began = time.monotonic() - training.seconds
    saved = training.step
    reader = batches(
        training.faces,
        training.own_plan,
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
            copying = time.monotonic()
            copied = training.snapshot()
            writer.begin(copied, time.monotonic() - copying)

    def tell(stand: list[Written]) -> None:
        for one in stand:
            written.append(one)
            watch.written(one)
            listeners.tell("efgan_checkpoint_written", run=folder.path, step=one.step, checkpoint=one.path)

    written: list[Written] = []
    with (
        contextlib.closing(reader),
        Interruption() as interruption,
        watch.training(training.step, training.steps),
        CheckpointWriter(folder, settings.keep) as writer,
    ):
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
            tell(writer.done())
            watch.step(training.step)
        stop = processes.any(interruption.asked)
        if stop and (saved != training.step or not training.step):
            save()
        tell(writer.done(wait=True))
        if stop:
            waited = time.monotonic() - interruption.since if interruption.asked else 0.0
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
    mean = training.processes.mean
    if "attention" in training.stages[0]:
        maps = attention_maps(modules)
        record["attention"] = _finite(mean({name: map_.float().mean() for name, map_ in maps.items()}))
    edited = modules[-1].at_hand("edited")
    if isinstance(edited, Tensor):
        record["edits"] = _finite(mean(edit_figures(modules[0]["given_source"], edited)))
    if training.bad.skipped:
        record["skipped"] = training.bad.skipped
    return record


def _finite(figures: Mapping[str, Tensor]) -> dict[str, float]:
    """Those that JSON can hold."""
    numbers = {name: figure.item() for name, figure in figures.items()}
    return {name: number for name, number in numbers.items() if math.isfinite(number)}
