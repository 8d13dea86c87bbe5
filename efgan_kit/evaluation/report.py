"""An evaluation as tables, for people."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Final

from rich import box
from rich.console import Console
from rich.table import Table

from efgan_kit.evaluation.findings import Evaluation
from efgan_kit.evaluation.gaps import SMALL

BETTER: Final = {"psnr": 1, "ssim": 1, "l1": -1}
"""Whether more is better."""
TITLES: Final = {"psnr": "PSNR (dB)", "ssim": "SSIM", "l1": "L1"}
PIPED: Final = 200
"""Columns where there is no terminal, so that nothing is cut short."""


def print_evaluation(evaluation: Evaluation) -> None:
    """Print the figures on stdout, and what to know before believing them on stderr."""
    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console.width = PIPED
    edits = f"{evaluation.pairs} edits of {evaluation.people} people"
    console.print(f"{evaluation.run}, step {evaluation.step}: {edits} ({evaluation.data})")
    if evaluation.judge:
        known = "kept from before" if evaluation.judge.cached else "fitted now"
        error = f"its error on the true pictures is {evaluation.judge.error:.3f}"
        console.print(f"AUs read by judge {evaluation.judge.name} ({known}); {error}")
    shapes = {
        "au-error": _au_error,
        "picture-error": _picture_error,
        "attention": _attention,
        "progress": _progress,
        "cycle-error": _cycle_error,
    }
    for metric in evaluation.figures:
        console.print(f"\n{metric}{_features(evaluation, metric)}")
        for part in shapes[metric](evaluation) if metric in shapes else _plain(evaluation, metric):
            console.print(part)
    if (gaps := _by_gap(evaluation)) is not None:
        console.print("\nby the distance of source and target AUs")
        console.print(gaps)
    for metric, reason in evaluation.skipped.items():
        console.print(f"\n{metric}: not measured, {reason}")
    cautions = Console(stderr=True, highlight=False, markup=False)
    for warning in evaluation.warnings:
        cautions.print(f"warning: {warning}")


Part = Table | str


def _au_error(evaluation: Evaluation) -> Iterator[Part]:
    figures = evaluation.figures["au-error"]
    rows: list[Sequence[str]] = []
    for title, prefix in (("all", ""), ("those that should change", "changed.")):
        names = ("edit", "share_of_gap_closed")
        edit, share = (_sure(evaluation, "au-error", prefix + name) for name in names)
        others = (_number(figures[prefix + name]) for name in ("no_op", "floor"))
        rows.append((title, edit, *others, share))
    yield _table(("AUs", "edit [95 %]", "no-op", "true picture", "share of gap closed [95 %]"), rows)
    correlation = evaluation.judge.correlation if evaluation.judge else {}
    units = [
        (unit, *(_number(figures[f"{unit}.{who}"]) for who in ("edit", "no_op", "floor")), _number(r))
        for unit, r in correlation.items()
    ]
    yield _table(("AU", "edit", "no-op", "true picture", "judge's r"), units)


def _picture_error(evaluation: Evaluation) -> Iterator[Part]:
    figures = evaluation.figures["picture-error"]
    rows: list[Sequence[str]] = []
    for name in figures:
        if not name.endswith(".edit"):
            continue
        region, kind, _ = name.split(".")
        edit, copied = figures[name], figures[f"{region}.{kind}.no_op"]
        sure = _sure(evaluation, "picture-error", name)
        rows.append((region, TITLES[kind], sure, _number(copied), _verdict(edit - copied, BETTER[kind])))
    yield _table(("region", "figure", "edit [95 %]", "no-op", "the edit is"), rows)
    closer = _sure(evaluation, "picture-error", "face.closer_than_copy")
    yield f"share of edits closer to the truth than a copy: {closer}"


def _verdict(above: float, better: int) -> str:
    if above == 0:
        return "equal to no-op"
    return f"{'above' if above > 0 else 'below'} no-op, {'better' if above * better > 0 else 'worse'}"


def _attention(evaluation: Evaluation) -> Iterator[Part]:
    figures = evaluation.figures["attention"]
    rows: list[Sequence[str]] = []
    for region in (name.removesuffix(".mean") for name in figures if name.endswith(".mean")):
        shares = (_number(figures[f"{region}.{name}"]) for name in ("mean", "copies", "redraws"))
        rows.append((region, *shares, "yes" if figures[f"{region}.saturated"] else "no"))
    yield _table(("region", "mean", "below .02", "above .98", "saturated"), rows)


def _progress(evaluation: Evaluation) -> Iterator[Part]:
    figures = evaluation.figures["progress"]
    shares = [name for name in figures if name.endswith(".share_of_gap_closed")]
    rows = []
    for share in shares:
        error = share.replace(".share_of_gap_closed", ".error")
        own = _sure(evaluation, "progress", error) if error in figures else "-"
        rows.append((share.partition(".")[0], own, _sure(evaluation, "progress", share)))
    yield _table(("module", "error to its own targets [95 %]", "share of the whole gap closed [95 %]"), rows)
    yield f"share of faces nearer to the target with every module: {_sure(evaluation, 'progress', 'steady')}"


def _cycle_error(evaluation: Evaluation) -> Iterator[Part]:
    yield from _plain(evaluation, "cycle-error")
    yield "a copy of the source would score perfectly, 0 and 100 dB: it has nothing to take back"


def _features(evaluation: Evaluation, metric: str) -> str:
    """Whose features a metric compares, where it compares any."""
    extractor = evaluation.extractors.get(metric)
    if extractor is None:
        return ""
    known = "kept from before" if extractor.cached else "fitted now"
    return f", by the features of {extractor.name} {extractor.weights_hash} ({known})"


GAP_FIGURES: Final = (
    ("au-error", "share_of_gap_closed", "share of gap closed [95 %]"),
    ("picture-error", "face.psnr.edit", "PSNR (dB) [95 %]"),
    ("picture-error", "face.psnr.no_op", "no-op"),
)
"""What is shown of small and of large edits: metric, figure and title."""


def _by_gap(evaluation: Evaluation) -> Table | None:
    """A few figures of small and of large edits side by side; None where none of them is known."""
    shown = [figure for figure in GAP_FIGURES if figure[0] in evaluation.figures]
    if not evaluation.by_gap or not shown:
        return None
    rows = []
    for part, figures in evaluation.by_gap.items():
        bounds = evaluation.by_gap_intervals[part]
        sign = "up to" if part == SMALL else "above"
        cells = (_between(figures[m][name], bounds[m].get(name)) for m, name, _ in shown)
        rows.append((f"{part} ({sign} {_number(evaluation.gap_threshold)})", *cells))
    return _table(("AU distance", *(title for *_, title in shown)), rows)


def _plain(evaluation: Evaluation, metric: str) -> Iterator[Part]:
    rows = [(name, _sure(evaluation, metric, name)) for name in evaluation.figures[metric]]
    yield _table(("figure", "value [95 %]"), rows)


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left", overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table


def _sure(evaluation: Evaluation, metric: str, name: str) -> str:
    """A figure with its interval, where it has one."""
    return _between(evaluation.figures[metric][name], evaluation.intervals.get(metric, {}).get(name))


def _between(figure: float, bounds: tuple[float, float] | None) -> str:
    value = _number(figure)
    return f"{value} [{_number(bounds[0])}, {_number(bounds[1])}]" if bounds and value != "-" else value


def _number(value: float | None) -> str:
    if value is None or not math.isfinite(value):
        return "-"
    size = abs(value)
    if size > 1 and float(value).is_integer():
        return f"{value:.0f}"
    return f"{value:.2f}" if size >= 10 else f"{value:.3f}" if size >= 0.01 or size < 5e-5 else f"{value:.4f}"
