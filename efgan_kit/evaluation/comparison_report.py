"""Runs side by side as a table, Markdown, CSV, LaTeX, JSON and a sheet of faces."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor

from efgan_kit.evaluation.comparison import Compared, Contender, Difference
from efgan_kit.evaluation.figures import HEADLINES, Figure, figure
from efgan_kit.evaluation.sheet import chosen_rows, printable, row_label
from efgan_kit.files import write_atomically, writing
from efgan_kit.pages.tables import UNKNOWN, Table, number, to_csv, to_latex, to_markdown
from efgan_kit.training.sheets import write_sheet

PARTS: Final = ("all", "small", "large")
NO_OP: Final = "no-op"
NAME: Final = "comparison"
LABEL: Final = 18
"""Letters of a run's label that a sheet's column has room for."""


def table(compared: Compared) -> Table:
    """One table: the untouched source, each run, and each difference to the first, over all, small and large edits."""
    names = figures_of(compared)
    rows = [row for part in parts_of(compared) for row in _rows(compared, part, names)]
    return Table(
        _title(compared), ["run", "pairs", *(figure(name).title for name in names)], rows, list(_notes(compared))
    )


def figures_of(compared: Compared) -> list[str]:
    """Names of the figures to show: those of the headlines that any run knows."""
    known = (_figures(run, "all") for run in compared.runs)
    by_run = list(known)
    return [name for name in HEADLINES if any(math.isfinite(figure(name).of(figures)) for figures in by_run)]


def parts_of(compared: Compared) -> list[str]:
    return [part for part in PARTS if _figures(compared.runs[0], part)]


def _rows(compared: Compared, part: str, names: list[str]) -> Iterator[list[str]]:
    first = _figures(compared.runs[0], part)
    yield [NO_OP, part, *(number(figure(name).of_no_op(first)) for name in names)]
    for run in compared.runs:
        yield [run.label, part, *(number(figure(name).of(_figures(run, part))) for name in names)]
    for label, differences in compared.differences.items():
        found = [_difference(figure(name), differences.get(part, {})) for name in names]
        yield [f"{label} less {compared.runs[0].label}", part, *map(_signed, found)]


def _figures(run: Contender, part: str) -> Mapping[str, Mapping[str, float]]:
    evaluation = run.examined.evaluation
    return evaluation.figures if part == "all" else evaluation.by_gap.get(part, {})


def _difference(about: Figure, differences: Mapping[str, Mapping[str, Difference]]) -> Difference | None:
    return differences.get(about.metric, {}).get(about.name)


def _signed(found: Difference | None) -> str:
    if found is None or not math.isfinite(found[0]):
        return UNKNOWN
    value, low, high = found
    return f"{value:+.3f}" + ("" if low is None or high is None else f" [{low:+.3f}, {high:+.3f}]")


def _title(compared: Compared) -> str:
    evaluation = compared.runs[0].examined.evaluation
    return f"{evaluation.pairs} edits of {evaluation.people} people ({evaluation.data})"


def _notes(compared: Compared) -> Iterator[str]:
    evaluation = compared.runs[0].examined.evaluation
    if evaluation.judge:
        yield (
            f"AUs are read by judge {evaluation.judge.name}, weights {evaluation.judge.weights_hash}, which errs by"
            f" {number(evaluation.judge.error)} on the true pictures."
        )
    for metric, extractor in evaluation.extractors.items():
        yield f"{metric} compares features of {extractor.name}, weights {extractor.weights_hash}."
    yield f"Test faces: hash {evaluation.subjects_hash}."
    if evaluation.by_gap:
        yield (
            "Small and large edits are those of AUs at most, and more than,"
            f" {number(evaluation.gap_threshold)} away from the source's in the mean."
        )
    if compared.differences:
        yield (
            "Differences are paired, with 95 % bootstrap intervals over people: the same people are drawn for both"
            " runs. They say what other people would change, not what another seed of the training would."
        )


def csv_rows(compared: Compared) -> Iterator[dict[str, Any]]:
    """Every shown number by the row: of the no-op, of a run, of a run less another."""
    names, first = figures_of(compared), compared.runs[0]

    def row(run: str, against: str, place: tuple[str, str], *found: float | None) -> dict[str, Any]:
        keys = ("run", "against", "pairs", "figure", "value", "low", "high")
        return dict(zip(keys, (run, against, *place, *found), strict=True))

    for part in parts_of(compared):
        for name in names:
            about, place = figure(name), (part, name)
            yield row(NO_OP, "", place, about.of_no_op(_figures(first, part)), None, None)
            for run in compared.runs:
                yield row(run.label, "", place, about.of(_figures(run, part)), *_interval(run, part, about))
            for label, differences in compared.differences.items():
                found = _difference(about, differences.get(part, {})) or (None, None, None)
                yield row(label, first.label, place, *found)


def _interval(run: Contender, part: str, about: Figure) -> tuple[float | None, float | None]:
    evaluation = run.examined.evaluation
    bounds = evaluation.intervals if part == "all" else evaluation.by_gap_intervals.get(part, {})
    return bounds.get(about.metric, {}).get(about.name, (None, None))


def to_plain(compared: Compared) -> dict[str, Any]:
    """The comparison as JSON knows it: each run's whole evaluation, and every figure's difference to the first run."""
    return {
        "runs": {run.label: run.examined.evaluation.to_plain() for run in compared.runs},
        "against": compared.runs[0].label,
        "differences": {
            label: {
                part: {metric: dict(map(_plain, figures.items())) for metric, figures in metrics.items()}
                for part, metrics in parts.items()
            }
            for label, parts in compared.differences.items()
        },
    }


def _plain(item: tuple[str, Difference]) -> tuple[str, dict[str, float | None]]:
    name, (value, low, high) = item
    return name, {"value": value if math.isfinite(value) else None, "low": low, "high": high}


def as_markdown(compared: Compared) -> str:
    return to_markdown([table(compared)])


def as_csv(compared: Compared) -> str:
    return to_csv(list(csv_rows(compared)))


def as_json(compared: Compared) -> str:
    return json.dumps(to_plain(compared), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def as_latex(compared: Compared) -> str:
    runs = ", ".join(str(run.trained.path) for run in compared.runs)
    return to_latex([table(compared)], f"efgan evaluate of {runs}")


FORMS: Final[Mapping[str, tuple[str, Callable[[Compared], str]]]] = {
    "md": ("md", as_markdown),
    "csv": ("csv", as_csv),
    "json": ("json", as_json),
    "latex": ("tex", as_latex),
}
"""By name, each form's suffix and what writes it."""


def write_comparison(compared: Compared, folder: Path) -> list[Path]:
    """Write `comparison.md`, `.csv`, `.json`, `.tex` and the sheet `comparison.png`; returns where they are.

    Raises:
        EfganError: They can't be written.
    """
    files = []
    for suffix, make in FORMS.values():
        file = folder / f"{NAME}.{suffix}"
        with writing(file):
            folder.mkdir(parents=True, exist_ok=True)
            write_atomically(file, make(compared).encode())
        files.append(file)
    sheet = folder / f"{NAME}.png"
    with writing(sheet):
        write_faces(compared, sheet)
    return [*files, sheet]


def write_faces(compared: Compared, path: Path) -> None:
    """The same faces under every run: source, each run's edit, truth; best, median and worst over all runs among them.

    Raises:
        OSError: It can't be written.
    """
    subjects = compared.runs[0].examined.subjects
    values = [run.examined.measurement.values for run in compared.runs]
    errors = None
    if all("edited_aus" in each for each in values):
        errors = torch.stack([(each["edited_aus"] - each["target_aus"]).abs().mean(dim=1) for each in values]).mean(0)
    rows = chosen_rows(len(subjects.pairs), errors)
    pairs = [pair for _, pair in rows]
    batch = subjects.batch(pairs, compared.runs[0].trained.device)
    given = [batch[name] for name in ("source", "landmarks", "source_aus", "target_aus")]
    truth = "truth" if subjects.has_truth else "target (other)"
    columns: dict[str, Tensor] = {"source": batch["source"]}
    for place, run in enumerate(compared.runs, start=1):
        label = _short(run.label)
        with torch.inference_mode():
            edit = run.trained.graph.edit(*given)  # type: ignore[operator]
        columns[f"{place}: {label}" if label in (*columns, truth) else label] = edit.image
    columns[truth] = batch["example"]
    labels = [row_label(title, pair, subjects, errors) for title, pair in rows]
    write_sheet(path, columns, row_labels=labels, title=printable(_title(compared)))


def _short(label: str) -> str:
    """The label's end, which tells runs apart."""
    label = printable(label)
    return label if len(label) <= LABEL else f"..{label[2 - LABEL :]}"
