"""Parts of a graph that may be left out: those that no live loss term needs, and those that no edit needs."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import attrs

from efgan_kit.recipe.dump import to_plain
from efgan_kit.recipe.model import ComponentUse, LossUse, Recipe
from efgan_kit.recipe.nodes import MISSING
from efgan_kit.recipe.wiring import available_values, players_of, target_of

STARTED_FROM: Final = "start_from"
"""A graph's parameter that names a run."""
EDITS_TOO: Final = ("interpolator",)
"""Parts that are built for loss terms' values, and that edits of several steps ask as well."""


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
    declared = available_values(recipe)
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


def for_editing(recipe: Recipe) -> Recipe:
    """The recipe with a graph of what edits alone: discriminators, and all else built for losses' values, are gone."""
    built_for: Mapping[str, Sequence[str]] = getattr(target_of(recipe.graph), "built_for", {})
    graph = recipe.graph
    for part in built_for:
        if part not in EDITS_TOO:
            graph = _without(graph, part.split("."))
    return attrs.evolve(recipe, graph=graph)


def without_places(recipe: Recipe) -> Recipe:
    """The recipe for others: where this machine keeps its data is `???`, to be given by whoever trains by it.

    The run that a graph started from is left out: whoever has the weights needs it no more.
    """
    data = {split: _placeless(use) for split, use in recipe.data.items()}
    return attrs.evolve(recipe, graph=_without(recipe.graph, [STARTED_FROM]), data=data)


def _placeless(value: Any) -> Any:
    if isinstance(value, ComponentUse):
        return attrs.evolve(value, params=_placeless(value.params))
    if isinstance(value, Mapping):
        return {key: _placeless(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_placeless(item) for item in value]
    is_place = isinstance(value, (str, Path)) and Path(value).expanduser().is_absolute()
    return MISSING if is_place else value


def _without(whole: Any, path: Sequence[str]) -> Any:
    """A component or mapping without the entry at the path; itself if there is none."""
    entries = whole.params if isinstance(whole, ComponentUse) else whole
    first, *rest = path
    if not isinstance(entries, Mapping) or first not in entries:
        return whole
    others = {key: value for key, value in entries.items() if key != first}
    kept = {**others, first: _without(entries[first], rest)} if rest else others
    return attrs.evolve(whole, params=kept) if isinstance(whole, ComponentUse) else kept
