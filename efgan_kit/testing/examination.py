"""Everything that is examined of an installed plugin: each of its components by each check of its kind."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, Literal

import attrs

from efgan_kit.registry import Offer, Plugin
from efgan_kit.testing import discovery, listing
from efgan_kit.testing.conformance import CHECKS
from efgan_kit.testing.contract import ContractError, NotExaminedError, contract_of, where_to_read
from efgan_kit.testing.examples import subject_of
from efgan_kit.testing.running import hold
from efgan_kit.testing.subject import Check, Subject

Verdict = Literal["kept", "broken", "not examined"]


@attrs.frozen
class Case:
    """One check of one component, or of the plugin as a whole.

    Attributes:
        plugin: The plugin.
        offer: The component; None where the check is of the plugin itself.
        check: The check's name.
        contract: What it holds the component to.
        hold: Runs it; raises `ContractError` or `NotExaminedError`.
    """

    plugin: Plugin
    offer: Offer | None
    check: str
    contract: str
    hold: Callable[[], None]

    @property
    def component(self) -> str:
        """`KIND:NAME`, or the plugin's name."""
        return f"{self.offer.kind}:{self.offer.name}" if self.offer else self.plugin.name

    def outcome(self) -> Outcome:
        """Run it and say what it came to."""
        begun = time.perf_counter()
        try:
            self.hold()
            came_to: tuple[Verdict, str, str] = ("kept", self.contract, "")
        except ContractError as broken:
            came_to = ("broken", broken.contract, broken.seen)
        except NotExaminedError as missing:
            came_to = ("not examined", self.contract, str(missing))
        return Outcome(self, *came_to, time.perf_counter() - begun)


@attrs.frozen
class Outcome:
    """What a case came to: the contract, and what was seen in its place, or what was missing to examine it."""

    case: Case
    verdict: Verdict
    contract: str
    seen: str
    seconds: float

    @property
    def read(self) -> str:
        """Where to read more."""
        return where_to_read(self.case.check)


def cases_of(plugin: Plugin, folder: Path) -> list[Case]:
    """All that is examined of a plugin, nothing of it imported yet.

    Args:
        folder: An empty one, for the files of the components' examples.
    """
    whole = [
        Case(plugin, None, check.__name__, contract_of(check), functools.partial(check, plugin))
        for check in discovery.CHECKS
    ]
    return whole + [case for offer in plugin.offers for case in _cases_of_component(plugin, offer, folder)]


def _cases_of_component(plugin: Plugin, offer: Offer, folder: Path) -> Sequence[Case]:
    component = _Component(offer, folder / f"{offer.kind}-{offer.name}")

    def case(check: Callable[..., Any], run: Callable[[], None]) -> Case:
        return Case(plugin, offer, check.__name__, contract_of(check), run)

    return [
        *(case(check, functools.partial(check, offer)) for check in listing.CHECKS),
        case(can_be_examined, component.can_be_examined),
        *(case(check, functools.partial(component.holds, check)) for check in CHECKS[offer.kind]),
    ]


def can_be_examined(offer: Offer, folder: Path) -> Subject:
    """It can be imported, and its `example`, or its defaults, are what a recipe may write."""
    folder.mkdir(parents=True, exist_ok=True)
    return subject_of(offer, folder)


@attrs.define
class _Component:
    """A component that is made ready when the first of its checks runs."""

    offer: Offer
    folder: Path
    _ready: Subject | ContractError | NotExaminedError | None = None

    def can_be_examined(self) -> None:
        if isinstance(self._subject(), Exception):
            raise self._subject()  # type: ignore[misc]

    def holds(self, check: Check) -> None:
        subject = self._subject()
        if isinstance(subject, ContractError):
            raise NotExaminedError(f"it cannot be made: see {can_be_examined.__name__}")
        if isinstance(subject, NotExaminedError):
            raise subject
        hold(check, subject)

    def _subject(self) -> Subject | ContractError | NotExaminedError:
        if self._ready is None:
            try:
                self._ready = can_be_examined(self.offer, self.folder)
            except (ContractError, NotExaminedError) as error:
                self._ready = error
        return self._ready


WHOLE: Final = (*discovery.CHECKS, *listing.CHECKS, can_be_examined)
"""What is checked of every plugin and component, whatever its kind."""
