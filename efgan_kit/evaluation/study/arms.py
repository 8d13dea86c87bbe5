"""The recipes of a study's arms, checked before anything is trained."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from efgan_kit.errors import fail
from efgan_kit.evaluation.study.model import Arm
from efgan_kit.recipe import Recipe, load_recipe
from efgan_kit.recipe.diff import Difference, diff

SEED: Final = "train.seed"
START: Final = "graph.start_from"
OF_THE_CELL: Final = (SEED, START)
"""What a study sets itself, and what its cells therefore differ in."""


def recipe_of(arm: Arm, seed: int = 0, donor: str | Path | None = None) -> Recipe:
    """The recipe that a cell of the arm trains.

    Args:
        donor: The run that the training starts from; of an arm that has none yet, its name stands there.

    Raises:
        EfganError: The recipe or an override is at fault.
    """
    start = str(donor) if donor is not None else arm.start_from
    return load_recipe(arm.recipe, cell_overrides(arm.overrides, seed, start))


def cell_overrides(overrides: tuple[str, ...], seed: int, start: str | None) -> list[str]:
    """The overrides with those that are the cell's own, which stand last and so prevail."""
    quoted = [f"{START}={_quoted(start)}"] if start is not None else []
    return [*overrides, f"{SEED}={seed}", *quoted]


def refuse_own_keys(arm: Arm) -> None:
    """Raises EfganError if an override sets what the study sets."""
    for override in arm.overrides:
        key = override.partition("=")[0].strip()
        if key == SEED:
            raise fail(f"-o {override}", "the study sets the seeds of its arms", "use `seeds`")
        if key == START and arm.start_from is not None:
            raise fail(f"-o {override}", "the arm starts from another arm already", "leave one of them out")


def changes(before: Recipe, after: Recipe) -> list[Difference]:
    """What differs between two cells' recipes beyond what a study sets itself."""
    return [change for change in diff(before, after) if change.path not in OF_THE_CELL]


def _quoted(path: str) -> str:
    """The path as YAML text, whatever letters it has."""
    return "'" + path.replace("'", "''") + "'"
