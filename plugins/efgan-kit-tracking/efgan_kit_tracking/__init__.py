"""Trainings followed in TensorBoard and MLflow, where `EFGAN_TRACKING` names them; otherwise nothing happens."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from efgan_kit.api import Register, hookimpl


@hookimpl
def efgan_components(register: Register) -> None:
    register("command", "track", "efgan_kit_tracking.command:track", "Send runs to TensorBoard or MLflow afterwards")


@hookimpl
def efgan_recipes() -> Path:
    return Path(__file__).parent / "recipes"


# What follows a training is imported when one begins.


@hookimpl
def efgan_run_started(run: Path, recipe: Mapping[str, Any]) -> None:
    from efgan_kit_tracking import following

    following.begin(run, recipe)


@hookimpl
def efgan_step_logged(run: Path, record: Mapping[str, Any]) -> None:
    from efgan_kit_tracking import following

    following.logged(run, record)


@hookimpl
def efgan_samples_drawn(run: Path, step: int, sheet: Path) -> None:
    from efgan_kit_tracking import following

    following.drawn(run, step, sheet)


@hookimpl
def efgan_checkpoint_written(run: Path, step: int, checkpoint: Path) -> None:
    from efgan_kit_tracking import following

    following.saved(run, step, checkpoint)


@hookimpl
def efgan_run_finished(run: Path, summary: Mapping[str, Any]) -> None:
    from efgan_kit_tracking import following

    following.finished(run, summary)


@hookimpl
def efgan_run_stopped(run: Path, step: int, reason: str) -> None:
    from efgan_kit_tracking import following

    following.stopped(run, step, reason)


@hookimpl
def efgan_run_measured(run: Path, summary: Mapping[str, Any]) -> None:
    from efgan_kit_tracking import following

    following.measured(run, summary)
