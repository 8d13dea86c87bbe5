"""`efgan explain`: which loss terms of a run are dead, which fight, and whether attention maps are saturated."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from efgan_kit.cli.output import print_json, width
from efgan_kit.cli.paths import GivenPath

if TYPE_CHECKING:
    from efgan_kit.evaluation.explanation import Explanation


@click.command(short_help="Say which loss terms of a run are dead, and which fight.")
@click.argument("run", metavar="RUN", type=GivenPath())
@click.option(
    "--batches", type=click.IntRange(min=1), default=8, show_default=True, metavar="N",
    help="Batches of the run's own training faces to look at.",
)  # fmt: skip
@click.option(
    "--checkpoints", "which", type=click.Choice(["all", "newest"]), default="all", show_default=True,
    help="All that the run has kept, or the newest alone.",
)  # fmt: skip
@click.option(
    "--dead", type=click.FloatRange(0, 1), default=0.01, show_default=True, metavar="SHARE",
    help="A term whose share of the gradient is below this in every batch and each part of the player is called dead.",
)  # fmt: skip
@click.option(
    "--fights", type=click.FloatRange(-1, 0), default=-0.1, show_default=True, metavar="COSINE",
    help="Two terms whose cosine is below this, in the mean and in most batches, are said to fight.",
)  # fmt: skip
@click.option(
    "--device", type=click.Choice(["auto", "cpu", "cuda", "mps"]), default="auto", show_default=True,
    help="Where to compute.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout, with every figure.")
@click.option(
    "--out", type=GivenPath(path_type=Path, file_okay=False), metavar="DIR",
    help="Write DIR/explanation.md and DIR/explanation.json, too.",
)  # fmt: skip
def command(
    run: str,
    batches: int,
    which: Literal["all", "newest"],
    dead: float,
    fights: float,
    device: str,
    as_json: bool,
    out: Path | None,
) -> None:
    """Say what each loss term asks of each player, before a sweep is spent on ablating them.

    At the cost of a few steps: for the generator, the discriminator and the interpolator, each live term's weighted
    gradient is computed by itself, at each checkpoint that the run has kept. The tables give its share of the whole,
    its share in each part of the player, and the cosine of every two terms' gradients; then, by region, whether the
    attention maps copy, repaint, or choose. No weight is moved, and nothing is written but what --out asks for.

    \b
    efgan explain runs/quickstart
    efgan explain runs/quickstart --checkpoints newest --batches 2 --json
    efgan explain runs/quickstart --out explained
    """
    from efgan_kit.cli.progress import shown_progress
    from efgan_kit.evaluation.explanation import Limits, explain, to_plain, write_explanation
    from efgan_kit.files import must_be_writable

    if out is not None:
        must_be_writable(out)
    with shown_progress() as progress:
        limits = Limits(dead=dead, fights=fights)
        found = explain(run, batches=batches, which=which, limits=limits, device=device, progress=progress)
    if as_json:
        print_json(to_plain(found))
    else:
        _print(found)
    if out is not None:
        for file in write_explanation(found, out):
            click.echo(f"written: {file}", err=True)


def _print(found: Explanation) -> None:
    from rich.console import Console

    from efgan_kit.evaluation.explanation.report import heading, idle, tables
    from efgan_kit.evaluation.explanation.words import findings
    from efgan_kit.pages.tables import print_tables

    click.echo(heading(found))
    print_tables(tables(found), Console(width=width(), highlight=False))
    for line in (*findings(found), *idle(found)):
        click.echo(line)
