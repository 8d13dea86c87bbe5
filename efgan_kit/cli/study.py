"""`efgan study`: several trainings and the comparisons between them, repeated and resumed by one command."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from efgan_kit.cli.launching import launching
from efgan_kit.cli.output import print_json, width
from efgan_kit.cli.paths import GivenPath
from efgan_kit.cli.recipe import as_json, overriding
from efgan_kit.cli.study_output import fault_of, print_cells
from efgan_kit.errors import EfganError

if TYPE_CHECKING:
    from efgan_kit.evaluation.study import Report


class Seeds(click.ParamType):
    """Whole numbers, separated by commas."""

    name = "seeds"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, ...]:
        words = [word.strip() for word in value.split(",")]
        if not all(word.isdecimal() for word in words):
            self.fail(f"'{value}' are not whole numbers separated by commas, such as 0,1,2.", param, ctx)
        return tuple(map(int, words))


@click.command(short_help="Train and compare the arms of a study.")
@click.argument("study")
@click.option(
    "--run", "folder", type=GivenPath(path_type=Path), metavar="DIR",
    help="The study's folder; runs/STUDY if not given. The run of an arm with a seed is DIR/ARM/seed-N.",
)  # fmt: skip
@click.option("--jobs", type=click.IntRange(min=1), default=1, show_default=True, metavar="N",
              help="Trainings side by side; here, the processor's cores are shared out among them.")  # fmt: skip
@launching
@click.option("--seeds", type=Seeds(), metavar="N,N,...", help="These seeds, in place of the study's: 0,1,2")
@overriding
@click.option("--device", default="auto", show_default=True, metavar="auto|cpu|cuda|mps", help="Where to compute.")
@click.option("--plan", "plan_only", is_flag=True, help="Show what there is to train and what is done, and stop.")
@click.option("--report-only", is_flag=True, help="Train nothing: measure and report what is finished.")
@as_json
def command(
    study: str,
    folder: Path | None,
    jobs: int,
    launcher: str,
    launcher_options: tuple[str, ...],
    seeds: tuple[int, ...] | None,
    overrides: tuple[str, ...],
    device: str,
    plan_only: bool,
    report_only: bool,
    json_wanted: bool,
) -> None:
    """Train the arms of STUDY with every seed, measure them, and report what becomes of its claims.

    STUDY is a shipped study's name or a YAML file. Everything is checked before anything is trained. The same
    command again goes on where it stopped: finished runs are never trained again, and those that were cut off go on
    from their newest checkpoints. -o changes every arm. Writes DIR/report.md, .csv, .json and .tex.

    Ctrl-C lets every training write a checkpoint and stops. A training that fails does not stop the others; it is
    tried again by the next command. --launcher has them run elsewhere than on this machine.

    \b
    efgan study paper --plan
    efgan study paper --run runs/paper --jobs 2
    efgan study paper --run runs/try --seeds 0 -o train.steps=20
    efgan study paper --jobs 20 --launcher slurm --launcher-option partition=gpu --launcher-option gpus=1
    """
    from efgan_kit.evaluation.study import conduct, make_launcher, make_plan, read_study
    from efgan_kit.training.device import choose_device

    choose_device(device)
    engine = make_launcher(launcher, launcher_options, jobs=jobs)
    chosen = read_study(study, overrides=overrides, seeds=seeds)
    plan = make_plan(chosen, folder or Path("runs") / chosen.name)
    if plan_only:
        print_cells(plan, json_wanted)
        return
    from efgan_kit.cli.study_progress import shown_study

    with shown_study(plan) as (tell, begin, progress):
        report, failed = conduct(
            plan, train=not report_only, jobs=jobs, device=device, launcher=engine,
            tell=tell, begin=begin, progress=progress,
        )  # fmt: skip
    _print_report(report, plan.folder, json_wanted)
    if failed:
        raise EfganError(*(fault_of(cell, why) for cell, why in failed.items()))


def _print_report(report: Report, folder: Path, json_wanted: bool) -> None:
    from rich.console import Console

    from efgan_kit.evaluation.study import to_plain
    from efgan_kit.evaluation.study.writing import FORMS, tables
    from efgan_kit.pages.tables import print_tables

    if json_wanted:
        print_json(to_plain(report))
        return
    for number, comparison in enumerate(report.study.comparisons, start=1):
        if comparison.claim:
            click.echo(f"claim {number}: {comparison.claim}")
    print_tables(tables(report), Console(width=width(), highlight=False))
    for name, why in report.missing.items():
        click.echo(f"missing: {name}: {why}")
    click.echo(f"report: {folder / 'report'}.{{{','.join(FORMS)}}}")

