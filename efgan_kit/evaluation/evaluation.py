"""Evaluating a run: choose the faces, find the judge, ask the metrics, write down what they say."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

import torch
from torch import Tensor

from efgan_kit.api import FaceDataset, Maker, Metric
from efgan_kit.components.metrics.attention import Attention
from efgan_kit.components.metrics.au_error import AUError
from efgan_kit.components.metrics.cycle_error import CycleError
from efgan_kit.components.metrics.expression_accuracy import ExpressionAccuracy
from efgan_kit.components.metrics.frechet import Frechet
from efgan_kit.components.metrics.identity import Identity
from efgan_kit.components.metrics.kernel_distance import KernelDistance
from efgan_kit.components.metrics.picture_error import PictureError
from efgan_kit.components.metrics.progress import Progress as Steps
from efgan_kit.components.metrics.self_edit import SelfEdit
from efgan_kit.errors import EfganError, Fault, fail
from efgan_kit.evaluation.caveats import caveats_about
from efgan_kit.evaluation.examination import Examination
from efgan_kit.evaluation.extractors import CannotFitError, Extractors
from efgan_kit.evaluation.findings import Evaluation, JudgeReport
from efgan_kit.evaluation.judge import Judge, JudgeSettings, judge_for
from efgan_kit.evaluation.measuring import Measurement, Progress, measure
from efgan_kit.evaluation.sheet import write_evaluation_sheet
from efgan_kit.evaluation.subjects import Subjects, choose_subjects
from efgan_kit.files import must_be_writable, write_json
from efgan_kit.recipe import Recipe, build_dataset, metric_makers
from efgan_kit.training import Trained, load_to_edit

DOCUMENT: Final = "evaluation.json"
SHEET: Final = "evaluation.png"


class Examined(NamedTuple):
    """A run's evaluation, and what it was made of: enough to compare it with another run's, pair by pair."""

    evaluation: Evaluation
    measurement: Measurement
    subjects: Subjects
    metrics: dict[str, Metric]
    """By name; `measurement.asked` has what each was asked with."""


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
        run: The run folder, or a run that is loaded already; an exported folder, into which nothing is written.
        data: A photo folder in place of the recipe's test faces.
        pairs: A CSV file with columns `source,truth`, of that folder.
        limit: At most so many pairs.
        settings: How the judge is fitted.
        write: Whether the two files are written.
        progress: Called with what is being done, how much of it is done, and how much there is.

    Raises:
        EfganError: The run or the data are at fault, or the files can't be written.
    """
    return examine_run(
        run, data=data, pairs=pairs, limit=limit, device=device, settings=settings, write=write, progress=progress
    ).evaluation


def examine_run(
    run: str | Path | Trained,
    *,
    data: str | Path | None = None,
    pairs: str | Path | None = None,
    limit: int | None = None,
    device: str = "auto",
    settings: JudgeSettings | None = None,
    write: bool = True,
    progress: Progress = lambda what, done, total: None,
) -> Examined:
    """Evaluate a run as `evaluate` does, and keep what the figures were made of."""
    trained = run if isinstance(run, Trained) else load_to_edit(run, device)
    if write and not trained.exported:
        must_be_writable(trained.path)
    recipe = trained.recipe
    subjects = _subjects(trained, data, pairs, limit)
    training, missing = _training_faces(recipe)
    judge = _find_judge(trained, training, settings, progress)

    def on_fit(name: str, done: int) -> None:
        progress(f"fitting {name}", done, 1)

    extractors = Extractors(training, missing, recipe.faces, trained.device, on_fit)
    metrics, unfit = _made(metric_makers(recipe) or default_metrics(), extractors)
    notes = () if judge else (f"AU errors are not measured: the faces to fit a judge to can't be read ({missing})",)
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
        subjects_hash=subjects.hash,
        judge=_report(judge, found.values, recipe) if judge else None,
        figures=found.figures,
        intervals=found.intervals,
        gap_threshold=found.gap_threshold,
        by_gap=found.by_gap,
        by_gap_intervals=found.by_gap_intervals,
        skipped={**unfit, **found.skipped},
        extractors=extractors.reports,
        warnings=(*notes, *extractors.caveats.values(), *caveats_about(found.figures)),
    )
    if write and not trained.exported:
        _write(evaluation, examination, subjects, found, trained)
    return Examined(evaluation, found, subjects, metrics)


def _subjects(trained: Trained, data: str | Path | None, pairs: str | Path | None, limit: int | None) -> Subjects:
    try:
        return choose_subjects(trained.recipe, data=data, pairs=pairs, limit=limit)
    except EfganError as error:
        if not trained.exported or data is not None:
            raise
        what = "the test faces of the run that this was exported from can't be read here"
        raise EfganError(Fault(str(trained.path), what, "give a photo folder with --data"), *error.faults) from error


def default_metrics() -> dict[str, Maker[Metric]]:
    """The metrics of a recipe that names none: all that come with efgan_kit."""
    return {
        "au-error": Maker(AUError),
        "picture-error": Maker(PictureError),
        "identity": Maker(Identity),
        "frechet": Maker(Frechet),
        "kernel-distance": Maker(KernelDistance),
        "expression-accuracy": Maker(ExpressionAccuracy),
        "progress": Maker(Steps),
        "attention": Maker(Attention),
        "self-edit": Maker(SelfEdit),
        "cycle-error": Maker(CycleError),
    }


def _training_faces(recipe: Recipe) -> tuple[FaceDataset | None, str]:
    """The faces that judge and extractors are fitted to, or why there are none."""
    try:
        return build_dataset(recipe, "train"), ""
    except EfganError as error:
        return None, str(error).splitlines()[0]


def _find_judge(
    trained: Trained, training: FaceDataset | None, settings: JudgeSettings | None, progress: Progress
) -> Judge | None:
    """The judge of the run's training faces. Where these are gone, nobody can judge fairly."""
    if training is None:
        return None

    def on_step(done: int, total: int) -> None:
        progress("fitting the judge", done, total)

    faces, device = trained.recipe.faces, trained.device
    return judge_for(training, faces, settings=settings, device=device, on_step=on_step)


def _made(makers: Mapping[str, Maker[Metric]], extractors: Extractors) -> tuple[dict[str, Metric], dict[str, str]]:
    """The metrics by name, and why some can't be asked."""
    metrics: dict[str, Metric] = {}
    unfit: dict[str, str] = {}
    for name, maker in makers.items():
        try:
            metrics[name] = extractors.metric(name, maker)
        except CannotFitError as error:
            unfit[name] = str(error)
    return metrics, unfit


def _report(judge: Judge, values: Mapping[str, Tensor], recipe: Recipe) -> JudgeReport:
    read, true = values["floor_aus"], values["target_aus"]
    centred_read, centred_true = read - read.mean(dim=0), true - true.mean(dim=0)
    spread = centred_read.norm(dim=0) * centred_true.norm(dim=0)
    r = torch.where(spread > 1e-6, (centred_read * centred_true).sum(dim=0) / spread, torch.nan)
    correlation = {
        unit: value if math.isfinite(value) else None
        for unit, value in zip(recipe.faces.aus.names, r.tolist(), strict=True)
    }
    error = (read - true).abs().mean().item()
    return JudgeReport(judge.name, judge.cached, error, correlation, judge.weights_hash)


def _write(
    evaluation: Evaluation, examination: Examination, subjects: Subjects, found: Measurement, trained: Trained
) -> None:
    try:
        write_json(evaluation.run / DOCUMENT, evaluation.to_plain())
        write_evaluation_sheet(evaluation.run / SHEET, examination, subjects, found.values, trained.device)
    except OSError as error:
        what = f"the evaluation can't be written: {error.strerror or error}"
        raise fail(str(evaluation.run), what) from error
