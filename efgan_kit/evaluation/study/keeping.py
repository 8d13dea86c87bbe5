"""Keeping a study beside its runs, so that two studies never mix in one folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from efgan_kit.errors import Fault
from efgan_kit.evaluation.study.arms import changes
from efgan_kit.evaluation.study.model import Study
from efgan_kit.files import write_atomically, writing
from efgan_kit.recipe import Recipe, load_recipe
from efgan_kit.recipe.nodes import Problems
from efgan_kit.recipe.reader import read_file

KEPT: Final = "study.yaml"
RECIPE: Final = "arm.yaml"
"""An arm's recipe, resolved: what its cells are trained with, whatever becomes of the recipe's own file."""
OTHERWISE: Final = "choose another --run; a study may grow by seeds, arms and comparisons, no more"


def differences_from_kept(study: Study, recipes: Mapping[str, Recipe], folder: Path) -> list[Fault]:
    """A fault for everything in which the folder's study is another one; a folder that is new has none."""
    kept_at = folder / KEPT
    if not kept_at.is_file():
        if any((folder / name / RECIPE).is_file() for name in study.arms):
            return list(_changed_arms(study, recipes, folder))  # the study's own file is lost, its arms are there
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            return [
                Fault(str(folder), "there is something in this folder already, and no study", "choose another --run")
            ]
        return []
    kept = _read(kept_at)
    faults = []
    if kept.get("name") != study.name:
        faults.append(f"this is the folder of the study '{kept.get('name')}', not of '{study.name}'")
    for name, arm in _mapping(kept.get("arms")).items():
        faults += [f"arms.{name}: {what}" for what in _changes_of_arm(name, _mapping(arm), study, recipes, folder)]
    return [Fault(str(kept_at), what, OTHERWISE) for what in faults]


def _changed_arms(study: Study, recipes: Mapping[str, Recipe], folder: Path) -> Iterator[Fault]:
    for name, arm in study.arms.items():
        for what in _changes_of_arm(name, {"start_from": arm.start_from}, study, recipes, folder):
            yield Fault(str(folder / name / RECIPE), what, OTHERWISE)


def _changes_of_arm(
    name: str, kept: Mapping[str, Any], study: Study, recipes: Mapping[str, Recipe], folder: Path
) -> Iterator[str]:
    if name not in study.arms:
        yield "was an arm of the study that began here, and is none now"
        return
    start = study.arms[name].start_from
    if kept.get("start_from") != start:
        yield f"start_from was {kept.get('start_from')}, now {start}"
    file = folder / name / RECIPE
    if file.is_file():
        for change in changes(load_recipe(str(file)), recipes[name]):
            yield f"{change.path} was {change.before}, now {change.after}"


def keep(study: Study, recipes: Mapping[str, Recipe], folder: Path) -> None:
    """Write the study and the recipe of each arm into the folder; seeds that were tried before stay listed.

    Raises:
        EfganError: They can't be written.
    """
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for name, recipe in recipes.items():
            (folder / name).mkdir(exist_ok=True)
            write_atomically(folder / name / RECIPE, recipe.to_yaml().encode())
        before = _read(folder / KEPT).get("seeds") if (folder / KEPT).is_file() else None
        seeds = dict.fromkeys([*(before if isinstance(before, list) else []), *study.seeds])
        plain = {**study.to_plain(), "seeds": list(seeds)}
        text = yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=110)
        write_atomically(folder / KEPT, text.encode())


def _read(path: Path) -> dict[str, Any]:
    return _mapping(read_file(path, str(path), Problems(), form="study").plain())


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
