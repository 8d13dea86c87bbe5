"""`efgan train`: from a recipe to a run that has learned something, been measured and edited a face."""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from efgan_kit.cli.paths import GivenPath
from efgan_kit.cli.recipe import overriding
from efgan_kit.errors import EfganError, fail

if TYPE_CHECKING:
    from efgan_kit.recipe import Recipe


@click.command(short_help="Train a recipe into a run folder, or resume one.")
@click.argument("recipe")
@click.option(
    "--data", type=GivenPath(), metavar="PHOTO_FOLDER",
    help="Train and test on this photo folder, split by person.",
)  # fmt: skip
@click.option(
    "--start-from", "start_from", type=GivenPath(), metavar="RUN",
    help="Begin with the weights of this run; short for -o graph.start_from=RUN.",
)  # fmt: skip
@overriding
@click.option(
    "--run", "run", type=GivenPath(path_type=Path), metavar="DIR",
    help="The run folder; runs/RECIPE if not given.",
)  # fmt: skip
@click.option("--resume", is_flag=True, help="Go on from the run's newest checkpoint.")
@click.option("--resume-if-begun", is_flag=True,
              help="Go on if the run has begun, begin it if not: for clusters that run a command again.")  # fmt: skip
@click.option("--accept-changes", is_flag=True,
              help="Go on although the recipe or versions are not those the run was begun with; lock.json says so.")
@click.option("--verify-resume", is_flag=True,
              help="Train a few steps straight through and again with a stop, in a temporary folder, and compare.")
@click.option("--keep", type=click.IntRange(min=1), metavar="N",
              help="Checkpoints kept, the newest; short for -o train.keep=N.")  # fmt: skip
@click.option("--device", default="auto", show_default=True, metavar="auto|cpu|cuda|mps", help="Where to train.")
@click.option("--processes", type=click.IntRange(min=1), default=1, show_default=True, metavar="N",
              help="Share every batch among N processes of this machine; torchrun starts them on several.")  # fmt: skip
@click.option("--evaluate/--no-evaluate", default=True, show_default=True, help="Measure the run when it is done.")
def command(
    recipe: str,
    data: str | None,
    start_from: str | None,
    overrides: tuple[str, ...],
    run: Path | None,
    resume: bool,
    resume_if_begun: bool,
    accept_changes: bool,
    verify_resume: bool,
    keep: int | None,
    device: str,
    processes: int,
    evaluate: bool,
) -> None:
    """Train RECIPE, a shipped recipe's name or a YAML file.

    The run folder holds the resolved recipe, a log, sample sheets, checkpoints and, in the end, the
    evaluation. Ctrl-C, SIGTERM and SIGUSR1 write a checkpoint and stop; the same command with --resume goes on from
    there. See docs/survival.md.
    """
    from efgan_kit.cli.processes import Order, train_in_processes
    from efgan_kit.recipe import with_photo_folder
    from efgan_kit.training.distribution import joined
    from efgan_kit.training.interruption import Interruption

    if start_from is not None:
        if any(override.partition("=")[0].strip() == "graph.start_from" for override in overrides):
            raise fail("--start-from", "-o graph.start_from names a run, too", "leave one of them out")
        overrides = (*overrides, f"graph.start_from={json.dumps(start_from)}")
    if keep is not None:
        overrides = (*overrides, f"train.keep={keep}")
    changes = with_photo_folder(overrides, data) if data else list(overrides)
    with joined() as together, Interruption(patient=False):
        if processes > 1 and not together.alone:
            what = f"this is one of {together.count} processes already, by the environment's WORLD_SIZE"
            raise fail("--processes", what, "under torchrun, its --nproc-per-node says how many")
        chosen = _loaded(recipe, changes, run)
        if verify_resume:
            _verify(chosen, device)
            return
        folder = run or Path("runs") / chosen.name
        if together.first:
            click.echo(f"training '{chosen.name}' into {folder}", err=True)
        order = Order(recipe, changes, folder, resume, resume_if_begun, accept_changes, device)
        if processes == 1:
            order.carry_out()
        else:
            train_in_processes(processes, chosen, order)
    if together.first:
        if evaluate:
            _finish(folder, device)
        click.echo(f"done: {folder}")


def _loaded(recipe: str, changes: Sequence[str], run: Path | None) -> Recipe:
    """The recipe. Where it can't be had, what the run that it is for was begun with, and lacks, is told as well."""
    from efgan_kit.recipe import load_recipe
    from efgan_kit.recipe.absent import absent

    try:
        return load_recipe(recipe, overrides=changes)
    except EfganError as error:
        lacking = absent(run) if run else []
        raise EfganError(*dict.fromkeys((*error.faults, *lacking))) from error


def _verify(recipe: Recipe, device: str) -> None:
    """Say whether a training of the recipe resumes exactly. Raises EfganError if it does not."""
    from efgan_kit.cli.progress import shown_progress
    from efgan_kit.training.verification import verify_resume

    with shown_progress() as progress:
        verdict = verify_resume(recipe, device=device, progress=progress)
    compared = ", ".join(f"{count} {what}" for what, count in verdict.compared.items())
    if not verdict.differences:
        click.echo(
            f"'{recipe.name}' resumes exactly: {verdict.steps} steps straight through, and stopped after"
            f" {verdict.stopped} and resumed by another process, are the same to the bit in {compared}"
        )
        return
    shown = ", ".join(verdict.differences[:8])
    what = f"resuming is not exact: {len(verdict.differences)} differences in {compared}; {shown}"
    outside = "a component keeps something that is in no state_dict, or draws random numbers from no stream of its own"
    unsteady = "the same steps straight through come out otherwise each time, too: it is not resuming, but the device's"
    hint = outside if verdict.repeats else f"{unsteady} kernels or a component that is not deterministic"
    raise fail(recipe.source, what, hint)


def _finish(folder: Path, device: str) -> None:
    """Measure the run, edit one face with it, and say where everything is.

    Test faces that do not serve for that are no reason to fail: the training is done.
    """
    from efgan_kit.cli.progress import shown_progress
    from efgan_kit.editing.showcase import edit_one_face
    from efgan_kit.evaluation import evaluate, print_evaluation
    from efgan_kit.training.interruption import Interruption
    from efgan_kit.training.listeners import Listeners
    from efgan_kit.training.run_folder import RunFolder

    run = RunFolder(folder)
    summary = run.read_summary()
    found = {"sample sheet": str(run.sheet(summary["steps"]))}
    try:
        with Interruption(patient=False):
            with shown_progress() as progress:
                evaluation = evaluate(folder, device=device, progress=progress)
            measured = {**summary, **evaluation.main}
            run.write_summary(measured)
            Listeners(functools.partial(click.echo, err=True)).tell("efgan_run_measured", run=folder, summary=measured)
            print_evaluation(evaluation)
            found["evaluation"] = f"{folder / 'evaluation.json'} and {folder / 'evaluation.png'}"
            face, expression = edit_one_face(folder, device=device)
            found[f"edited face ({expression})"] = str(face)
    except EfganError as error:
        click.echo(f"warning: the run is trained, but not measured or shown in full: {error}", err=True)
    except KeyboardInterrupt:
        click.echo(f"the run is trained, and not measured in full: efgan evaluate {folder}", err=True)
        raise
    for what, where in found.items():
        click.echo(f"{what + ':':28}{where}")
