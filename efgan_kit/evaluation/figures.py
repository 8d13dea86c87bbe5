"""Figures by the short names of summaries, studies and comparisons: where each is found, and which way is better."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final

import attrs

from efgan_kit.errors import nearest

ByMetric = Mapping[str, Mapping[str, float | None]]
"""By metric, its figures by name, as `Evaluation.figures` and its JSON have them."""


@attrs.frozen
class Figure:
    """A figure of an evaluation.

    Attributes:
        title: What tables call it.
        metric: The metric that it is of.
        name: Its name there.
        better: 1 if more is better, -1 if less is, 0 if neither.
        no_op: What an untouched source scores: the figure's name there, the number that it is by definition, or how it
            follows from the metric's other figures.
        judged: Whether the judge takes part in it.
    """

    title: str
    metric: str
    name: str
    better: int
    no_op: str | float | Callable[[Mapping[str, float | None]], float] | None = None
    judged: bool = False

    def of(self, figures: ByMetric) -> float:
        """Its value; nan where it is not known."""
        return _number(figures.get(self.metric, {}).get(self.name))

    def of_no_op(self, figures: ByMetric) -> float:
        """The untouched source's value; nan where it is not known."""
        metric = figures.get(self.metric, {})
        if isinstance(self.no_op, str):
            return _number(metric.get(self.no_op))
        if self.no_op is None or not math.isfinite(self.of(figures)):
            return math.nan
        return self.no_op(metric) if callable(self.no_op) else self.no_op


def _retained_by_a_copy(identity: Mapping[str, float | None]) -> float:
    """A copy's features are the source's own, of cosine 1."""
    same, different = (_number(identity.get(name)) for name in ("same_person", "different_people"))
    return (1 - different) / (same - different)


def _number(value: float | None) -> float:
    return math.nan if value is None else value


FIGURES: Final[Mapping[str, Figure]] = {
    "au_error": Figure("AU error", "au-error", "edit", -1, "no_op", judged=True),
    "au_error_changed": Figure("AU error (to change)", "au-error", "changed.edit", -1, "changed.no_op", judged=True),
    "share_of_gap_closed": Figure("gap closed", "au-error", "share_of_gap_closed", 1, 0.0, judged=True),
    "share_of_changed_gap_closed": Figure(
        "gap closed (to change)", "au-error", "changed.share_of_gap_closed", 1, 0.0, judged=True
    ),
    "psnr": Figure("PSNR (dB)", "picture-error", "face.psnr.edit", 1, "face.psnr.no_op"),
    "ssim": Figure("SSIM", "picture-error", "face.ssim.edit", 1, "face.ssim.no_op"),
    "l1": Figure("L1", "picture-error", "face.l1.edit", -1, "face.l1.no_op"),
    "closer_than_copy": Figure("closer than a copy", "picture-error", "face.closer_than_copy", 1, 0.0),
    "expression_accuracy": Figure("expression accuracy", "expression-accuracy", "edit", 1, "no_op", judged=True),
    "identity_retained": Figure("identity retained", "identity", "retained", 1, _retained_by_a_copy),
    "frechet": Figure("Frechet distance", "frechet", "edit", -1, "no_op"),
    "kernel": Figure("kernel distance", "kernel-distance", "edit", -1, "no_op"),
    "steady": Figure("steady", "progress", "steady", 1, judged=True),
    "self_edit_l1": Figure("self-edit L1", "self-edit", "l1", -1, 0.0),
    "cycle_l1": Figure("cycle L1", "cycle-error", "l1", -1, 0.0),
    "attention": Figure("attention", "attention", "face.mean", 0),
}
"""By name. Any other figure of a metric is called `METRIC.FIGURE`."""

HEADLINES: Final = (
    "au_error", "share_of_gap_closed", "expression_accuracy", "identity_retained", "frechet", "psnr", "ssim",
)  # fmt: skip
"""What is shown of every run."""
DECIDING: Final = ("share_of_gap_closed", "psnr")
"""What a comparison is decided by where nothing else is asked for."""

_UP: Final = ("psnr", "ssim", "share_of_gap_closed", "closer_than_copy", "retained", "steady")
_DOWN: Final = ("l1", "error")
JUDGED: Final = ("au-error", "expression-accuracy", "progress")
"""Metrics that the judge reads for."""


def figure(name: str) -> Figure:
    """The figure of a name, which is one of `FIGURES` or `METRIC.FIGURE`."""
    if name in FIGURES:
        return FIGURES[name]
    metric, _, inside = name.partition(".")
    words = inside.split(".")
    up = any(word in _UP for word in words)
    down = any(word in _DOWN for word in words) or (metric == "au-error" and words[-1] == "edit")
    no_op = ".".join([*words[:-1], "no_op"]) if words[-1] == "edit" else None
    return Figure(name, metric, inside, int(up) - int(down), no_op, judged=metric in JUDGED)


def check_figure(name: str) -> str:
    """The hint for a name that no figure can have; empty if one may."""
    metric, dot, inside = name.partition(".")
    return "" if name in FIGURES or (metric and dot and inside) else nearest(name, FIGURES)
