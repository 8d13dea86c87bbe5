"""Named values that plugins offer, found by the names that loss terms ask for."""

from __future__ import annotations

from collections.abc import Container, Iterable

import attrs

from efgan_kit.api import ValueFunction, fail, named_value
from efgan_kit.registry import Offer, catalogue

PREVIOUS, RANDOM = "previous_", "random"


@attrs.frozen
class OfferedValue:
    """A value of a plugin."""

    offer: Offer
    function: ValueFunction


def offered_values(asked: Iterable[str], known: Container[str]) -> dict[str, OfferedValue]:
    """The values that plugins offer of those asked for, by name, with all that these are made from in turn.

    Args:
        known: What the graph and the batch have; a plugin's value of such a name is not looked for.

    Raises:
        EfganError: Two plugins offer it, or what one offers can't be imported or is not marked as a value.
    """
    found: dict[str, OfferedValue] = {}
    waiting = list(asked)
    while waiting:
        name = waiting.pop()
        name = name if name in known else name.removeprefix(PREVIOUS)
        if name in known or name in found or not _is_offered(name):
            continue
        found[name] = _load(name)
        waiting += [need for need in found[name].function.needs if need != RANDOM]
    return found


def _is_offered(name: str) -> bool:
    return any(_called(offer) == name for offer in catalogue().of_kind("value"))


def _called(offer: Offer) -> str:
    return offer.name.replace("-", "_")


def _load(name: str) -> OfferedValue:
    offer = catalogue().find("value", name.replace("_", "-"))
    try:
        return OfferedValue(offer, named_value(offer.load()))
    except TypeError as error:
        what = f"the value '{name}' of {offer.distribution} ({offer.target}) can't be used: {error}"
        raise fail("", what, f"that is a fault of {offer.distribution}: please report it to its author") from error
