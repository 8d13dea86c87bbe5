"""From a name or a file to a checked study."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import attrs

from efgan_kit.errors import EfganError, fail, nearest
from efgan_kit.evaluation.figures import DECIDING, check_figure
from efgan_kit.evaluation.study.arms import recipe_of, refuse_own_keys
from efgan_kit.evaluation.study.model import FORMAT, Arm, Comparison, Study, Where, circle_from
from efgan_kit.recipe import shelf
from efgan_kit.recipe.inspection import inspect_graph
from efgan_kit.recipe.nodes import Node, Place, Problems
from efgan_kit.recipe.overrides import place_of
from efgan_kit.recipe.reader import read_file
from efgan_kit.recipe.typed import INVALID, read, shown
from efgan_kit.training.starting import check_start

KEYS: Final = ("study", "name", "about", "seeds", "overrides", "arms", "comparisons")
OF_ARM: Final = ("recipe", "overrides", "start_from")
OF_COMPARISON: Final = ("arm", "against", "claim", "figures", "where")
NAME: Final = r"\w[\w-]*"
"""It names a folder; a dot would let it be one of the report's files."""


def shipped_studies() -> dict[str, Path]:
    """The studies that ship, by name."""
    return {path.stem: path for path in sorted((shelf.shipped_folder() / "studies").glob("*.yaml"))}


def find_study(name_or_path: str | Path) -> Path:
    """The file of a study. Raises EfganError if there is none."""
    text = str(name_or_path)
    known = shipped_studies()
    if text in known:
        return known[text]
    path = Path(text).expanduser()
    if path.is_file():
        return path
    if isinstance(name_or_path, Path) or text.endswith(shelf.SUFFIXES) or "/" in text:
        what = "a folder, not a study's file" if path.is_dir() else "there is no such file"
        raise fail(text, what, "name the YAML file of a study")
    raise fail("", f"no study is called '{text}'", nearest(text, known))


def read_study(
    name_or_path: str | Path, *, overrides: Iterable[str] = (), seeds: tuple[int, ...] | None = None
) -> Study:
    """Read a study and check it whole, the recipes of its arms included; nothing is trained.

    Args:
        name_or_path: The name of a shipped study, or a file. Recipe files in it are sought beside it.
        overrides: Changes to every arm, after its own.
        seeds: In place of the study's.

    Raises:
        EfganError: With every fault found, each at `FILE:LINE:COL`.
    """
    path = find_study(name_or_path)
    problems = Problems()
    tree = read_file(path, shelf.shown(path), problems, form="study")
    entries = tree.mapping or {}
    version = entries.get("study")
    if version is None or version.value != FORMAT or isinstance(version.value, bool):
        where = version.place if version else tree.place
        problems.add(where, "a study begins with `study: 1`, the format's version")
    _known(entries, KEYS, "", problems)
    name = _value(entries, "name", str, "name", problems, path.stem)
    if isinstance(name, str) and not re.fullmatch(NAME, name):
        problems.add(
            entries["name"].place if "name" in entries else tree.place,
            f"name: {name!r} is not a name of letters, digits, - and _",
        )
    about = _value(entries, "about", str, "about", problems, "")
    common = _value(entries, "overrides", tuple[str, ...], "overrides", problems, ())
    around = _Around(common if common is not INVALID else (), tuple(overrides), entries.get("overrides"), path.parent)
    arms = _arms(entries.get("arms"), tree.place, around, problems)
    comparisons = tuple(_comparisons(entries.get("comparisons"), arms, problems))
    chosen = _seeds(entries.get("seeds"), seeds, tree.place, problems)
    problems.raise_if_any()
    _build_graphs(arms, entries.get("arms"), around, problems)
    problems.raise_if_any()
    _check_starts(arms, entries.get("arms"), problems)
    problems.raise_if_any()
    return Study(name, about, chosen, arms, comparisons)


@attrs.frozen
class _Around:
    """What stands around an arm: the overrides of all arms, those of the command line, and the study's folder."""

    before: tuple[str, ...]
    after: tuple[str, ...]
    node: Node | None
    folder: Path


def _seeds(node: Node | None, given: tuple[int, ...] | None, top: Place, problems: Problems) -> tuple[int, ...]:
    place = Place("--seeds") if given is not None else node.place if node else top
    if given is not None:
        seeds: Any = given
    elif node is None:
        problems.add(top, "seeds: the study has none", "write seeds: [0, 1, 2]")
        return ()
    else:
        seeds = read(node, tuple[int, ...], "seeds", problems, _no_part)
    if seeds is INVALID:
        return ()
    if not seeds:
        problems.add(place, "seeds: there is none", "give at least one; three or more say how sure a figure is")
    if any(seed < 0 for seed in seeds):
        problems.add(place, f"seeds: {min(seeds)}; 0 or more is wanted")
    twice = sorted({seed for seed in seeds if list(seeds).count(seed) > 1})
    if twice:
        problems.add(place, f"seeds: {twice[0]} stands there twice", "the same training again is no news")
    return tuple(seeds)


def _arms(node: Node | None, top: Place, around: _Around, problems: Problems) -> dict[str, Arm]:
    if node is None or node.mapping is None or not node.mapping:
        place = node.place if node else top
        problems.add(place, "arms: the study has none", "write arms: {NAME: {recipe: RECIPE}}")
        return {}
    arms = {name: arm for name, entry in node.mapping.items() if (arm := _arm(name, entry, around, problems))}
    for name, arm in arms.items():
        entry = (node.mapping[name].mapping or {}).get("start_from")
        if entry is None or arm.start_from is None:
            continue
        if arm.start_from not in node.mapping:
            what = f"arms.{name}.start_from: there is no arm '{arm.start_from}'"
            problems.add(entry.place, what, nearest(arm.start_from, set(node.mapping) - {name}))
        elif circle := circle_from(arms, name):
            what = f"arms.{name}.start_from: the arm starts from itself: {' -> '.join(circle)}"
            problems.add(entry.place, what, "let one of them start from nothing")
    return arms


def _arm(name: str, node: Node, around: _Around, problems: Problems) -> Arm | None:
    """An arm whose own values are sound; its recipe may yet be at fault, which is noted."""
    path = f"arms.{name}"
    if not re.fullmatch(NAME, name):
        problems.add(node.named_at, f"{path}: an arm's name has letters, digits, - and _: it names a folder")
    entries = node.mapping
    if entries is None:
        problems.add(node.place, f"{path}: expected a mapping, not {shown(node)}", "write {recipe: RECIPE}")
        return None
    _known(entries, OF_ARM, f"{path}.", problems)
    if "recipe" not in entries:
        problems.add(node.named_at, f"{path}: needs a value for 'recipe'")
    recipe = _value(entries, "recipe", str, f"{path}.recipe", problems, INVALID)
    own = _value(entries, "overrides", tuple[str, ...], f"{path}.overrides", problems, ())
    start = _value(entries, "start_from", str, f"{path}.start_from", problems, None)
    if INVALID in (recipe, own, start):
        return None
    arm = Arm(name, str(recipe), (*around.before, *own, *around.after), start)
    try:
        file = shelf.find(arm.recipe, beside=around.folder)
        named = file if arm.recipe not in {each.name for each in shelf.shelved()} else arm.recipe
        arm = Arm(name, str(named.resolve() if isinstance(named, Path) else named), arm.overrides, start)
    except EfganError as error:
        _take(error, entries, path, around, problems)
        return arm
    for check in (refuse_own_keys, recipe_of):
        try:
            check(arm)
        except EfganError as error:
            _take(error, entries, path, around, problems)
            break
    return arm


def _build_graphs(arms: Mapping[str, Arm], node: Node | None, around: _Around, problems: Problems) -> None:
    """Build each arm's graph without memory, so that parts that do not fit are not found when hours have gone."""
    for name, entry in ((node.mapping if node else None) or {}).items():
        try:
            inspect_graph(recipe_of(arms[name]))
        except EfganError as error:
            _take(error, entry.mapping or {}, f"arms.{name}", around, problems)


def _check_starts(arms: Mapping[str, Arm], node: Node | None, problems: Problems) -> None:
    """Find arms that can't take over the weights of those they start from, before those have been trained."""
    for name, entry in ((node.mapping if node else None) or {}).items():
        start = arms[name].start_from
        if start is None:
            continue
        try:
            check_start(recipe_of(arms[name]), recipe_of(arms[start]), f"of the arm '{start}'")
        except EfganError as error:
            place = (entry.mapping or {})["start_from"].place
            for fault in error.faults:
                problems.add(place, f"arms.{name}: {fault.what}", fault.hint)


def _take(error: EfganError, entries: Mapping[str, Node], path: str, around: _Around, problems: Problems) -> None:
    """Add a recipe's faults at the places of the study that brought them about."""
    own, common = _places(entries.get("overrides")), _places(around.node)
    for fault in error.faults:
        if fault.where in own:
            problems.add(own[fault.where], f"{path}.overrides: {fault.what}", fault.hint)
        elif fault.where in common:
            problems.add(common[fault.where], f"overrides, in {path}: {fault.what}", fault.hint)
        elif fault.where.startswith("-o graph.start_from=") and "start_from" in entries:
            problems.add(entries["start_from"].place, f"{path}.start_from: {fault.what}", fault.hint)
        elif fault.where.startswith("-o "):
            problems.add(Place(fault.where), fault.what, fault.hint)
        else:
            what = f"{fault.where}: {fault.what}" if fault.where else fault.what
            problems.add(entries["recipe"].place, f"{path}.recipe: {what}", fault.hint)


def _places(overrides: Node | None) -> dict[str, Place]:
    """Where each override of a list stands, by the place that a recipe's fault names."""
    listed = overrides.value if overrides is not None else None
    return {str(place_of(str(node.value))): node.place for node in listed} if isinstance(listed, list) else {}


def _comparisons(node: Node | None, arms: Mapping[str, Arm], problems: Problems) -> Iterator[Comparison]:
    if node is None:
        return
    if not isinstance(node.value, list):
        problems.add(node.place, f"comparisons: expected a list, not {shown(node)}")
        return
    for index, item in enumerate(node.value):
        comparison = _comparison(item, f"comparisons.{index}", arms, problems)
        if comparison is not None:
            yield comparison


def _comparison(node: Node, path: str, arms: Mapping[str, Arm], problems: Problems) -> Comparison | None:
    entries = node.mapping
    if entries is None:
        what = f"{path}: expected a mapping, not {shown(node)}"
        problems.add(node.place, what, "write {arm: ARM, against: OTHER}")
        return None
    _known(entries, OF_COMPARISON, f"{path}.", problems)
    for key in ("arm", "against"):
        if key not in entries:
            problems.add(node.place, f"{path}: needs a value for '{key}'")
    arm, against = (_value(entries, key, str, f"{path}.{key}", problems, INVALID) for key in ("arm", "against"))
    claim = _value(entries, "claim", str, f"{path}.claim", problems, "")
    figures = _value(entries, "figures", tuple[str, ...], f"{path}.figures", problems, DECIDING)
    where = _value(entries, "where", Where, f"{path}.where", problems, "all")
    for key, name in (("arm", arm), ("against", against)):
        if name is not INVALID and name not in arms:
            problems.add(entries[key].place, f"{path}.{key}: there is no arm '{name}'", nearest(name, arms))
    if arm is not INVALID and arm == against:
        problems.add(entries["against"].place, f"{path}: compares '{arm}' with itself", "name another arm")
    if "figures" in entries and isinstance(entries["figures"].value, list):
        for item in entries["figures"].value:
            if isinstance(item.value, str) and (hint := check_figure(item.value)):
                problems.add(item.place, f"{path}.figures: there is no figure '{item.value}'", hint)
    if INVALID in (arm, against, claim, figures, where):
        return None
    return Comparison(arm, against, claim, tuple(figures), where)


def _known(entries: Mapping[str, Node], names: tuple[str, ...], path: str, problems: Problems) -> None:
    for key, node in entries.items():
        if key not in names:
            what = f"{path}{key}: there is no such key" if path else f"'{key}' is not a key of a study"
            problems.add(node.named_at, what, nearest(key, names))


def _value(entries: Mapping[str, Node], key: str, annotation: Any, path: str, problems: Problems, default: Any) -> Any:
    return read(entries[key], annotation, path, problems, _no_part) if key in entries else default


def _no_part(kind: str, node: Node, path: str) -> Any:
    return INVALID
