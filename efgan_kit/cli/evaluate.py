"""`efgan evaluate`: a run's figures, or several runs' side by side, as tables or for programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from efgan_kit.cli.output import print_json, width
from efgan_kit.cli.paths import GivenPath

if TYPE_CHECKING:
    from efgan_kit.evaluation.comparison import Compared

FORMS: Final = ("text", "md", "csv", "json", "latex")


@click.command(short_help="Measure runs against true pictures, and compare them.")
@click.argument("runs", metavar="RUN...", type=GivenPath(), nargs=-1, required=True)
@click.option(
    "--data", type=GivenPath(), metavar="DIR",
    help="A photo folder, in place of the run's own test faces. Of a folder that the run was trained on, the"
    " people that were kept for testing.",
)  # fmt: skip
@click.option(
    "--pairs", type=GivenPath(), metavar="CSV", help="Columns source,truth: two images of a person."
)
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="At most N pairs, spread evenly.")
@click.option(
    "--device", type=click.Choice(["auto", "cpu", "cuda", "mps"]), default="auto", show_default=True,
    help="Where to compute.",
)  # fmt: skip
@click.option("--format", "form", type=click.Choice(FORMS), help="How to print: text if not given.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout; as --format json.")
@click.option(
    "--out", type=GivenPath(path_type=Path, file_okay=False), metavar="DIR",
    help="Write the comparison to DIR: comparison.md, .csv, .json and .tex, and comparison.png, the same faces under"
    " every run.",
)  # fmt: skip
@click.option(
    "--judge", type=GivenPath(), metavar="RUN",
    help="Let the judge of this run's training faces read all edits: for runs that were trained on different faces.",
)  # fmt: skip
def command(
    runs: tuple[str, ...],
    data: str | None,
    pairs: str | None,
    limit: int | None,
    device: str,
    form: str | None,
    as_json: bool,
    out: Path | None,
    judge: str | None,
) -> None:
    """Measure a run's edits of test faces, or compare several runs on the same faces.

    AU errors as an independent judge reads them, and PSNR, SSIM and L1 to the true pictures, each beside the
    same figure for the untouched source (no-op), so that a copy can't look like success. Of one RUN, writes
    RUN/evaluation.json and the sheet RUN/evaluation.png.

    Several RUNs give one table: every run, and its differences to the first one with their intervals, over all
    pairs and over small and large changes apart. Their test faces and judges must be the same. Nothing is
    written but what --out asks for.

    The judge, and the embedding that identity is measured in, are small networks fitted to the run's training faces,
    a minute or two of work; they are kept in EFGAN_CACHE_DIR (~/.cache/efgan_kit) and shared by all runs on the same
    faces.

    \b
    efgan evaluate runs/quickstart
    efgan evaluate runs/a runs/b runs/c --out comparison
    efgan evaluate runs/a runs/b --format latex
    """
    if as_json and form not in (None, "json"):
        raise click.UsageError(f"--json and --format {form} ask for two forms: give one of them.")
    form = "json" if as_json else form or "text"
    from efgan_kit.cli.progress import shown_progress

    if len(runs) == 1 and out is None and judge is None and form in ("text", "json"):
        from efgan_kit.evaluation import evaluate, print_evaluation

        with shown_progress() as progress:
            evaluation = evaluate(runs[0], data=data, pairs=pairs, limit=limit, device=device, progress=progress)
        if form == "json":
            print_json(evaluation.to_plain())
            return
        print_evaluation(evaluation)
        return
    from efgan_kit.evaluation.comparison import compare
    from efgan_kit.evaluation.comparison_report import write_comparison
    from efgan_kit.files import must_be_writable

    if out is not None:
        must_be_writable(out)
    with shown_progress() as progress:
        compared = compare(
            runs, data=data, pairs=pairs, limit=limit, judge=judge, device=device, progress=progress
        )
    _print(compared, form)
    if out is not None:
        for file in write_comparison(compared, out):
            click.echo(f"written: {file}", err=True)


def _print(compared: Compared, form: str) -> None:
    """The comparison on stdout; what to know before believing it on stderr."""
    from efgan_kit.evaluation.comparison_report import FORMS, table

    if form == "text":
        from rich.console import Console

        from efgan_kit.pages.tables import print_tables

        print_tables([table(compared)], Console(width=width(), highlight=False))
    else:
        click.echo(FORMS[form][1](compared), nl=False)
    for run in compared.runs:
        for warning in run.examined.evaluation.warnings:
            click.echo(f"warning: {run.label}: {warning}", err=True)
