"""From a name or a file to a checked recipe."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import attrs

from efgan_kit.errors import EfganError, fail, nearest
from efgan_kit.recipe import shelf
from efgan_kit.recipe.absent import absent
from efgan_kit.recipe.merge import merge
from efgan_kit.recipe.model import Recipe
from efgan_kit.recipe.nodes import MISSING, Node, Place, Problems
from efgan_kit.recipe.overrides import check_terms, parse_overrides
from efgan_kit.recipe.reader import read_file
from efgan_kit.recipe.requirements import check_requirements
from efgan_kit.recipe.sections import read_faces, read_losses, read_optimizer, read_train
from efgan_kit.recipe.typed import INVALID, shown
from efgan_kit.recipe.uses import UseReader
from efgan_kit.recipe.wiring import check_wiring
from efgan_kit.registry import catalogue

FORMAT: Final = 1
NAME: Final = r"\w[\w.-]*"
"""It names a folder: `..` would be one of somebody else's."""
SECTIONS: Final = ("faces", "graph", "losses", "optimizer", "schedule", "train", "data")
FOR_TRAINING: Final = ("losses", "data", "metrics")
"""Sections that an edit can do without."""
KEYS: Final = ("recipe", "name", "extends", "abstract", "requires", *SECTIONS, "metrics")


def load_recipe(
    name_or_path: str | Path,
    overrides: Iterable[str] = (),
    *,
    allow_missing: bool = False,
    dispensable: Collection[str] = (),
) -> Recipe:
    """Read a recipe and check it whole against the installed components; nothing is built.

    Args:
        name_or_path: The name of a shipped recipe, or a file.
        overrides: Changes such as `losses.content.weight=5`, as the command line's `-o`.
        allow_missing: Let `???` stand, for looking at a recipe that cannot be run yet; see `Recipe.missing`.
        dispensable: Of `FOR_TRAINING`, sections whose entries are left out where they can't be had here, such as
            data of a plugin that isn't installed.

    Raises:
        EfganError: With every fault found, each at `FILE:LINE:COL`.
    """
    problems = Problems()
    path = shelf.find(name_or_path)
    tree = inherit(path, problems)
    changes = parse_overrides(overrides, problems)
    check_terms(tree, changes, problems)
    merged = merge(tree, changes, problems)
    # The name and the abstractness are the recipe's own: options have neither.
    own = {key: node for key, node in (tree.mapping or {}).items() if key in ("name", "abstract")}
    entries = {**own, **(merged.mapping or {})}
    missing = list(_missing(merged, ""))
    if not allow_missing:
        for where, node in missing:
            problems.add(node.place, f"{where}: a value is missing", f"give it with -o {where}=...")
    unknown = tuple(where for where, _ in missing)
    recipe = _check(entries, shelf.shown(path), path.stem, problems, unknown, dispensable)
    if problems:
        # It may be the recipe of a run, and what is wrong with it that a plugin of the run is gone.
        raise EfganError(*problems, *absent(path.parent))
    if recipe is None:
        raise fail(shelf.shown(path), "cannot be checked before its missing values are given")
    return recipe


def inherit(path: Path, problems: Problems, below: tuple[Path, ...] = ()) -> Node:
    """The recipe's tree, laid over those it extends."""
    shown_path = shelf.shown(path)
    tree = read_file(path, shown_path, problems)
    entries = tree.mapping or {}
    version = entries.get("recipe")
    if version is None or version.value != FORMAT or isinstance(version.value, bool):
        where = version.place if version else tree.place
        problems.add(where, "a recipe begins with `recipe: 1`, the format's version")
    parent = entries.get("extends")
    if parent is None:
        return tree
    if not isinstance(parent.value, str):
        problems.add(parent.place, f"extends: expected a recipe's name or file, not {shown(parent)}")
        return tree
    try:
        found = shelf.find(parent.value, beside=path.parent, where=f"{parent.place}")
    except EfganError:
        # It may be the recipe of a plugin that is required, and not there: then that is what to say.
        unmet = Problems()
        check_requirements(entries.get("requires"), unmet)
        unmet.raise_if_any()
        raise
    chain = (*below, path.resolve())
    if found.resolve() in chain:
        circle = " -> ".join(each.name for each in (*chain, found))
        raise fail(f"{parent.place}", f"extends itself: {circle}", "let it extend another")
    return merge(inherit(found, problems, chain), tree, problems)


def _check(
    entries: dict[str, Node],
    source: str,
    stem: str,
    problems: Problems,
    missing: tuple[str, ...],
    dispensable: Collection[str],
) -> Recipe | None:
    for key, node in entries.items():
        if key not in KEYS:
            problems.add(node.named_at, f"'{key}' is not a key of a recipe", nearest(key, KEYS))
    entries = {key: node for key, node in entries.items() if not node.removes}
    if "abstract" in entries and entries["abstract"].value is not False:
        place = entries["abstract"].named_at
        raise fail(str(place), f"'{stem}' is abstract: it is there to be extended by others")
    for name in (name for name in SECTIONS if name not in entries):
        problems.add(Place(source, 1, 1), f"the section '{name}' is missing", "extend a recipe that has it")
    uses = UseReader(catalogue(), problems)
    entries = {key: _usable(node, key, uses) if key in dispensable else node for key, node in entries.items()}
    # A distribution may be required for nothing but what can be done without.
    requires = check_requirements(None if dispensable else entries.get("requires"), problems)
    read: dict[str, Any] = {
        name: reader(entries[name], uses) if name in entries else INVALID for name, reader in _READERS.items()
    }
    metrics = tuple(_metrics(entries.get("metrics"), uses))
    data = entries.get("data")
    if data is not None and data.mapping is not None and "data" not in dispensable:
        train = data.mapping.get("train")
        if train is None or train.removes:
            problems.add(data.named_at, "data: needs an entry 'train'", "write data: {train: {use: NAME}}")
    if INVALID not in read.values():
        check_wiring(read["graph"], read["losses"], problems)
    name = _name(entries.get("name"), stem, problems)
    if problems or INVALID in read.values() or INVALID in metrics:
        return None
    return Recipe(name, source, requires, metrics=metrics, missing=missing, **read)


def _usable(node: Node, section: str, uses: UseReader) -> Node:
    """A section without those of its entries that can't be read here."""
    kind = {"losses": "loss", "data": "dataset", "metrics": "metric"}[section]
    reserved = ("weight", "every") if kind == "loss" else ()

    def usable(entry: Node) -> bool:
        named = Node({"use": entry}, entry.place) if isinstance(entry.value, str) else entry
        return UseReader(uses.catalogue, Problems()).use(kind, named, section, reserved) is not INVALID

    if isinstance(node.value, dict):
        return attrs.evolve(node, value={key: entry for key, entry in node.value.items() if usable(entry)})
    return attrs.evolve(node, value=[e for e in node.value if usable(e)]) if isinstance(node.value, list) else node


def _graph(node: Node, uses: UseReader) -> Any:
    return uses.use("graph", node, "graph")


def _schedule(node: Node, uses: UseReader) -> Any:
    return uses.use("schedule", node, "schedule")


def _data(node: Node, uses: UseReader) -> Any:
    entries = uses.mapping(node, "data")
    for key, entry in entries.items():
        if key not in ("train", "test"):
            what = f"data.{key}: there is no such key"
            uses.problems.add(entry.named_at, what, nearest(key, ("train", "test")))
    splits: dict[str, Any] = {
        key: uses.use("dataset", entries[key], f"data.{key}")
        for key in ("train", "test")
        if key in entries and not entries[key].removes
    }
    return INVALID if INVALID in splits.values() else splits


def _metrics(node: Node | None, uses: UseReader) -> Iterator[Any]:
    if node is None:
        return
    if not isinstance(node.value, list):
        uses.problems.add(node.place, f"metrics: expected a list, not {shown(node)}")
        return
    for index, item in enumerate(node.value):
        named = Node({"use": item}, item.place) if isinstance(item.value, str) else item
        yield uses.use("metric", named, f"metrics.{index}")


_READERS: Final = {
    "faces": read_faces,
    "graph": _graph,
    "losses": read_losses,
    "optimizer": read_optimizer,
    "schedule": _schedule,
    "train": read_train,
    "data": _data,
}


def _name(node: Node | None, stem: str, problems: Problems) -> str:
    name = node.value if node is not None else stem
    if not isinstance(name, str) or not re.fullmatch(NAME, name):
        place = node.place if node else Place(stem)
        problems.add(place, f"name: {name!r} is not a name of letters, digits, - and _")
        return stem
    return name


def _missing(node: Node, path: str) -> Iterator[tuple[str, Node]]:
    if isinstance(node.value, dict):
        for key, child in node.value.items():
            yield from _missing(child, f"{path}.{key}" if path else key)
    elif isinstance(node.value, list):
        for index, child in enumerate(node.value):
            yield from _missing(child, f"{path}.{index}")
    elif node.value == MISSING:
        yield path, node
