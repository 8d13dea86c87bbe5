"""The components on offer, by kind and name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

import attrs

from efgan_kit.errors import EfganError, Fault, fail, nearest
from efgan_kit.registry.distributions import OWN
from efgan_kit.registry.targets import resolve

DISABLED_BY: Final = "EFGAN_DISABLE_PLUGINS"
KIND_NAMES: Final = (
    "generator",
    "refiner",
    "discriminator",
    "interpolator",
    "au-discriminator",
    "graph",
    "loss",
    "optimizer",
    "schedule",
    "dataset",
    "extractor",
    "metric",
    "launcher",
    "landmarker",
    "au-labeller",
    "value",
    "command",
)
"""The keys of `efgan_kit.api.KINDS`, which a listing cannot ask for: the contracts need torch."""


@attrs.frozen
class Offer:
    """A component that a plugin offers. It is imported by `load`, not before."""

    kind: str
    name: str
    target: str
    summary: str
    distribution: str
    version: str

    def load(self, where: str = "") -> Callable[..., Any]:
        """The component itself.

        Raises:
            EfganError: It cannot be imported; the message names component, distribution and what is missing.
        """
        return resolve(self.target, f"the {self.kind} '{self.name}'", self.distribution, where)

    @property
    def origin(self) -> str:
        return f"{self.distribution} {self.version}".strip()


@attrs.frozen
class Catalogue:
    """Every offer, also those that clash: a clash is an error only for the recipes that use the name."""

    offers: tuple[Offer, ...] = ()
    broken: tuple[str, ...] = ()
    """The distributions whose plugins could not be loaded: a missing name may be theirs."""
    disabled: tuple[str, ...] = ()
    """The distributions whose plugins are switched off: likewise."""

    def name_of(self, target: Callable[..., Any]) -> str:
        """The name that a component is offered by; its own in Python if nobody offers it."""
        place = f"{target.__module__}:{target.__qualname__}"
        return next((offer.name for offer in self.offers if offer.target == place), target.__qualname__)

    def of_kind(self, kind: str) -> list[Offer]:
        """The offers of one kind, by name."""
        return sorted((o for o in self.offers if o.kind == kind), key=lambda o: o.name)

    def find(self, kind: str, name: str, where: str = "") -> Offer:
        """The one component of that kind and name.

        Args:
            where: The place of the question, for the error.

        A built-in component is hidden by no plugin's: recipes mean what they meant before it was installed.

        Raises:
            EfganError: No plugin offers it, or two do.
        """
        found = [offer for offer in self.offers if offer.name == name and offer.kind == kind]
        own = [offer for offer in found if offer.distribution == OWN]
        if len(found) == 1 or own:
            return (own or found)[0]
        if found:
            raise EfganError(clash(found, where))
        raise fail(where, f"no {kind} is called '{name}'", self._way_out(kind, name))

    def clashes(self) -> list[Fault]:
        """A fault for each name that is offered twice, or that hides behind a built-in component's."""
        by_name: dict[tuple[str, str], list[Offer]] = {}
        for offer in self.offers:
            by_name.setdefault((offer.kind, offer.name), []).append(offer)
        return [clash(offers) for offers in by_name.values() if len(offers) > 1]

    def _way_out(self, kind: str, name: str) -> str:
        elsewhere = sorted({offer.kind for offer in self.offers if offer.name == name})
        if elsewhere:
            return f"there is a {elsewhere[0]} of that name, but a {kind} is wanted here"
        return nearest(name, (offer.name for offer in self.offers if offer.kind == kind)) + self.left_out()

    def left_out(self) -> str:
        """Which plugins take no part, whose the missing name may be: added to a hint; empty if there are none."""
        hint = ""
        if len(self.broken) + len(self.disabled) > 3:
            return " (some plugins are disabled or could not be loaded: see `efgan plugin list`)"
        for distribution in self.broken:
            hint += f" (the plugin of {distribution} could not be loaded: see `efgan plugin doctor {distribution}`)"
        for distribution in self.disabled:
            hint += f" (the plugin of {distribution} is disabled: `efgan plugin enable {distribution}`)"
        return hint


def clash(offers: Iterable[Offer], where: str = "") -> Fault:
    """The fault of several offers that share one kind and name."""
    several = list(offers)
    kind, name, last = several[0].kind, several[0].name, several[-1].distribution
    origins = [f"{offer.origin} ({offer.target})" for offer in several if offer.distribution != OWN]
    if len(origins) < len(several):
        what = f"the {kind} '{name}' of {' and '.join(origins)} is hidden by the built-in one of that name"
        return Fault(where, what, "its author can give it another name; until then recipes can't use it")
    what = f"two plugins offer the {kind} '{name}': {' and '.join(origins)}"
    return Fault(where, what, f"uninstall one, or leave one out: `efgan plugin disable {last}` or {DISABLED_BY}={last}")
