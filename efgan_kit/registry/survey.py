"""The installed plugins, from metadata, sources and what earlier imports showed: nothing is imported for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

import attrs

from efgan_kit.errors import Fault
from efgan_kit.registry import memory, source
from efgan_kit.registry.candidates import Candidate, builtin, installed
from efgan_kit.registry.catalogue import Catalogue, Offer
from efgan_kit.registry.discovery import discover, left_out, offer_fault
from efgan_kit.registry.models import Model, models_in
from efgan_kit.registry.requirements import efgan_kit_range, unmet
from efgan_kit.registry.switched_off import SwitchedOff, switched_off

Sight = Literal["active", "disabled", "broken", "too old", "too new", "missing"]


@attrs.frozen
class Surveyed:
    """A plugin as it can be seen without importing it.

    Attributes:
        name: The entry point's.
        module: What it points to.
        distribution: The installed package that has it.
        version: The package's.
        efgan_kit: The versions of efgan-kit that it asks for; empty if it doesn't say.
        state: `missing` if a package that it requires is not installed; it is loaded all the same, and what needs the
            package fails when it is used. `broken` if its source or its last import says so.
        reason: Of the state.
        offers: Its components, as far as they are known.
        recipe_folders: As far as they are known.
        models: Likewise.
        unread: The hooks whose answers are known only after an import, or not to the end.
        seconds: What its import took when it was last measured.
    """

    name: str
    module: str
    distribution: str
    version: str
    efgan_kit: str
    state: Sight
    reason: str
    offers: tuple[Offer, ...]
    recipe_folders: tuple[Path, ...]
    models: tuple[Model, ...]
    unread: frozenset[str]
    seconds: float | None

    @property
    def live(self) -> bool:
        """Whether it would be loaded, for all that is known."""
        return self.state in ("active", "missing")


@attrs.frozen
class Survey:
    """What is installed; the built-in components come first."""

    plugins: tuple[Surveyed, ...]
    fault: Fault | None = None
    """Why the user's file of disabled plugins could not be read."""

    @property
    def catalogue(self) -> Catalogue:
        """The components of those plugins that would be loaded."""
        return Catalogue(tuple(offer for plugin in self.plugins if plugin.live for offer in plugin.offers))


def survey() -> Survey:
    """Look at every installed plugin."""
    off, known = switched_off(), memory.recall()
    return Survey((_own(), *(look_at(candidate, off, known) for candidate in installed())), off.fault)


def _own() -> Surveyed:
    """The built-in components, which cost little to import."""
    (own,) = discover([builtin()]).plugins
    who = (own.name, own.module, own.distribution, own.version)
    return Surveyed(*who, "", own.state, own.reason, own.offers, (), (), frozenset(), None)


def look_at(candidate: Candidate, off: SwitchedOff, known: Mapping[str, memory.Remembered]) -> Surveyed:
    """Look at one plugin."""
    reading = source.read(candidate.module)
    remembered = known.get(memory.key_of(candidate, reading.path))
    if remembered is not None and not remembered.holds_for(candidate, reading.path):
        remembered = None
    offers, unread = reading.offers, reading.unread
    if remembered is not None and not remembered.reason and "efgan_components" in unread:
        offers, unread = remembered.offers, unread - {"efgan_components"}
    state, reason = _state(candidate, off, reading, remembered)
    folders = reading.folders
    return Surveyed(
        name=candidate.name,
        module=candidate.module,
        distribution=candidate.distribution,
        version=candidate.version,
        efgan_kit=efgan_kit_range(candidate.requires),
        state=state,
        reason=reason,
        offers=tuple(Offer(*offer, candidate.distribution, candidate.version) for offer in offers),
        recipe_folders=(folders["efgan_recipes"],) if "efgan_recipes" in folders else (),
        models=tuple(models_in([(folder, candidate.distribution) for folder in _models(folders)])),
        unread=unread,
        seconds=remembered.seconds if remembered is not None else None,
    )


def _models(folders: Mapping[str, Path]) -> Iterable[Path]:
    return [folders["efgan_models"]] if "efgan_models" in folders else []


def _state(
    candidate: Candidate, off: SwitchedOff, reading: source.Reading, remembered: memory.Remembered | None
) -> tuple[Sight, str]:
    if (out := left_out(candidate, off)) is not None:
        return out.state, out.reason
    faults = [fault for kind, name, target, _ in reading.offers if (fault := offer_fault(kind, name, target))]
    if said := "; ".join([*filter(None, [reading.fault]), *reading.faults, *faults]):
        return "broken", said
    if remembered is not None and remembered.reason:
        return "broken", f"{remembered.reason} (when it was last imported)"
    if absent := unmet(candidate.requires):
        needs = "; ".join(f"{each.what}: {each.way_out}" for each in absent)
        return "missing", f"it needs {needs}"
    return "active", ""
