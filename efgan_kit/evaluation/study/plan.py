"""What a study trains: a cell for each arm and seed, each an ordinary run folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import attrs

from efgan_kit.errors import EfganError, Fault
from efgan_kit.evaluation.study.arms import changes, recipe_of
from efgan_kit.evaluation.study.keeping import RECIPE, differences_from_kept
from efgan_kit.evaluation.study.model import Study, donors_first
from efgan_kit.recipe import Recipe, load_recipe
from efgan_kit.training.run_folder import RunFolder

SHOWN: Final = 3
"""Differences of a recipe that a message names; more are counted."""


@attrs.frozen
class Cell:
    """One training of a study.

    Attributes:
        run: Its run folder.
        steps: How many it takes; None where the recipe counts in epochs.
        donor: The cell whose run it starts from.
    """

    arm: str
    seed: int
    run: RunFolder
    steps: int | None
    donor: Cell | None = None

    @property
    def name(self) -> str:
        return f"{self.arm}/{self.run.path.name}"

    @property
    def log(self) -> Path:
        """What its training prints."""
        return self.run.path.with_name(f"{self.run.path.name}.log")

    def begun(self) -> bool:
        return self.run.begun()

    def finished(self) -> bool:
        """Whether the training has taken its last step; only then is there a summary."""
        done = self.run.read_summary().get("steps")
        return done is not None and self.steps in (None, done)

    def state(self) -> str:
        return "finished" if self.finished() else "begun" if self.begun() else "to do"


@attrs.frozen
class Plan:
    """A study in its folder.

    Attributes:
        recipes: By arm, what each of its cells trains, but for the seed and the run to start from.
        cells: Seed by seed, each after the one it starts from.
    """

    study: Study
    folder: Path
    recipes: Mapping[str, Recipe]
    cells: tuple[Cell, ...]

    def unfinished(self) -> list[Cell]:
        return [cell for cell in self.cells if not cell.finished()]

    def recipe_file(self, arm: str) -> Path:
        return self.folder / arm / RECIPE


def make_plan(study: Study, folder: Path) -> Plan:
    """Lay a study out in a folder, new or of the same study; nothing is written.

    Raises:
        EfganError: A recipe is at fault; or the folder holds something else, another study, or cells trained otherwise.
    """
    recipes = {name: recipe_of(arm) for name, arm in study.arms.items()}
    cells: dict[tuple[str, int], Cell] = {}
    for seed in study.seeds:
        for arm in donors_first(study.arms):
            run = RunFolder(folder / arm.name / f"seed-{seed}")
            donor = cells[arm.start_from, seed] if arm.start_from is not None else None
            cells[arm.name, seed] = Cell(arm.name, seed, run, recipes[arm.name].train.steps, donor)
    plan = Plan(study, folder, recipes, tuple(cells.values()))
    faults = [*differences_from_kept(study, recipes, folder), *_trained_otherwise(plan)]
    if faults:
        raise EfganError(*faults)
    return plan


def _trained_otherwise(plan: Plan) -> list[Fault]:
    """A fault for each cell whose folder holds a run of another recipe than the arm's."""
    faults = []
    for cell in plan.cells:
        if not cell.begun():
            continue
        found = changes(load_recipe(str(cell.run.recipe)), plan.recipes[cell.arm])
        if found:
            listed = [f"{change.path} was {change.before}, now {change.after}" for change in found[:SHOWN]]
            more = [f"and {len(found) - SHOWN} more"] if len(found) > SHOWN else []
            what = f"this cell was trained with another recipe: {'; '.join([*listed, *more])}"
            faults.append(Fault(str(cell.run.path), what, "choose another --run, or remove the cell"))
    return faults
