"""What a study found: its arms side by side, and what becomes of each claim."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import attrs

from efgan_kit.evaluation.figures import HEADLINES, Figure, figure
from efgan_kit.evaluation.study.measure import Measured, finite
from efgan_kit.evaluation.study.model import Comparison, Study
from efgan_kit.evaluation.study.plan import Plan
from efgan_kit.evaluation.study.statistics import OPEN, Paired, Summary, paired, summary, verdict

WHERE: Final = ("all", "small", "large")


@attrs.frozen
class Result:
    """A figure of a comparison.

    Attributes:
        number: The comparison's, counted from 1.
        found: The differences; None if there are none.
        verdict: What the rule says.
        why: Why there are none.
    """

    number: int
    comparison: Comparison
    figure: str
    found: Paired | None
    verdict: str
    why: str = ""


@attrs.frozen
class Report:
    """Everything that a study's report says.

    Attributes:
        figures: Names of the figures shown.
        measured: The cells that are known.
        missing: By the name of a cell that is not, the reason.
        results: A row for each figure of each comparison.
    """

    study: Study
    figures: Sequence[str]
    measured: Sequence[Measured]
    missing: Mapping[str, str]
    results: Sequence[Result]

    def values(self, arm: str, name: str, where: str) -> dict[int, float]:
        """By seed, a figure of an arm, where it is known."""
        mine = (each for each in self.measured if each.cell.arm == arm)
        return finite({each.cell.seed: each.value(name, where) for each in mine})

    def summary(self, arm: str, name: str, where: str) -> Summary | None:
        return summary(list(self.values(arm, name, where).values()))

    def no_op(self, name: str, where: str) -> float | None:
        """What the untouched sources score, if that is the same for all arms."""
        if unlike(self.measured, figure(name)):
            return None
        known = finite(dict(enumerate(each.no_op(name, where) for each in self.measured)))
        return next(iter(known.values()), None)

    def strangers(self) -> list[str]:
        """What keeps the arms from being compared as one: other test faces, or another judge; empty if nothing does."""
        return unlike(self.measured)

    def places(self) -> list[str]:
        """Over which pairs figures are known."""
        return [where for where in WHERE if any(where in each.figures for each in self.measured)]


def make_report(plan: Plan, measured: Sequence[Measured], failed: Mapping[str, str]) -> Report:
    """The report of the cells that are measured.

    Args:
        failed: By the name of a cell that could not be trained or measured, the reason.
    """
    study = plan.study
    asked = [name for comparison in study.comparisons for name in comparison.figures]
    known = {each.cell.name for each in measured}
    reasons = {cell.name: failed.get(cell.name, f"{cell.state()}, not measured") for cell in plan.cells}
    missing = {name: why for name, why in reasons.items() if name not in known}
    results = [
        _result(number, comparison, name, measured)
        for number, comparison in enumerate(study.comparisons, start=1)
        for name in comparison.figures
    ]
    return Report(study, list(dict.fromkeys([*HEADLINES, *asked])), measured, missing, results)


def _result(number: int, comparison: Comparison, name: str, measured: Iterable[Measured]) -> Result:
    cells = [each for each in measured if each.cell.arm in (comparison.arm, comparison.against)]
    why = ", ".join(unlike(cells, figure(name)))
    arm, against = (
        finite({each.cell.seed: each.value(name, comparison.where) for each in cells if each.cell.arm == side})
        for side in (comparison.arm, comparison.against)
    )
    found = None if why else paired(arm, against)
    if found is None:
        return Result(number, comparison, name, None, OPEN, why or "not known of both arms for any seed")
    return Result(number, comparison, name, found, verdict(found, figure(name).better))


def unlike(measured: Iterable[Measured], about: Figure | None = None) -> list[str]:
    """In what the cells' evaluations differ, so that their figures can't be held against each other.

    Args:
        about: The figure in question; all of them if none is given.
    """
    measured = list(measured)
    metrics = [about.metric] if about else sorted({metric for each in measured for metric in each.extractors})
    found = {
        "their test faces differ": len({each.subjects for each in measured}) > 1,
        "their judges differ": (about is None or about.judged) and len({each.judge for each in measured}) > 1,
        "their feature extractors differ": any(
            len({each.extractors.get(metric) for each in measured}) > 1 for metric in metrics
        ),
    }
    return [what for what, differs in found.items() if differs]
