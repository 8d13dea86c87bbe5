"""A study from its plan to its report."""

from __future__ import annotations

from typing import TypedDict, Unpack

from efgan_kit.api import Launcher
from efgan_kit.evaluation.measuring import Progress
from efgan_kit.evaluation.study.keeping import keep
from efgan_kit.evaluation.study.measure import Begin, measure_cells
from efgan_kit.evaluation.study.plan import Cell, Plan
from efgan_kit.evaluation.study.report import Report, make_report
from efgan_kit.evaluation.study.run import Tell, train_cells
from efgan_kit.evaluation.study.writing import write_report


class How(TypedDict, total=False):
    """How the cells of a study are seen through; every entry may be left out.

    Attributes:
        train: If false, only what is finished already is measured and reported.
        jobs: Trainings side by side.
        device: What trainings and measurements compute on, each where it runs.
        launcher: What runs the trainings; processes of this machine if None.
        tell: Hears of the trainings.
        begin: Called with each cell that is being measured, whose steps `progress` is told.
    """

    train: bool
    jobs: int
    device: str
    launcher: Launcher | None
    tell: Tell
    begin: Begin
    progress: Progress


def conduct(plan: Plan, **how: Unpack[How]) -> tuple[Report, dict[Cell, str]]:
    """Train what is not finished, measure what is, and write the report; what was done before is not done again.

    Returns:
        The report, and the cells that failed with the reasons.

    Raises:
        EfganError: The launcher can't start anything, or the folder can't be written.
        KeyboardInterrupt: Ctrl-C or SIGTERM; each training has written a checkpoint.
    """
    must_be_launchable(plan, **how)
    keep(plan.study, plan.recipes, plan.folder)
    report, failed = see_through(plan, **how)
    write_report(report, plan.folder)
    return report, failed


def must_be_launchable(plan: Plan, **how: Unpack[How]) -> None:
    """Raises EfganError if there is something to train and the launcher can't start it; to be asked first of all."""
    launcher = how.get("launcher")
    if launcher is not None and how.get("train", True) and plan.unfinished():
        launcher.prepare()


def see_through(
    plan: Plan,
    *,
    train: bool = True,
    jobs: int = 1,
    device: str = "auto",
    launcher: Launcher | None = None,
    tell: Tell = lambda news: None,
    begin: Begin = lambda cell: None,
    progress: Progress = lambda what, done, total: None,
) -> tuple[Report, dict[Cell, str]]:
    """Train and measure the cells of a plan whose study is kept in its folder; no report is written."""
    failed = train_cells(plan, jobs=jobs, device=device, launcher=launcher, tell=tell) if train else {}
    finished = [cell for cell in plan.cells if cell.finished()]
    measured, unmeasured = measure_cells(finished, plan.recipes, device=device, begin=begin, progress=progress)
    failed = {**failed, **unmeasured}
    return make_report(plan, measured, {cell.name: why for cell, why in failed.items()}), failed
