"""Asking metrics for figures: which values they want, whether these are known, how sure the figures are."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from efgan_kit.api import Metric, ValueFunction, values_of
from efgan_kit.errors import EfganError, Fault, nearest
from efgan_kit.evaluation.bootstrap import intervals
from efgan_kit.evaluation.examination import GIVEN, Examination
from efgan_kit.evaluation.subjects import Subjects
from efgan_kit.training.streams import stream
from efgan_kit.training.values import StepValues

BATCH = 16
Figures = dict[str, float]
Progress = Callable[[str, int, int], None]


@attrs.frozen
class Measurement:
    """What the metrics say.

    Attributes:
        figures: By metric, its figures by name.
        intervals: The same for the figures' 95 % intervals; a metric that asks for pictures has none.
        skipped: Metrics that could not be asked, with the reason.
        values: The values that were computed, by name, over all pairs.
    """

    figures: dict[str, Figures]
    intervals: dict[str, dict[str, tuple[float, float]]]
    skipped: dict[str, str]
    values: dict[str, Any]


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
    wanted = {name: _parameters(metric) for name, metric in metrics.items()}
    _refuse_unknown(wanted, functions)
    reasons = {name: _lacking(name, functions, examination, subjects) for name in (*functions, *GIVEN)}
    unknown = {name: reason for name, reason in reasons.items() if reason}
    skipped: dict[str, str] = {}
    asked: dict[str, list[str]] = {}
    for name, parameters in wanted.items():
        obstacles = [unknown[value] for value, needed in parameters.items() if needed and value in unknown]
        if obstacles:
            skipped[name] = obstacles[0]
        else:
            asked[name] = [value for value in parameters if value not in unknown]
    kept = {value for values in asked.values() for value in values} | {v for v in also if v not in unknown}
    values = _compute(sorted(kept), functions, subjects, device, progress)
    figures = {name: _asked(metrics[name], values, names) for name, names in asked.items()}
    bounds = {
        name: intervals(_resampling(metrics[name], values, names), subjects.people)
        for name, names in asked.items()
        if all(_is_figure(values[value]) for value in names)
    }
    return Measurement(figures, bounds, skipped, values)


def _parameters(metric: Metric) -> dict[str, bool]:
    """The values that a metric names, and whether it can't do without."""
    parameters = inspect.signature(metric).parameters.values()
    named = [p for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    return {p.name: p.default is p.empty for p in named}


def _refuse_unknown(wanted: Mapping[str, Mapping[str, bool]], functions: Mapping[str, ValueFunction]) -> None:
    known = [*functions, *GIVEN]
    what = "asks for '{}', a value that no evaluation has"
    faults = [
        Fault(f"metrics.{metric}", what.format(value), nearest(value, known))
        for metric, parameters in wanted.items()
        for value, needed in parameters.items()
        if needed and value not in known
    ]
    if faults:
        raise EfganError(*faults)


def _lacking(
    name: str, functions: Mapping[str, ValueFunction], examination: Examination, subjects: Subjects
) -> str:
    """Why the value is not known here; empty if it is."""
    if name == "truth":
        return "" if subjects.has_truth else "the true pictures are not known: the data have no pairs"
    if name in ("edited_aus", "noop_aus", "floor_aus") and examination.judge is None:
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
            parts.append({name: _on_cpu(batch[name]) for name in names})
        progress("editing the test faces", chosen.stop, count)
    return {name: _joined([part[name] for part in parts]) for name in names}


def _asked(metric: Metric, values: Mapping[str, Any], names: Sequence[str]) -> Figures:
    figures = metric(**{value: values[value] for value in names})
    return {name: float(figure) for name, figure in figures.items()}


def _resampling(
    metric: Metric, values: Mapping[str, Any], names: Sequence[str]
) -> Callable[[NDArray[np.int64]], Figures]:
    """The metric as a function of which pairs there are."""

    def figures(chosen: NDArray[np.int64]) -> Figures:
        positions = torch.from_numpy(chosen)
        return _asked(metric, {name: _mapped(values[name], lambda t: t[positions]) for name in names}, names)

    return figures


def _mapped(made: Any, change: Callable[[Tensor], Tensor]) -> Any:
    """A value with `change` done to its tensors: a tensor, or mappings and named tuples of them."""
    if isinstance(made, Tensor):
        return change(made)
    if isinstance(made, Mapping):
        return {key: _mapped(part, change) for key, part in made.items()}
    if isinstance(made, tuple):
        parts = [_mapped(part, change) for part in made]
        return type(made)(*parts) if hasattr(made, "_fields") else tuple(parts)
    return made


def _on_cpu(made: Any) -> Any:
    return _mapped(made, lambda tensor: tensor.detach().cpu())


def _joined(parts: Sequence[Any]) -> Any:
    """The values of all batches as one."""
    first = parts[0]
    if isinstance(first, Tensor):
        return torch.cat(list(parts))
    if isinstance(first, Mapping):
        return {key: _joined([part[key] for part in parts]) for key in first}
    if isinstance(first, tuple):
        joined = [_joined(column) for column in zip(*parts, strict=True)]
        return type(first)(*joined) if hasattr(first, "_fields") else tuple(joined)
    return first


def _is_figure(made: Any) -> bool:
    """Whether a value is a few numbers a face, cheap to draw again and again."""
    if isinstance(made, Mapping):
        return all(map(_is_figure, made.values()))
    return isinstance(made, Tensor) and made.ndim <= 2
