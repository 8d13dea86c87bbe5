"""`efgan track`: runs that nobody followed, or not to their end, shown afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from efgan_kit.api import fail
from efgan_kit_tracking import run_files
from efgan_kit_tracking.trackers import TRACKERS, WANTED, known, make


@click.command()
@click.argument("runs", nargs=-1, required=True, metavar="RUN...", type=click.Path(path_type=Path))
@click.option("--to", "names", metavar="NAME,NAME", envvar=WANTED, required=True,
              help=f"{' or '.join(TRACKERS)}, or both; what {WANTED} says if not given.")  # fmt: skip
def track(runs: tuple[Path, ...], names: str) -> None:
    """Send each RUN to TensorBoard or MLflow: log, sample sheets, checkpoints, recipe and figures.

    It is read off the run folder, so that it may be done at any time after the training, and again: nothing is shown
    twice. A run that is being trained at this moment is better left alone.

    \b
    efgan track runs/quickstart --to tensorboard
    efgan track runs/quickstart-ablation/*/seed-* --to mlflow
    """
    from rich.console import Console
    from rich.progress import Progress

    trackers = known(names.split(","), "--to")
    recipes = {run: run_files.recipe_of(run) for run in runs}
    console = Console(stderr=True, highlight=False)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        for run, recipe in recipes.items():
            for name in trackers:
                tracker = make(name, run, 0)  # what was shown of later steps is shown anew
                events = list(_events(run))
                try:
                    tracker.described(recipe)
                    for method, *arguments in progress.track(events, description=f"{run} to {name}"):
                        getattr(tracker, method)(*arguments)
                    tracker.close()
                except Exception as error:
                    raise fail(
                        str(run), f"could not be sent to {name}: {_in_a_line(error)}", "mend it and go on"
                    ) from error
                click.echo(f"{run}: sent to {name}")


def _events(run: Path) -> Iterator[tuple[Any, ...]]:
    """Everything that the run's folder holds, as calls of a tracker."""
    began = (run / "recipe.yaml").stat().st_mtime
    for record in run_files.log_of(run):
        yield "logged", record, began + float(record.get("seconds", 0.0))
    for step, sheet in run_files.sheets_of(run):
        yield "drawn", step, sheet, sheet.stat().st_mtime
    for step, checkpoint in run_files.checkpoints_of(run):
        yield "saved", step, checkpoint
    summary = run_files.summary_of(run)
    if summary is None:
        yield "ended", "interrupted", "", run_files.steps_kept(run)
    else:
        yield "ended", "finished", "", summary["steps"]
        yield "measured", summary["steps"], summary


def _in_a_line(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())
