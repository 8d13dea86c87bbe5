"""What a metric must hold."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, Final

import torch

from efgan_kit.api import values_of
from efgan_kit.testing.contract import demand
from efgan_kit.testing.measured import measured
from efgan_kit.testing.subject import Subject, copied, differing, global_randomness_stays, tensors_in
from efgan_kit.training.streams import stream
from efgan_kit.training.values import StepValues


def gives_named_figures(subject: Subject) -> None:
    """Asked twice, it returns the same numbers by name, and leaves what it was given as it was."""
    metric = subject.make()
    given = _given(subject, metric)
    before = copied(tensors_in(given, "values"))
    with global_randomness_stays(subject, "a metric"):
        figures, again = metric(**given), metric(**given)
    changed = differing(before, tensors_in(given, "values"))
    demand(subject, not changed, "values are not edited in place", f"changed: {changed}")
    odd = {name: type(figure).__name__ for name, figure in figures.items() if type(figure) is not float}
    demand(subject, not odd, "figures are floats, which JSON can hold", odd)
    demand(subject, bool(figures), "returns some figure", "none")
    demand(subject, repr(figures) == repr(again), "the same values give the same figures", "other figures")


def figures_of(subject: Subject) -> Mapping[str, float]:
    """Its figures of six made-up faces."""
    metric = subject.make()
    figures: Mapping[str, float] = metric(**_given(subject, metric))
    return figures


CHECKS: Final = (gives_named_figures,)


def _given(subject: Subject, metric: Any) -> dict[str, Any]:
    """What it asks for."""
    asked = inspect.signature(metric).parameters
    own = values_of(metric)
    given = {**measured(), **subject.values}
    known = {*given, *own}
    needs = {*(n for n, p in asked.items() if p.default is p.empty), *(n for f in own.values() for n in f.needs)}
    missing = sorted(needs - known)
    contract = "asks for values of an evaluation, its own, or those of its `example_values`"
    demand(subject, not missing, contract, missing)
    with torch.no_grad():
        values = StepValues(own, given, lambda name: stream(0, name))
        return {name: values[name] for name in asked if name in known}
