"""Evaluating a run: choose the faces, find the judge, ask the metrics, write down what they say."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import attrs
import torch
from torch import Tensor

from efgan_kit.api import Metric
from efgan_kit.components.metrics.attention import Attention
from efgan_kit.components.metrics.au_error import AUError
from efgan_kit.components.metrics.picture_error import PictureError
from efgan_kit.components.metrics.self_edit import SelfEdit
from efgan_kit.errors import EfganError, fail
from efgan_kit.evaluation.caveats import caveats_about
from efgan_kit.evaluation.examination import Examination
from efgan_kit.evaluation.judge import Judge, JudgeSettings, judge_for
from efgan_kit.evaluation.measuring import Measurement, Progress, measure
from efgan_kit.evaluation.sheet import write_evaluation_sheet
from efgan_kit.evaluation.subjects import Subjects, choose_subjects
from efgan_kit.recipe import Recipe, build_dataset, build_metrics
from efgan_kit.training import Trained, load_trained
from efgan_kit.training.run_folder import write_json

DOCUMENT: Final = "evaluation.json"
SHEET: Final = "evaluation.png"

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
    "self_edit_l1": ("self-edit", "l1"),
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
    """

    name: str
    cached: bool
    error: float
    correlation: dict[str, float | None]


@attrs.frozen
class Evaluation:
    """What is known of a run.

    Attributes:
        run: The run folder.
        step: The checkpoint's step.
        data: The faces in a few words.
        pairs: How many edits were measured.
        people: Of how many people.
        judge: The judge, or None if there was none.
        figures: By metric, its figures by name; nan where nothing is known.
        intervals: By metric, 95 % intervals of its figures over the test people.
        skipped: Metrics that could not be asked, with the reason.
        warnings: What to know before believing the figures.
    """

    run: Path
    step: int
    data: str
    pairs: int
    people: int
    judge: JudgeReport | None
    figures: dict[str, dict[str, float]]
    intervals: dict[str, dict[str, tuple[float, float]]]
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


def evaluate(
    run: str | Path | Trained,
    *,
    data: str | Path | None = None,
    pairs: str | Path | None = None,
    limit: int | None = None,
    device: str = "auto",
    settings: JudgeSettings | None = None,
    write: bool = True,
    progress: Progress = lambda what, done, total: None,
) -> Evaluation:
    """Measure a run against true pictures, and leave `evaluation.json` and `evaluation.png` in its folder.

    Args:
        run: The run folder, or a run that is loaded already.
        data: A photo folder in place of the recipe's test faces.
        pairs: A CSV file with columns `source,truth`, of that folder.
        limit: At most so many pairs.
        settings: How the judge is fitted.
        write: Whether the two files are written.
        progress: Called with what is being done, how much of it is done, and how much there is.

    Raises:
        EfganError: The run or the data are at fault, or the files can't be written.
    """
    trained = run if isinstance(run, Trained) else load_trained(run, device)
    recipe = trained.recipe
    subjects = choose_subjects(recipe, data=data, pairs=pairs, limit=limit)
    metrics = build_metrics(recipe) or default_metrics(recipe)
    judge, notes = _find_judge(trained, settings, progress)
    graph = trained.graph.eval()
    examination = Examination(recipe.faces, graph, judge.regressor if judge else None).to(trained.device)
    also = ("floor_aus", "edited_aus", "target_aus")
    found = measure(metrics, examination, subjects, trained.device, also=also, progress=progress)
    evaluation = Evaluation(
        run=trained.path,
        step=trained.step,
        data=subjects.described,
        pairs=len(subjects.pairs),
        people=len(set(subjects.people)),
        judge=_report(judge, found.values, recipe) if judge else None,
        figures=found.figures,
        intervals=found.intervals,
        skipped=found.skipped,
        warnings=(*notes, *caveats_about(found.figures)),
    )
    if write:
        _write(evaluation, examination, subjects, found, trained)
    return evaluation


def default_metrics(recipe: Recipe) -> dict[str, Metric]:
    """The metrics of a recipe that names none: all that come with efgan_kit."""
    return {
        "au-error": AUError(recipe.faces),
        "picture-error": PictureError(),
        "attention": Attention(),
        "self-edit": SelfEdit(),
    }


def _find_judge(
    trained: Trained, settings: JudgeSettings | None, progress: Progress
) -> tuple[Judge | None, tuple[str, ...]]:
    """The judge of the run's training faces. Where these are gone, nobody can judge fairly."""
    try:
        training = build_dataset(trained.recipe, "train")
    except EfganError as error:
        first = str(error).splitlines()[0]
        return None, (f"AU errors are not measured: the faces to fit a judge to can't be read ({first})",)

    def on_step(done: int, total: int) -> None:
        progress("fitting the judge", done, total)

    faces, device = trained.recipe.faces, trained.device
    return judge_for(training, faces, settings=settings, device=device, on_step=on_step), ()


def _report(judge: Judge, values: Mapping[str, Tensor], recipe: Recipe) -> JudgeReport:
    read, true = values["floor_aus"], values["target_aus"]
    centred_read, centred_true = read - read.mean(dim=0), true - true.mean(dim=0)
    spread = centred_read.norm(dim=0) * centred_true.norm(dim=0)
    r = torch.where(spread > 1e-6, (centred_read * centred_true).sum(dim=0) / spread, torch.nan)
    correlation = {
        unit: value if math.isfinite(value) else None
        for unit, value in zip(recipe.faces.aus.names, r.tolist(), strict=True)
    }
    return JudgeReport(judge.name, judge.cached, (read - true).abs().mean().item(), correlation)


def _write(
    evaluation: Evaluation, examination: Examination, subjects: Subjects, found: Measurement, trained: Trained
) -> None:
    try:
        write_json(evaluation.run / DOCUMENT, evaluation.to_plain())
        write_evaluation_sheet(evaluation.run / SHEET, examination, subjects, found.values, trained.device)
    except OSError as error:
        what = f"the evaluation can't be written: {error.strerror or error}"
        raise fail(str(evaluation.run), what) from error


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _finite(part) for key, part in value.items()}
    return [_finite(part) for part in value] if isinstance(value, (list, tuple)) else value
