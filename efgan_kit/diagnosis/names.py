"""Names that plugins have in common with each other, or with what ships."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import TypeVar

from efgan_kit.diagnosis.promises import Finding
from efgan_kit.registry.candidates import Candidate
from efgan_kit.registry.distributions import OWN

Named = TypeVar("Named", bound=Hashable)


def shared_names(
    components: Mapping[Candidate, Iterable[tuple[str, str]]],
    recipes: Mapping[Candidate, Iterable[str]],
    models: Mapping[Candidate, Iterable[str]],
    shipped: tuple[Iterable[tuple[str, str]], Iterable[str]],
) -> Iterator[tuple[Candidate, Finding]]:
    """What is wrong with names, at each plugin that is concerned.

    Args:
        components: Kind and name of what each plugin offers.
        shipped: Kind and name of the built-in components, and the names of the shipped recipes.
    """
    own_components, own_recipes = set(shipped[0]), set(shipped[1])
    for candidate, owners, (kind, name) in _owners(components):
        if (kind, name) in own_components:
            yield candidate, _hidden(candidate, f"the {kind} '{name}' is hidden by the built-in one of that name")
        elif others := _others(candidate, owners):
            what = f"the {kind} '{name}' is also offered by {others}: recipes can use neither"
            yield candidate, Finding("names", what, _either(candidate, owners))
        if owners.count(candidate) > 1:
            yield candidate, _hidden(candidate, f"it offers the {kind} '{name}' twice: recipes can't use it")
    for candidate, owners, name in _owners(recipes):
        if name in own_recipes:
            yield candidate, _hidden(candidate, f"the recipe '{name}' is hidden by the shipped one of that name")
        elif owners[0] is not candidate:
            what = f"the recipe '{name}' is hidden by that of {owners[0].distribution}"
            yield candidate, Finding("names", what, _either(candidate, owners))
    for candidate, owners, name in _owners(models):
        if others := _others(candidate, owners):
            what = f"the model '{name}' is also in {others}: it can only be given by its path"
            yield candidate, Finding("names", what, _either(candidate, owners))


def shared_entry_points(everyone: Iterable[Candidate]) -> Iterator[tuple[Candidate, Finding]]:
    """The plugins of one name."""
    for candidate, owners, name in _owners({each: [each.name] for each in everyone}):
        if others := _others(candidate, owners):
            what = f"{others} has a plugin '{name}' too: `efgan plugin disable {name}` means both"
            yield candidate, Finding("names", what, f"call it {candidate.distribution} there", "note")


def _owners(of: Mapping[Candidate, Iterable[Named]]) -> Iterator[tuple[Candidate, list[Candidate], Named]]:
    """For each plugin and name: the plugins that have it, a plugin as often as it does."""
    owners: dict[Named, list[Candidate]] = defaultdict(list)
    for candidate, names in of.items():
        for name in names:
            owners[name].append(candidate)
    for name, several in owners.items():
        for candidate in dict.fromkeys(several):
            yield candidate, several, name


def _others(candidate: Candidate, owners: list[Candidate]) -> str:
    return " and ".join(dict.fromkeys(owner.distribution for owner in owners if owner is not candidate))


def _hidden(candidate: Candidate, what: str) -> Finding:
    return Finding("names", what, f"its author can give it another name: tell the author of {candidate.distribution}")


def _either(candidate: Candidate, owners: list[Candidate]) -> str:
    names = [owner.distribution for owner in dict.fromkeys(owners) if owner.distribution != OWN]
    return f"leave one of them out: {' or '.join(f'`efgan plugin disable {name}`' for name in names)}"
