"""What a plugin asks for by its metadata: its range of efgan-kit, and the other packages it needs."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING, Final, Literal

import attrs

from efgan_kit.registry.distributions import OWN, canonical, version_of

if TYPE_CHECKING:
    from packaging.requirements import Requirement
    from packaging.specifiers import SpecifierSet

Misfit = Literal["too old", "too new"]
_NAME: Final = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")


@attrs.frozen
class Unmet:
    """A requirement that what is installed does not meet.

    Attributes:
        line: The requirement: `embreex>=4.4`.
        found: The version that is installed; empty if none is.
    """

    line: str
    found: str

    @property
    def what(self) -> str:
        return f"{self.line}, but {self.found} is installed" if self.found else f"{self.line}, which is not installed"

    @property
    def way_out(self) -> str:
        return f"pip install {'--upgrade ' if self.found else ''}'{self.line}'"


def efgan_kit_range(requires: Iterable[str]) -> str:
    """The versions of efgan-kit that requirements ask for: `>=0.1,<1`; empty if they don't say."""
    own = (r for r in _parsed(line for line in requires if _names(line) == OWN) if _applies(r))
    return str(_joined(r.specifier for r in own))


def misfit(wanted: str, version: str) -> Misfit | None:
    """How a plugin that wants these versions of efgan-kit does not fit the one that there is.

    It is too old where newer ones were not foreseen, too new where this one is not any more.
    """
    if not wanted or not version:
        return None
    from packaging.specifiers import SpecifierSet
    from packaging.version import Version

    for each in SpecifierSet(wanted):
        if each.contains(version, prereleases=True):
            continue
        bound = each.version.removesuffix(".*")
        if each.operator in (">=", ">"):
            return "too new"
        if each.operator in ("==", "~=") and Version(bound) > Version(version):
            return "too new"
        return "too old"
    return None


def unmet(requires: Iterable[str], extras: Collection[str] = (), *, optional_only: bool = False) -> list[Unmet]:
    """The requirements that are not met, those of efgan-kit aside; of optional ones those of `extras`.

    Args:
        optional_only: Leave out those that every installation has to meet.
    """
    found = []
    for requirement in _parsed(requires):
        if optional_only and _applies(requirement):
            continue
        if canonical(requirement.name) != OWN and _applies(requirement, extras):
            version = version_of(requirement.name)
            if version is None or not requirement.specifier.contains(version, prereleases=True):
                line = str(requirement).partition(";")[0].strip()
                found.append(Unmet(line, version or ""))
    return found


def _names(line: str) -> str:
    match = _NAME.match(line)
    return canonical(match[1]) if match else ""


def _parsed(lines: Iterable[str]) -> Iterator[Requirement]:
    from packaging.requirements import InvalidRequirement, Requirement

    for line in lines:
        try:
            yield Requirement(line)
        except InvalidRequirement:
            continue


def _applies(requirement: Requirement, extras: Collection[str] = ()) -> bool:
    marker = requirement.marker
    return marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *extras))


def _joined(specifiers: Iterable[SpecifierSet]) -> SpecifierSet | str:
    joined: SpecifierSet | str = ""
    for specifier in specifiers:
        joined = specifier if isinstance(joined, str) else joined & specifier
    return joined
