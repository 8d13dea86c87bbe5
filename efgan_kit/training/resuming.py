"""Going on with a run: only with the recipe and the versions it was begun with, unless the user says otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import attrs

from efgan_kit.errors import EfganError, Fault
from efgan_kit.recipe import Recipe, load_recipe, lock
from efgan_kit.recipe.diff import Difference, diff, differences
from efgan_kit.training.run_folder import RunFolder

SHOWN: Final = 8
OPTION: Final = "--accept-changes"


@attrs.frozen
class Changes:
    """What is not as it was when the run was begun.

    Attributes:
        recipe: By value.
        versions: By distribution: those that offered a component, efgan-kit and torch.
    """

    recipe: tuple[Difference, ...]
    versions: tuple[Difference, ...]

    def __bool__(self) -> bool:
        return bool(self.recipe or self.versions)

    def record(self, folder: RunFolder, recipe: Recipe, step: int) -> None:
        """Let the run's files say what it is made with from `step` on, and what it was made with before.

        Raises:
            EfganError: They can't be written.
        """
        before = folder.read_lock()
        entry = {"step": step, "recipe": _plain(self.recipe), "distributions": _plain(self.versions)}
        kept = {key: before[key] for key in ("start_from",) if key in before}
        earlier = before.get("changes")
        changes = [*(earlier if isinstance(earlier, list) else ()), entry]
        folder.change(recipe.to_yaml(), {**lock(recipe), **kept, "changes": changes})


def changes_since(recipe: Recipe, folder: RunFolder) -> Changes:
    """What differs between a run and what would go on with it.

    Raises:
        EfganError: The folder holds no run, or its recipe can't be read.
    """
    folder.must_exist()
    then, now = folder.read_lock().get("distributions"), lock(recipe)["distributions"]
    versions = differences(then if isinstance(then, dict) else {}, now, "")
    return Changes(tuple(diff(load_recipe(str(folder.recipe)), recipe)), tuple(versions))


def refuse(changes: Changes, folder: RunFolder) -> None:
    """Raises EfganError, with the differences, if there are any."""
    faults = []
    if changes.recipe:
        what = f"this run was begun with another recipe: {_shown(changes.recipe)}"
        faults.append(Fault(str(folder.path), what, f"the run's own is {folder.recipe}: resume with that, or {OPTION}"))
    if changes.versions:
        what = f"this run was begun with other versions: {_shown(changes.versions)}"
        hint = f"install those it was begun with, or go on with {OPTION}: the numbers may come out otherwise"
        faults.append(Fault(str(folder.path), what, hint))
    if faults:
        raise EfganError(*faults)


def _shown(changes: tuple[Difference, ...]) -> str:
    shown = (f"{change.path} was {_word(change.before)}, now {_word(change.after)}" for change in changes[:SHOWN])
    return "; ".join(shown) + (f"; and {len(changes) - SHOWN} more" if len(changes) > SHOWN else "")


def _word(value: Any) -> str:
    return "nothing" if value is None else str(value)


def _plain(changes: tuple[Difference, ...]) -> Mapping[str, Any]:
    return {change.path: [change.before, change.after] for change in changes}
