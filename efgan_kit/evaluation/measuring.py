"""Asking metrics for figures: which values they want, whether these are known, how sure the figures are."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import attrs
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from efgan_kit.api import Metric, ValueFunction, values_of
from efgan_kit.errors import EfganError, Fault, nearest
from efgan_kit.evaluation.bootstrap import intervals
from efgan_kit.evaluation.examination import GIVEN, READ, Examination
from efgan_kit.evaluation.gaps import split_by_gap
from efgan_kit.evaluation.pairwise import is_figure, joined, on_cpu, picked
from efgan_kit.evaluation.subjects import Subjects
from efgan_kit.training.streams import stream
from efgan_kit.training.values import StepValues

BATCH = 16
AUS: Final = ("source_aus", "target_aus")
Figures = dict[str, float]
Intervals = dict[str, tuple[float, float]]
Progress = Callable[[str, int, int], None]


@attrs.frozen
class Measurement:
    """What the metrics say.

    Attributes:
        figures: By metric, its figures by name; without those metrics that have nothing to say of this run.
        intervals: The same for the figures' 95 % intervals; a metric that asks for pictures, or is not `resampled`,
            has none.
        skipped: Metrics that could not be asked, with the reason.
        values: The values that were computed, by name, over all pairs: all that some metric asked for, and the AUs.
        asked: By metric, the values it was asked with, by parameter. Of the metrics in `intervals` these are figures
            a face: `figures_at` asks them again over some of the pairs.
        gap_threshold: The median of the pairs' AU distances, mean absolute differences of source and target AUs.
        by_gap: Under `small` and `large`, the figures by metric over the pairs at most, and above, that far apart; of
            those metrics that have intervals. Empty if all pairs are equally far apart.
        by_gap_intervals: The same for their intervals.
    """

    figures: dict[str, Figures]
    intervals: dict[str, Intervals]
    skipped: dict[str, str]
    values: dict[str, Any]
    asked: dict[str, dict[str, Any]]
    gap_threshold: float
    by_gap: dict[str, dict[str, Figures]]
    by_gap_intervals: dict[str, dict[str, Intervals]]


def measure(
    metrics: Mapping[str, Metric],
    examination: Examination,
    subjects: Subjects,
    device: torch.device,
    *,
    also: Sequence[str] = (),
    progress: Progress = lambda what, done, total: None,
) -> Measurement:
    """Compute what the metrics ask for over all pairs, once, and ask them.

    Values are computed batch by batch, and only those that a metric names are kept: metrics that ask for
    figures a face rather than for pictures leave memory alone, and get intervals.

    Args:
        also: Names of further values to keep.

    Raises:
        EfganError: A metric asks for a value that no evaluation has.
    """
    functions = values_of(examination)
    for name, metric in metrics.items():
        functions |= _own_values(name, metric)
    wanted = {name: _parameters(name, metric) for name, metric in metrics.items()}
    _refuse_unknown(wanted, functions)
    reasons = {name: _lacking(name, functions, examination, subjects) for name in (*functions, *GIVEN)}
    unknown = {name: reason for name, reason in reasons.items() if reason}
    skipped: dict[str, str] = {}
    answerable: dict[str, dict[str, str]] = {}
    for name, parameters in wanted.items():
        obstacles = [unknown[value] for value, needed in parameters.values() if needed and value in unknown]
        if obstacles:
            skipped[name] = obstacles[0]
        else:
            answerable[name] = {key: value for key, (value, _) in parameters.items() if value not in unknown}
    kept = {v for values in answerable.values() for v in values.values()} | {v for v in also if v not in unknown}
    values = _compute(sorted(kept | {*AUS}), functions, subjects, device, progress)
    asked = {n: {key: values[value] for key, value in names.items()} for n, names in answerable.items()}
    said = {name: _asked(metrics[name], given) for name, given in asked.items()}
    figures = {name: theirs for name, theirs in said.items() if theirs}
    drawable = [name for name in figures if is_figure(asked[name]) and getattr(metrics[name], "resampled", True)]
    threshold, parts = split_by_gap(*(values[name] for name in AUS))

    def bounds(positions: Tensor) -> dict[str, Intervals]:
        people = [subjects.people[position] for position in positions.tolist()]
        return {name: _intervals(metrics[name], picked(asked[name], positions), people) for name in drawable}

    return Measurement(
        figures=figures,
        intervals=bounds(torch.arange(len(subjects.pairs))),
        skipped=skipped,
        values=values,
        asked=asked,
        gap_threshold=threshold,
        by_gap={
            part: {name: figures_at(positions, metrics[name], asked[name]) for name in drawable}
            for part, positions in parts.items()
        },
        by_gap_intervals={part: bounds(positions) for part, positions in parts.items()},
    )


def figures_at(positions: Tensor, metric: Metric, given: Mapping[str, Any]) -> Figures:
    """A metric's figures over the pairs at `positions` `(K,)` alone; a pair may come more than once.

    Args:
        given: What the metric asks for over all pairs, by parameter: `Measurement.asked` of it.
    """
    return _asked(metric, picked(given, positions))


def _own_values(metric_name: str, metric: Metric) -> dict[str, ValueFunction]:
    """The values that a metric declares itself, each under `METRIC.VALUE`: two metrics may call theirs alike."""
    own = values_of(metric)

    def scoped(function: ValueFunction) -> ValueFunction:
        needs = {need: f"{metric_name}.{need}" if need in own else need for need in function.needs}
        back = {scope: need for need, scope in needs.items()}

        def compute(**given: Any) -> Any:
            return function.function(**{back[name]: made for name, made in given.items()})

        return ValueFunction(compute, tuple(needs.values()))

    return {f"{metric_name}.{name}": scoped(function) for name, function in own.items()}


Wanted = dict[str, tuple[str, bool]]


def _parameters(metric_name: str, metric: Metric) -> Wanted:
    """By parameter of a metric, the value that it names, and whether the metric can't do without."""
    parameters = inspect.signature(metric).parameters.values()
    named = [p for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    own = values_of(metric)
    return {p.name: (f"{metric_name}.{p.name}" if p.name in own else p.name, p.default is p.empty) for p in named}


def _refuse_unknown(wanted: Mapping[str, Wanted], functions: Mapping[str, ValueFunction]) -> None:
    known = [*functions, *GIVEN]
    what = "asks for '{}', a value that no evaluation has"
    faults = [
        Fault(f"metrics.{metric}", what.format(value), nearest(value, known))
        for metric, parameters in wanted.items()
        for value, needed in parameters.values()
        if needed and value not in known
    ]
    if faults:
        raise EfganError(*faults)


def _lacking(name: str, functions: Mapping[str, ValueFunction], examination: Examination, subjects: Subjects) -> str:
    """Why the value is not known here; empty if it is."""
    if name == "truth":
        return "" if subjects.has_truth else "the true pictures are not known: the data have no pairs"
    if name in READ and examination.judge is None:
        return "there is no judge"
    needs = functions[name].needs if name in functions else ()
    reasons = (_lacking(need, functions, examination, subjects) for need in needs)
    return next(filter(None, reasons), "")


def _compute(
    names: Sequence[str],
    functions: Mapping[str, ValueFunction],
    subjects: Subjects,
    device: torch.device,
    progress: Progress,
) -> dict[str, Any]:
    parts: list[dict[str, Any]] = []
    count = len(subjects.pairs)
    for first in range(0, count, BATCH):
        chosen = range(first, min(first + BATCH, count))
        with torch.inference_mode():
            batch = StepValues(functions, subjects.batch(chosen, device), lambda name: stream(0, name))
            parts.append({name: on_cpu(batch[name]) for name in names})
        progress("editing the test faces", chosen.stop, count)
    return {name: joined([part[name] for part in parts]) for name in names}


def _asked(metric: Metric, given: Mapping[str, Any]) -> Figures:
    return {name: float(figure) for name, figure in metric(**given).items()}


def _intervals(metric: Metric, given: Mapping[str, Any], people: Sequence[str]) -> Intervals:
    def figures(chosen: NDArray[np.int64]) -> Figures:
        return figures_at(torch.from_numpy(chosen), metric, given)

    return intervals(figures, people)
