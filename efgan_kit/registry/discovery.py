"""Finding the plugins: the built-in one and every installed entry point of the group `efgan_kit`.

Each is loaded by itself. One that fails is quarantined, with its distribution and the reason, and the program
goes on without it: a broken plugin may cost its own components, never the command line.
"""

from __future__ import annotations

import functools
import importlib
import os
from collections.abc import Callable, Iterable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any, Final, Literal

import attrs
import pluggy

from efgan_kit import hookspecs
from efgan_kit.errors import nearest
from efgan_kit.registry.catalogue import KIND_NAMES, Catalogue, Offer
from efgan_kit.registry.distributions import OWN, canonical, version_of
from efgan_kit.registry.targets import WELL_FORMED

GROUP: Final = hookspecs.PROJECT
DISABLED_BY: Final = "EFGAN_DISABLE_PLUGINS"


@attrs.frozen
class Candidate:
    """A plugin that may be loaded: an entry point, or the built-in components."""

    name: str
    module: str
    distribution: str
    version: str
    load: Callable[[], Any]


@attrs.frozen
class Plugin:
    """A plugin as it was found."""

    name: str
    module: str
    distribution: str
    version: str
    state: Literal["active", "disabled", "broken"]
    reason: str = ""
    offers: tuple[Offer, ...] = ()


@attrs.frozen
class Registry:
    """What discovery came to."""

    plugins: tuple[Plugin, ...]
    manager: pluggy.PluginManager

    @functools.cached_property
    def catalogue(self) -> Catalogue:
        return Catalogue(
            tuple(offer for plugin in self.plugins for offer in plugin.offers),
            tuple(plugin.distribution for plugin in self.plugins if plugin.state == "broken"),
        )

    def recipe_folders(self) -> list[Path]:
        """The folders that plugins offer through `efgan_recipes`; one whose hook fails offers none."""
        return [folder for folder, _ in self._folders("efgan_recipes")]

    def model_folders(self) -> list[tuple[Path, str]]:
        """The folders that plugins offer through `efgan_models`, each with its distribution; as `recipe_folders`."""
        return self._folders("efgan_models")

    def _folders(self, hook: str) -> list[tuple[Path, str]]:
        folders = []
        for plugin in self.manager.get_plugins():
            distribution = str(self.manager.get_name(plugin)).partition(":")[0]
            try:
                folders += [(Path(path), distribution) for path in _hook_of(self.manager, plugin, hook)()]
            except (Exception, SystemExit):
                continue
        return folders


@functools.cache
def registry() -> Registry:
    """The plugins of this process, discovered at the first call. `registry.cache_clear()` looks again."""
    return discover([builtin(), *installed()])


def builtin() -> Candidate:
    """The components of efgan_kit itself, offered as any plugin offers its own."""
    module = "efgan_kit.components"
    return Candidate("efgan_kit", module, OWN, version_of(OWN) or "", lambda: importlib.import_module(module))


def installed() -> Iterator[Candidate]:
    """The entry points of the group `efgan_kit`, by name."""
    for point in sorted(metadata.entry_points(group=GROUP), key=lambda point: point.name):
        distribution, version = (point.dist.name, point.dist.version) if point.dist else ("unknown", "")
        yield Candidate(point.name, point.value, distribution, version, point.load)


def discover(candidates: Iterable[Candidate]) -> Registry:
    """Load each candidate, the first of which cannot be disabled."""
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    disabled = {
        canonical(name.strip()) for name in os.environ.get(DISABLED_BY, "").split(",") if name.strip()
    }
    plugins = []
    for position, candidate in enumerate(candidates):
        names = {"all", canonical(candidate.name), canonical(candidate.distribution)}
        if position and names & disabled:
            plugins.append(_found(candidate, "disabled", f"by {DISABLED_BY}"))
        else:
            plugins.append(_load(manager, candidate))
    return Registry(tuple(plugins), manager)


def _load(manager: pluggy.PluginManager, candidate: Candidate) -> Plugin:
    plugin = None
    try:
        plugin = candidate.load()
        manager.register(plugin, name=f"{candidate.distribution}:{candidate.name}")
        manager.check_pending()
        offers = _offers(manager, plugin, candidate)
    except (Exception, SystemExit) as error:
        if plugin is not None and manager.is_registered(plugin):
            manager.unregister(plugin)
        return _found(candidate, "broken", _reason(error))
    remark = "" if manager.get_hookcallers(plugin) else "implements no hook"
    return attrs.evolve(_found(candidate, "active", remark), offers=tuple(offers))


def _offers(manager: pluggy.PluginManager, plugin: object, candidate: Candidate) -> list[Offer]:
    offers: list[Offer] = []

    def register(kind: str, name: str, target: str, summary: str = "") -> None:
        if kind not in KIND_NAMES:
            raise ValueError(f"'{kind}' is not a kind of component; {nearest(str(kind), KIND_NAMES)}")
        if not WELL_FORMED.fullmatch(target):
            what = f"the target '{target}' of the {kind} '{name}'"
            raise ValueError(f"{what} is not of the form 'package.module:Class'")
        offers.append(Offer(kind, name, target, summary, candidate.distribution, candidate.version))

    _hook_of(manager, plugin, "efgan_components")(register=register)
    return offers


def _hook_of(manager: pluggy.PluginManager, plugin: object, hook: str) -> pluggy.HookCaller:
    others = [other for other in manager.get_plugins() if other is not plugin]
    return manager.subset_hook_caller(hook, others)


def _found(candidate: Candidate, state: Literal["active", "disabled", "broken"], reason: str) -> Plugin:
    return Plugin(candidate.name, candidate.module, candidate.distribution, candidate.version, state, reason)


def _reason(error: BaseException) -> str:
    if isinstance(error, pluggy.PluginValidationError):
        return " ".join(str(error).split())
    return f"{type(error).__name__}: {error}".strip().rstrip(":")
