"""The plugins that may be loaded, from metadata alone: the built-in one, and entry points of the group `efgan_kit`."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from importlib import metadata
from typing import Any, Final

import attrs

from efgan_kit import hookspecs
from efgan_kit.registry.distributions import OWN, canonical, version_of

GROUP: Final = hookspecs.PROJECT


@attrs.frozen
class Candidate:
    """A plugin that may be loaded: an entry point, or the built-in components.

    Attributes:
        name: The entry point's.
        module: What it points to: `package.module`, or `package.module:attribute`.
        distribution: The installed package that has it.
        version: The package's.
        load: Imports it.
        requires: The package's requirements, as its metadata writes them.
    """

    name: str
    module: str
    distribution: str
    version: str
    load: Callable[[], Any]
    requires: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return f"{self.distribution}:{self.name}"

    def is_called(self, name: str) -> bool:
        """Whether a name, of a plugin or of a distribution, means this one."""
        return canonical(name.strip()) in (canonical(self.name), canonical(self.distribution))


def builtin() -> Candidate:
    """The components of efgan_kit itself, offered as any plugin offers its own."""
    module = "efgan_kit.components"
    return Candidate("efgan_kit", module, OWN, version_of(OWN) or "", lambda: importlib.import_module(module))


def installed() -> Iterator[Candidate]:
    """The entry points of the group `efgan_kit`, by name."""
    for point in sorted(_points(), key=lambda point: point.name):
        name, version, requires = _owner(point)
        yield Candidate(point.name, point.value, name, version, point.load, requires)


def _points() -> list[metadata.EntryPoint]:
    try:
        return list(metadata.entry_points(group=GROUP))
    except Exception:
        # The file of one distribution, any in this environment, cannot be read: the others are asked one by one.
        return [point for distribution in metadata.distributions() for point in _points_of(distribution)]


def _points_of(distribution: metadata.Distribution) -> list[metadata.EntryPoint]:
    try:
        return list(distribution.entry_points.select(group=GROUP))
    except Exception:
        return []


def _owner(point: metadata.EntryPoint) -> tuple[str, str, tuple[str, ...]]:
    """The distribution, its version and requirements; where its metadata is damaged, there is a name all the same."""
    try:
        if point.dist is None:
            return "unknown", "", ()
        said = point.dist.metadata  # parsed anew each time that it is asked for
        (name,), (version,) = (said.get_all(key) or [""] for key in ("Name", "Version"))
        return name or "unknown", version, tuple(said.get_all("Requires-Dist") or point.dist.requires or ())
    except Exception:
        return "unknown", "", ()
