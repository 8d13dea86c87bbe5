"""What differs between two recipes, value by value, defaults included."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs

from efgan_kit.recipe.dump import to_plain
from efgan_kit.recipe.model import Recipe


@attrs.frozen
class Difference:
    """One place where two recipes differ; a side that has nothing there is None.

    Attributes:
        path: The dotted path, as `-o` takes it.
        before: The value in the first recipe.
        after: The value in the second.
    """

    path: str
    before: Any
    after: Any


def diff(first: Recipe, second: Recipe) -> list[Difference]:
    """The differences in the order of the sections. An exchanged component is one difference, not many."""
    return list(differences(to_plain(first), to_plain(second), ""))


def differences(before: Any, after: Any, path: str) -> Iterator[Difference]:
    """The differences between two plain values that stand at `path` of their recipes."""
    if before == after:
        return
    both = isinstance(before, dict) and isinstance(after, dict)
    if not both or (path and before.get("use") != after.get("use")):
        yield Difference(path, before, after)
        return
    for key in dict.fromkeys([*before, *after]):
        yield from differences(before.get(key), after.get(key), f"{path}.{key}" if path else key)
