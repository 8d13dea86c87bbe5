"""`-o KEY=VALUE`: a recipe's last child, written on the command line."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from efgan_kit.errors import nearest
from efgan_kit.recipe.nodes import Node, Place, Problems
from efgan_kit.recipe.reader import read_value

FIXED: Final = ("recipe", "extends")
"""What says how a file is read: by the time that options are laid over it, it has been."""


def parse_overrides(overrides: Iterable[str], problems: Problems) -> Node:
    """Options such as `losses.content.weight=5` as one tree, the value of each read as YAML.

    Raises:
        EfganError: A value is not YAML.
    """
    tree: dict[str, Node] = {}
    for override in overrides:
        place = place_of(override)
        path, equals, text = override.partition("=")
        keys = path.strip().split(".")
        if not equals or not all(keys):
            problems.add(place, "is not of the form KEY=VALUE", "for example -o train.batch_size=4")
            continue
        if keys[0] in FIXED:
            problems.add(place, f"an option can't change '{keys[0]}'", "write it in a recipe of your own")
            continue
        value = read_value(text, place.source, problems, place)
        _put(tree, keys, Node(value.value, place, place), place, problems)
    return Node(tree, Place("-o"))


def place_of(override: str) -> Place:
    """What messages call an option."""
    return Place(f"-o {override if len(override) <= 60 else override[:57] + '...'}")


def _put(tree: dict[str, Node], keys: list[str], node: Node, place: Place, problems: Problems) -> None:
    for key in keys[:-1]:
        below = tree.setdefault(key, Node({}, place, place))
        if below.mapping is None:
            what = f"another option sets '{key}' to a value that has no parts"
            problems.add(place, what, "leave one of them out")
            return
        tree = below.mapping
    before = tree.get(keys[-1])
    if before and before.mapping and node.mapping:
        before.mapping.update(node.mapping)
    else:
        tree[keys[-1]] = node


def check_terms(recipe: Node, overrides: Node, problems: Problems) -> None:
    """Refuse options that set a part of a loss term that the recipe does not have."""
    terms = recipe.mapping.get("losses") if recipe.mapping else None
    wanted = (overrides.mapping or {}).get("losses")
    known = (terms.mapping if terms else None) or {}
    asked = (wanted.mapping if wanted else None) or {}
    for name, node in list(asked.items()):
        if name not in known and node.mapping is not None and "use" not in node.mapping:
            problems.add(node.place, f"the recipe has no loss term '{name}'", nearest(name, known))
            del asked[name]


def with_photo_folder(overrides: Iterable[str], root: Path | str) -> list[str]:
    """The overrides that train and test a recipe on a photo folder, before those the user gave."""
    where = json.dumps(str(root))
    return [
        *(f"data.{s}={{use: photo-folder, root: {where}, split: {s}}}" for s in ("train", "test")),
        *overrides,
    ]
