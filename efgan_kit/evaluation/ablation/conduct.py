"""An ablation from its arms to its report."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from pathlib import Path

import attrs

from efgan_kit.api import Launcher
from efgan_kit.evaluation.ablation import keeping
from efgan_kit.evaluation.ablation.model import Ablation
from efgan_kit.evaluation.ablation.pairing import Pairing, prove
from efgan_kit.evaluation.ablation.results import Results, draw_conclusions
from efgan_kit.evaluation.ablation.timing import Timing, time_arms
from efgan_kit.evaluation.ablation.trial import Trial, try_out
from efgan_kit.evaluation.ablation.writing import write_results
from efgan_kit.evaluation.measuring import Progress
from efgan_kit.evaluation.study import Cell, Plan, make_plan
from efgan_kit.evaluation.study.keeping import keep
from efgan_kit.evaluation.study.measure import Begin, measure_cells
from efgan_kit.evaluation.study.report import make_report
from efgan_kit.evaluation.study.run import Tell, train_cells
from efgan_kit.recipe import Recipe
from efgan_kit.training.device import choose_device


@attrs.frozen
class Prepared:
    """An ablation in its folder, found to hold together.

    Attributes:
        trials: By arm, what its step computes.
        pairings: What each variant shares with its reference.
        timings: By arm, how long a step takes here; empty if that was not wanted.
    """

    ablation: Ablation
    plan: Plan
    trials: Mapping[str, Trial]
    pairings: tuple[Pairing, ...]
    timings: Mapping[str, Timing]


def prepare_ablation(
    ablation: Ablation,
    folder: Path,
    *,
    device: str = "auto",
    timed: bool = True,
    begun: bool = False,
    progress: Progress = lambda what, done, total: None,
) -> Prepared:
    """Lay an ablation out in a folder, try every arm for a few steps and prove that they differ in nothing else.

    What was tried before is not tried again. Nothing is trained.

    Args:
        timed: Whether steps are timed, too.
        begun: Whether the ablation was read from the folder, which then says already what is asked.

    Raises:
        EfganError: A recipe or its data are at fault, an arm's step fails or it differs in more than its recipe says;
            or the folder holds something else, or can't be written.
    """
    plan = make_plan(ablation.study, folder)
    firsts = {arm: _first_seed(plan, arm) for arm in plan.recipes}
    place = choose_device(device)
    trials = keeping.kept_trials(plan)
    todo = [arm for arm in plan.recipes if arm not in trials]
    for number, arm in enumerate(todo):
        progress("trying the arms", number, len(todo))
        trials[arm] = try_out(firsts[arm], place)
        gc.collect()  # a training holds itself by circles; the next one needs its memory
    if todo:
        progress("trying the arms", len(todo), len(todo))
    pairings = tuple(prove(ablation, plan.recipes, trials))
    timings = keeping.kept_timings(plan)
    missing = [arm for arm in plan.recipes if arm not in timings]
    if timed and missing:
        timings = time_arms(ablation, firsts, place, progress)
    if not begun:
        keep(plan.study, plan.recipes, folder)
        keeping.keep_ablation(ablation, folder)
    keeping.keep_trials(plan, trials)
    if timings:
        keeping.keep_timings(plan, timings)
    return Prepared(ablation, plan, trials, pairings, timings)


def _first_seed(plan: Plan, arm: str) -> Recipe:
    recipe = plan.recipes[arm]
    return attrs.evolve(recipe, train=attrs.evolve(recipe.train, seed=plan.study.seeds[0]))


def conduct_ablation(
    prepared: Prepared,
    *,
    train: bool = True,
    jobs: int = 1,
    device: str = "auto",
    launcher: Launcher | None = None,
    tell: Tell = lambda news: None,
    begin: Begin = lambda cell: None,
    progress: Progress = lambda what, done, total: None,
) -> tuple[Results, dict[Cell, str]]:
    """Train what is not finished, measure what is, and write the report; what was done before is not done again.

    Args and errors are those of `efgan_kit.evaluation.study.conduct`.

    Returns:
        The results, and the cells that failed with the reasons.
    """
    plan, ablation = prepared.plan, prepared.ablation
    if launcher is not None and train and plan.unfinished():
        launcher.prepare()
    failed = train_cells(plan, jobs=jobs, device=device, launcher=launcher, tell=tell) if train else {}
    finished = [cell for cell in plan.cells if cell.finished()]
    measured, unmeasured = measure_cells(finished, plan.recipes, device=device, begin=begin, progress=progress)
    failed = {**failed, **unmeasured}
    report = make_report(plan, measured, {cell.name: why for cell, why in failed.items()})
    name = next(iter(plan.recipes.values())).name
    results = draw_conclusions(ablation, name, report, prepared.trials, prepared.pairings)
    write_results(results, [each.cell for each in measured], plan.folder, device)
    return results, failed


