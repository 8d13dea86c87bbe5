"""What an evaluation found: the figures, how sure they are, who judged and whom."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import attrs

from efgan_kit.evaluation.extractors import ExtractorReport

MAIN: Final = {
    "au_error": ("au-error", "edit"),
    "au_error_changed": ("au-error", "changed.edit"),
    "au_error_changed_no_op": ("au-error", "changed.no_op"),
    "au_error_changed_floor": ("au-error", "changed.floor"),
    "share_of_gap_closed": ("au-error", "share_of_gap_closed"),
    "share_of_changed_gap_closed": ("au-error", "changed.share_of_gap_closed"),
    "psnr": ("picture-error", "face.psnr.edit"),
    "psnr_no_op": ("picture-error", "face.psnr.no_op"),
    "ssim": ("picture-error", "face.ssim.edit"),
    "ssim_no_op": ("picture-error", "face.ssim.no_op"),
    "closer_than_copy": ("picture-error", "face.closer_than_copy"),
    "identity_retained": ("identity", "retained"),
    "frechet": ("frechet", "edit"),
    "kernel": ("kernel-distance", "edit"),
    "expression_accuracy": ("expression-accuracy", "edit"),
    "steady": ("progress", "steady"),
    "self_edit_l1": ("self-edit", "l1"),
    "cycle_l1": ("cycle-error", "l1"),
    "attention": ("attention", "face.mean"),
}
"""The figures that a summary shows: each with its metric and its name there."""


@attrs.frozen
class JudgeReport:
    """Who read the AUs, and how well that judge reads true pictures.

    Attributes:
        name: The name it is kept under.
        cached: Whether it had been fitted before.
        error: Its mean absolute error on the true pictures, the floor of every edit.
        correlation: By AU, Pearson's r of its readings with the labels; None where the labels do not vary.
        weights_hash: A hash of its weights. Only figures read by the same weights may be compared.
    """

    name: str
    cached: bool
    error: float
    correlation: dict[str, float | None]
    weights_hash: str


@attrs.frozen
class Evaluation:
    """What is known of a run.

    Attributes:
        run: The run folder.
        step: The checkpoint's step.
        data: The faces in a few words.
        pairs: How many edits were measured.
        people: Of how many people.
        subjects_hash: A hash over the pairs' names, AUs and pictures: the same for the same edits.
        judge: The judge, or None if there was none.
        figures: By metric, its figures by name; nan where nothing is known.
        intervals: By metric, 95 % intervals of its figures over the test people.
        gap_threshold: The median of the pairs' AU distances, mean absolute differences of source and target AUs.
        by_gap: Under `small` and `large`, figures by metric over the pairs at most, and above, that far apart.
        by_gap_intervals: The same for their intervals.
        extractors: By metric, whose features it compared.
        skipped: Metrics that could not be asked, with the reason.
        warnings: What to know before believing the figures.
    """

    run: Path
    step: int
    data: str
    pairs: int
    people: int
    subjects_hash: str
    judge: JudgeReport | None
    figures: dict[str, dict[str, float]]
    intervals: dict[str, dict[str, tuple[float, float]]]
    gap_threshold: float
    by_gap: dict[str, dict[str, dict[str, float]]]
    by_gap_intervals: dict[str, dict[str, dict[str, tuple[float, float]]]]
    extractors: dict[str, ExtractorReport]
    skipped: dict[str, str]
    warnings: tuple[str, ...]

    @property
    def main(self) -> dict[str, float]:
        """The figures that a summary shows, by name: those of `MAIN`, and all of a plugin's metrics."""
        found = {name: self.figures.get(metric, {}).get(figure) for name, (metric, figure) in MAIN.items()}
        ours = {metric for metric, _ in MAIN.values()}
        theirs = {
            f"{metric}.{name}": figure
            for metric, figures in self.figures.items()
            if metric not in ours
            for name, figure in figures.items()
        }
        return {name: f for name, f in (found | theirs).items() if f is not None and math.isfinite(f)}

    def to_plain(self) -> dict[str, Any]:
        """The evaluation as JSON knows it: what is not finite becomes null."""
        plain: dict[str, Any] = _finite({**attrs.asdict(self), "run": str(self.run)})
        return {**plain, "main": self.main}


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _finite(part) for key, part in value.items()}
    return [_finite(part) for part in value] if isinstance(value, (list, tuple)) else value
