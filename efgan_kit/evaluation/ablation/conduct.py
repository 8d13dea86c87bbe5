"""An ablation from its arms to its report."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Unpack

import attrs

from efgan_kit.errors import EfganError
from efgan_kit.evaluation.ablation import keeping
from efgan_kit.evaluation.ablation.model import Ablation
from efgan_kit.evaluation.ablation.pairing import Pairing, prove
from efgan_kit.evaluation.ablation.results import Results, draw_conclusions
from efgan_kit.evaluation.ablation.timing import Timing, time_arms
from efgan_kit.evaluation.ablation.trial import Trial, try_out
from efgan_kit.evaluation.ablation.writing import write_results
from efgan_kit.evaluation.measuring import Progress
from efgan_kit.evaluation.study import Cell, Plan, make_plan
from efgan_kit.evaluation.study.conduct import How, must_be_launchable, see_through
from efgan_kit.evaluation.study.keeping import keep
from efgan_kit.evaluation.subjects import choose_subjects
from efgan_kit.files import must_be_writable
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
    must_be_writable(folder)
    firsts = {arm: _first_seed(plan, arm) for arm in plan.recipes}
    choose_subjects(next(iter(firsts.values())))  # test faces that are at fault are not to be found after training
    place = choose_device(device)
    trials = keeping.kept_trials(plan, place)
    todo = [arm for arm in plan.recipes if arm not in trials]
    for number, arm in enumerate(todo):
        progress("trying the arms", number, len(todo))
        with _of_arm(arm):
            trials[arm] = try_out(firsts[arm], place)
        gc.collect()  # a training holds itself by circles; the next one needs its memory
    if todo:
        progress("trying the arms", len(todo), len(todo))
    pairings = tuple(prove(ablation, plan.recipes, trials))
    timings = keeping.kept_timings(plan, place)
    if timed:
        untimed = [variant for variant in ablation.variants if variant.arm not in timings]
        timings = {**timings, **time_arms(untimed, firsts, place, progress)}
    if not begun:
        keep(plan.study, plan.recipes, folder)
        keeping.keep_ablation(ablation, folder)
    keeping.keep_trials(plan, trials, place)
    if timings:
        keeping.keep_timings(plan, timings, place)
    return Prepared(ablation, plan, trials, pairings, timings)


@contextlib.contextmanager
def _of_arm(arm: str) -> Iterator[None]:
    """Within, what is wrong is wrong with an arm, whose name belongs to the message."""
    try:
        yield
    except EfganError as error:
        faults = (attrs.evolve(fault, what=f"{fault.what} (in the arm '{arm}')") for fault in error.faults)
        raise EfganError(*faults) from error


def _first_seed(plan: Plan, arm: str) -> Recipe:
    recipe = plan.recipes[arm]
    return attrs.evolve(recipe, train=attrs.evolve(recipe.train, seed=plan.study.seeds[0]))


def conduct_ablation(prepared: Prepared, **how: Unpack[How]) -> tuple[Results, dict[Cell, str]]:
    """Train what is not finished, measure what is, and write the report; what was done before is not done again.

    Returns:
        The results, and the cells that failed with the reasons.

    Raises:
        EfganError: The launcher can't start anything, or the folder can't be written.
        KeyboardInterrupt: Ctrl-C or SIGTERM; each training has written a checkpoint.
    """
    plan = prepared.plan
    must_be_launchable(plan, **how)
    report, failed = see_through(plan, **how)
    name = next(iter(plan.recipes.values())).name
    results = draw_conclusions(prepared.ablation, name, report, prepared.trials, prepared.pairings)
    cells = [each.cell for each in report.measured]
    write_results(results, cells, plan.folder, how.get("device", "auto"))
    return results, failed
