"""Parts of a graph that no live loss term needs, and that may be left out."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

from efgan_kit.recipe.dump import to_plain
from efgan_kit.recipe.model import LossUse, Recipe
from efgan_kit.recipe.wiring import declared_values, players_of, target_of


def unneeded(recipe: Recipe) -> dict[str, str]:
    """The parts that the graph has for values which nobody asks for.

    Returns:
        By the dotted key, the value that leaves the part out: `{"graph.au_discriminator": "null"}`. A part inside one
        that is left out is not listed.
    """
    built_for: Mapping[str, Sequence[str]] = getattr(target_of(recipe.graph), "built_for", {})
    # What a term that is no class will ask for is not known before it is made.
    if not built_for or not all(inspect.isclass(target_of(term.component)) for term in recipe.losses.values()):
        return {}
    wanted = values_needed(recipe)
    graph = to_plain(recipe)["graph"]
    idle = [part for part, values in built_for.items() if _entry(graph, part) and not wanted & set(values)]
    return {
        f"graph.{part}": "false" if _entry(graph, part) is True else "null"
        for part in idle
        if not any(part.startswith(f"{whole}.") for whole in idle)
    }


def values_needed(recipe: Recipe) -> set[str]:
    """The named values that live terms ask for, with all that these are made from."""
    declared = declared_values(target_of(recipe.graph))
    waiting = [name for term in recipe.losses.values() for name in _asked(term)]
    found: set[str] = set()
    while waiting:
        name = waiting.pop().removeprefix("previous_")
        if name in declared and name not in found:
            found.add(name)
            waiting += declared[name]
    return found


def _asked(term: LossUse) -> list[str]:
    """What a term asks for in the methods that count; what it can do without, too, since it gets that where it is."""
    target = target_of(term.component)
    if not inspect.isclass(target):
        return []
    players = [player for player in players_of(target) if term.weight_for(player)]
    return [name for player in players for name in inspect.signature(getattr(target, player)).parameters]


def _entry(graph: Any, path: str) -> Any:
    for key in path.split("."):
        graph = graph.get(key) if isinstance(graph, dict) else None
    return graph
