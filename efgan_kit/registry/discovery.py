"""Finding the plugins: the built-in one and every installed entry point of the group `efgan_kit`.

Each is loaded by itself. One that fails is quarantined, with its distribution and the reason, and the program
goes on without it: a broken plugin may cost its own components, never the command line.
"""

from __future__ import annotations

import functools
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final, Literal

import attrs
import pluggy

from efgan_kit import hookspecs
from efgan_kit.errors import nearest
from efgan_kit.registry import hooks, memory
from efgan_kit.registry.candidates import Candidate, builtin, installed
from efgan_kit.registry.catalogue import KIND_NAMES, Catalogue, Offer
from efgan_kit.registry.distributions import OWN, version_of
from efgan_kit.registry.loading import contained
from efgan_kit.registry.modules import path_of
from efgan_kit.registry.requirements import efgan_kit_range, misfit
from efgan_kit.registry.switched_off import SwitchedOff, switched_off
from efgan_kit.registry.targets import WELL_FORMED

__all__ = ["Plugin", "Registry", "State", "builtin", "discover", "installed", "registry"]

State = Literal["active", "disabled", "broken", "too old", "too new"]
LEFT_OUT: Final = ("broken", "too old", "too new")


@attrs.frozen
class Plugin:
    """A plugin as it was found. Only an active one has been loaded and takes part."""

    name: str
    module: str
    distribution: str
    version: str
    state: State
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
            tuple(plugin.distribution for plugin in self.plugins if plugin.state in LEFT_OUT),
            tuple(plugin.distribution for plugin in self.plugins if plugin.state == "disabled"),
        )

    def recipe_folders(self) -> list[Path]:
        """The folders that plugins offer through `efgan_recipes`; one whose hook fails offers none."""
        return [folder for folder, _ in self._folders("efgan_recipes")]

    def recipe_folders_of(self, distribution: str) -> list[Path]:
        """Those of one distribution."""
        return [folder for folder, owner in self._folders("efgan_recipes") if owner == distribution]

    def model_folders(self) -> list[tuple[Path, str]]:
        """The folders that plugins offer through `efgan_models`, each with its distribution; as `recipe_folders`."""
        return self._folders("efgan_models")

    def _folders(self, hook: str) -> list[tuple[Path, str]]:
        folders = []
        for plugin in (implementation.plugin for implementation in getattr(self.manager.hook, hook).get_hookimpls()):
            distribution = str(self.manager.get_name(plugin)).partition(":")[0]
            try:
                with contained(distribution):
                    answers = hooks.caller(self.manager, plugin, hook)()
                folders += [(Path(path), distribution) for path in answers]
            except KeyboardInterrupt:
                raise
            except BaseException:
                continue  # `efgan plugin doctor` tells it
        return folders


@functools.cache
def registry() -> Registry:
    """The plugins of this process, discovered at the first call. `registry.cache_clear()` looks again."""
    off = switched_off()
    if off.fault is not None:
        print(f"warning: {off.fault}", file=sys.stderr)
    return discover([builtin(), *installed()], off)


def discover(candidates: Iterable[Candidate], off: SwitchedOff | None = None) -> Registry:
    """Load each candidate, the first of which cannot be disabled.

    Args:
        off: What is switched off; looked up if it is not given.
    """
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    first, *others = candidates
    plugins, seen = [_load(manager, first)[0]], {}
    off = off or switched_off()
    for candidate in others:
        found = left_out(candidate, off)
        if found is None:
            found, seconds = _load(manager, candidate)
            path = path_of(candidate.module)
            seen[memory.key_of(candidate, path)] = memory.seen(found, seconds, path)
        plugins.append(found)
    if seen:
        memory.remember(seen)
    return Registry(tuple(plugins), manager)


def left_out(candidate: Candidate, off: SwitchedOff) -> Plugin | None:
    """The plugin as it is found if it is not to be loaded: it is disabled, or does not fit this efgan-kit."""
    if reason := off.reason(candidate):
        return found_as(candidate, "disabled", reason)
    own, wanted = version_of(OWN) or "", efgan_kit_range(candidate.requires)
    if (kind := misfit(wanted, own)) is not None:
        return found_as(candidate, kind, f"it asks for efgan-kit {wanted}, but {own} is installed")
    return None


def found_as(candidate: Candidate, state: State, reason: str = "", offers: Iterable[Offer] = ()) -> Plugin:
    """A plugin in that state."""
    return Plugin(
        candidate.name, candidate.module, candidate.distribution, candidate.version, state, reason, tuple(offers)
    )


def _load(manager: pluggy.PluginManager, candidate: Candidate) -> tuple[Plugin, float]:
    """The plugin, and the seconds that its import took."""
    plugin, begun, ended = None, time.perf_counter(), None
    try:
        with contained(candidate.distribution):
            plugin = candidate.load()
            ended = time.perf_counter()
            offers = _join(manager, plugin, candidate)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        if manager.has_plugin(candidate.label):
            manager.unregister(name=candidate.label)
        return found_as(candidate, "broken", reason_of(error)), (ended or time.perf_counter()) - begun
    remark = "" if manager.get_hookcallers(plugin) else "implements no hook"
    return found_as(candidate, "active", remark, offers), ended - begun


def _join(manager: pluggy.PluginManager, plugin: object, candidate: Candidate) -> list[Offer]:
    if faults := hooks.faults_of(plugin):
        raise RefusedError("; ".join(faults))
    if manager.is_registered(plugin):
        raise RefusedError(f"its module is in use already, as the plugin {manager.get_name(plugin)}")
    manager.register(plugin, name=candidate.label)
    manager.check_pending()
    offers: list[Offer] = []

    def register(kind: str, name: str, target: str, summary: str = "") -> None:
        if fault := offer_fault(kind, name, target):
            raise ValueError(fault)
        offers.append(Offer(kind, name, target, summary, candidate.distribution, candidate.version))

    hooks.caller(manager, plugin, "efgan_components")(register=register)
    return offers


class RefusedError(Exception):
    """A plugin cannot be used; the message says why."""


def offer_fault(kind: str, name: str, target: str) -> str:
    """Why that is no offer; empty if it is one."""
    if kind not in KIND_NAMES:
        return f"'{kind}' is not a kind of component; {nearest(str(kind), KIND_NAMES)}"
    if not WELL_FORMED.fullmatch(target):
        return f"the target '{target}' of the {kind} '{name}' is not of the form 'package.module:Class'"
    return ""


def reason_of(error: BaseException) -> str:
    """Why a plugin is broken, in a line."""
    if isinstance(error, RefusedError):
        return str(error)
    return " ".join(f"{type(error).__name__}: {error}".strip().rstrip(":").split())
