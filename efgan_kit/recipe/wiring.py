"""Whether the loss terms ask for values that the graph has."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from efgan_kit.api import GIVEN_VALUES
from efgan_kit.errors import nearest
from efgan_kit.recipe.model import ComponentUse, LossUse, Recipe
from efgan_kit.recipe.nodes import Problems
from efgan_kit.recipe.offered_values import OfferedValue, offered_values
from efgan_kit.recipe.sections import PLAYERS

NOT_VALUES: Final = ("self", "random")
"""Parameters that the trainer fills: `random` is a generator of the term's own."""


def check_wiring(graph: ComponentUse, losses: Mapping[str, LossUse], problems: Problems) -> None:
    """Note every term that teaches nobody, or asks for a value that neither the graph nor the batch has."""
    own = {*declared_values(target_of(graph)), *GIVEN_VALUES}
    offered = offered_to(losses, own)
    known = {*own, *offered}
    for term in losses.values():
        component = term.component
        target = target_of(component)
        if not inspect.isclass(target):
            continue
        taught = players_of(target)
        if not taught:
            what = f"losses.{term.name}: '{component.use}' has none of the methods {', '.join(PLAYERS)}"
            problems.add(component.place, what, "a loss term has one for each player it teaches")
        if isinstance(term.weight, Mapping):
            for player in sorted(set(term.weight) & set(PLAYERS) - set(taught)):
                what = f"losses.{term.name}.weight: '{component.use}' does not teach the {player}"
                problems.add(component.place, what, f"it teaches the {' and the '.join(taught)}")
        for name in sorted({name for needs in taught.values() for name in needs} - known):
            what = (
                f"losses.{term.name}: '{component.use}' asks for '{name}', a value that '{graph.use}' has not"
            )
            problems.add(component.place, what, nearest(name, known))
        for name, made in offered_values(asked_of(component), own).items():
            for need in sorted(set(made.function.needs) - known - set(NOT_VALUES)):
                whose = f"losses.{term.name}: '{component.use}' asks for '{name}', which {made.offer.distribution}"
                problems.add(component.place, f"{whose} makes from '{need}', a value that '{graph.use}' has not")


def target_of(use: ComponentUse) -> Callable[..., Any]:
    """The component behind a use."""
    assert use.offer is not None, "a recipe's components come from offers"
    return use.offer.load()


def offered_to(losses: Mapping[str, LossUse], known: Collection[str]) -> dict[str, OfferedValue]:
    """The values of plugins that loss terms ask for, where the graph and the batch have none of that name."""
    return offered_values((name for term in losses.values() for name in asked_of(term.component)), known)


def asked_of(term: ComponentUse) -> set[str]:
    """The values that a term's methods name; nothing is known of a term that is no class before it is made."""
    target = target_of(term)
    return {name for needs in players_of(target).values() for name in needs} if inspect.isclass(target) else set()


def offered_in(recipe: Recipe) -> dict[str, OfferedValue]:
    """The values of plugins that a recipe's terms ask for."""
    return offered_to(recipe.losses, {*declared_values(target_of(recipe.graph)), *GIVEN_VALUES})


def available_values(recipe: Recipe) -> dict[str, tuple[str, ...]]:
    """The values that a recipe's terms may be given, the batch's left out, each with those it is made from."""
    made = {name: value.function.needs for name, value in offered_in(recipe).items()}
    plain = {name: tuple(need for need in needs if need not in NOT_VALUES) for name, needs in made.items()}
    return {**plain, **declared_values(target_of(recipe.graph))}


def declared_values(graph: Callable[..., Any]) -> dict[str, tuple[str, ...]]:
    """The values that a graph's class declares with `@value`, each with those it is made from."""
    owners = getattr(graph, "values_declared_by", (graph,))
    methods = {name: getattr(owner, name) for owner in owners for name in dir(owner) if not name.startswith("__")}
    return {name: asked(method) for name, method in methods.items() if hasattr(method, "efgan_value")}


def players_of(term: Callable[..., Any]) -> dict[str, tuple[str, ...]]:
    """The players that a loss term's class teaches, each with the values it asks for."""
    return {
        player: asked(getattr(term, player)) for player in PLAYERS if callable(getattr(term, player, None))
    }


def asked(method: Callable[..., Any]) -> tuple[str, ...]:
    """The values that a method names; those with a default it can do without."""
    parameters = inspect.signature(method).parameters.values()
    named = (
        p for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY) and p.default is p.empty
    )
    return tuple(p.name for p in named if p.name not in NOT_VALUES)
