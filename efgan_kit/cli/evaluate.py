"""`efgan evaluate`: a run's figures, as tables or as JSON."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import click

from efgan_kit.cli.output import print_json, print_table

if TYPE_CHECKING:
    from efgan_kit.evaluation import Evaluation

BETTER: Final = {"psnr": 1, "ssim": 1, "l1": -1}
"""Whether more is better."""


@click.command(short_help="Measure a run against true pictures.")
@click.argument("run", metavar="RUN", type=click.Path())
@click.option(
    "--data", type=click.Path(), metavar="DIR",
    help="A photo folder, in place of the run's own test faces. Of a folder that the run was trained on, the"
    " people that were kept for testing.",
)  # fmt: skip
@click.option(
    "--pairs", type=click.Path(), metavar="CSV", help="Columns source,truth: two images of a person."
)
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="At most N pairs, spread evenly.")
@click.option(
    "--device", type=click.Choice(["auto", "cpu", "cuda", "mps"]), default="auto", show_default=True,
    help="Where to compute.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def command(
    run: str, data: str | None, pairs: str | None, limit: int | None, device: str, as_json: bool
) -> None:
    """Measure a run's edits of test faces.

    AU errors as an independent judge reads them, and PSNR, SSIM and L1 to the true pictures, each beside the
    same figure for the untouched source (no-op), so that a copy can't look like success. Writes
    RUN/evaluation.json and the sheet RUN/evaluation.png.

    The judge is a regressor fitted to the run's training faces, about a minute's work; it is kept in
    EFGAN_CACHE_DIR (~/.cache/efgan_kit) and shared by all runs on the same faces.
    """
    from efgan_kit.cli.progress import shown_progress
    from efgan_kit.evaluation import evaluate

    with shown_progress() as progress:
        evaluation = evaluate(run, data=data, pairs=pairs, limit=limit, device=device, progress=progress)
    if as_json:
        print_json(evaluation.to_plain())
        return
    _print(evaluation)


def _print(evaluation: Evaluation) -> None:
    edits = f"{evaluation.pairs} edits of {evaluation.people} people"
    click.echo(f"{evaluation.run}, step {evaluation.step}: {edits} ({evaluation.data})")
    if evaluation.judge:
        known = "kept from before" if evaluation.judge.cached else "fitted now"
        error = f"its error on the true pictures is {evaluation.judge.error:.3f}"
        click.echo(f"AUs read by judge {evaluation.judge.name} ({known}); {error}")
    for metric, figures in evaluation.figures.items():
        show = {"au-error": _au_error, "picture-error": _picture_error, "attention": _attention}.get(metric)
        click.echo(f"\n{metric}")
        if show:
            show(evaluation, figures)
        else:
            rows = [(name, _sure(evaluation, metric, name)) for name in figures]
            print_table(("figure", "value [95 %]"), rows, right=("value [95 %]",))
    for metric, reason in evaluation.skipped.items():
        click.echo(f"\n{metric}: not measured, {reason}")
    for warning in evaluation.warnings:
        click.echo(f"warning: {warning}", err=True)


def _au_error(evaluation: Evaluation, figures: dict[str, float]) -> None:
    columns = ("AUs", "edit [95 %]", "no-op", "true picture", "share of gap closed [95 %]")
    rows = []
    for title, prefix in (("all", ""), ("those that should change", "changed.")):
        names = ("edit", "share_of_gap_closed")
        edit, share = (_sure(evaluation, "au-error", prefix + name) for name in names)
        others = (_number(figures[prefix + name]) for name in ("no_op", "floor"))
        rows.append((title, edit, *others, share))
    print_table(columns, rows, right=columns[1:])
    assert evaluation.judge is not None
    columns = ("AU", "edit", "no-op", "true picture", "judge's r")
    units = [
        (unit, *(_number(figures[f"{unit}.{who}"]) for who in ("edit", "no_op", "floor")), _number(r))
        for unit, r in evaluation.judge.correlation.items()
    ]
    print_table(columns, units, right=columns[1:])


def _picture_error(evaluation: Evaluation, figures: dict[str, float]) -> None:
    columns = ("region", "figure", "edit [95 %]", "no-op", "edit is")
    print_table(columns, _picture_rows(evaluation, figures), right=columns[2:4])
    closer = _sure(evaluation, "picture-error", "face.closer_than_copy")
    click.echo(f"share of edits closer to the truth than a copy: {closer}")


def _picture_rows(evaluation: Evaluation, figures: dict[str, float]) -> Iterator[tuple[str, ...]]:
    for name in figures:
        if not name.endswith(".edit"):
            continue
        region, kind, _ = name.split(".")
        edit, copied = figures[name], figures[f"{region}.{kind}.no_op"]
        verdict = "above no-op" if edit > copied else "below no-op" if edit < copied else "equal to no-op"
        good = "better" if (edit - copied) * BETTER[kind] > 0 else "worse" if edit != copied else "no better"
        unit = {"psnr": "PSNR (dB)", "ssim": "SSIM", "l1": "L1"}[kind]
        yield (region, unit, _sure(evaluation, "picture-error", name), _number(copied), f"{verdict}, {good}")


def _attention(evaluation: Evaluation, figures: dict[str, float]) -> None:
    columns = ("region", "mean", "below .02", "above .98", "saturated")
    rows = []
    for region in (name.removesuffix(".mean") for name in figures if name.endswith(".mean")):
        shares = (_number(figures[f"{region}.{name}"]) for name in ("mean", "copies", "redraws"))
        rows.append((region, *shares, "yes" if figures[f"{region}.saturated"] else "no"))
    print_table(columns, rows, right=columns[1:4])


def _sure(evaluation: Evaluation, metric: str, name: str) -> str:
    """A figure with its interval, where it has one."""
    bounds = evaluation.intervals.get(metric, {}).get(name)
    value = _number(evaluation.figures[metric][name])
    return f"{value} [{_number(bounds[0])}, {_number(bounds[1])}]" if bounds and value != "-" else value


def _number(value: float | None) -> str:
    if value is None or not math.isfinite(value):
        return "-"
    return f"{value:.2f}" if abs(value) >= 10 else f"{value:.3f}"
