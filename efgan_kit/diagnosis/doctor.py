"""Every plugin, or those that are named: what is wrong with each, and with them together."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Final

import attrs

from efgan_kit.diagnosis.examination import Examined, examine
from efgan_kit.diagnosis.names import shared_entry_points, shared_names
from efgan_kit.diagnosis.process import look
from efgan_kit.diagnosis.promises import Finding, until_mended
from efgan_kit.recipe.shelf import recipes_in, shipped_folder
from efgan_kit.registry import memory
from efgan_kit.registry.candidates import Candidate, builtin, installed
from efgan_kit.registry.catalogue import DISABLED_BY
from efgan_kit.registry.discovery import discover, left_out
from efgan_kit.registry.models import models_in
from efgan_kit.registry.modules import path_of
from efgan_kit.registry.remedies import remedy
from efgan_kit.registry.requirements import unmet
from efgan_kit.registry.switched_off import SwitchedOff, switched_off

LIMIT: Final = 60.0
"""Seconds that a plugin may take: importing its components may import torch."""


@attrs.frozen
class Diagnosis:
    """What the doctor says of a plugin."""

    candidate: Candidate
    findings: tuple[Finding, ...]
    seconds: float | None = None

    @property
    def healthy(self) -> bool:
        return all(finding.severity == "note" for finding in self.findings)


def diagnose(
    names: Collection[str] = (),
    *,
    limit: float = LIMIT,
    verbs: Iterable[str] = (),
    progress: Callable[[str, int, int], None] = lambda *_: None,
) -> list[Diagnosis]:
    """Look at each plugin in a process of its own.

    Args:
        names: The plugins, by their own or their distributions' names; one that is named is looked at also if it is
            disabled. Without names all that are not.
        limit: Seconds that each of them may take.
        verbs: The program's own, which no plugin's command can have.
        progress: Told what is done, how much of it, and of how much.
    """
    everyone, off = list(installed()), switched_off()
    wanted = [each for each in everyone if not names or any(each.is_called(name) for name in names)]
    findings: dict[Candidate, list[Finding]] = {candidate: [] for candidate in wanted}
    examined: dict[Candidate, Examined] = {}
    for done, candidate in enumerate(wanted):
        progress("looking at plugins", done, len(wanted) + 1)
        findings[candidate] += before_a_look(candidate, off)
        out = left_out(candidate, off)
        if out is None or (names and out.state == "disabled"):
            examined[candidate] = examine(candidate, limit=limit)
            findings[candidate] += examined[candidate].findings
    progress("looking at plugins", len(wanted), len(wanted) + 1)
    together = [*shared_entry_points(everyone), *_shared(examined, verbs), *_recipes(examined, everyone, limit)]
    for candidate, finding in together:
        if candidate in findings:
            findings[candidate].append(finding)
    progress("looking at plugins", len(wanted) + 1, len(wanted) + 1)
    _remember(examined)
    return [Diagnosis(each, tuple(findings[each]), _seconds(examined.get(each))) for each in wanted]


def before_a_look(candidate: Candidate, off: SwitchedOff) -> Iterator[Finding]:
    """What metadata alone shows."""
    out = left_out(candidate, off)
    if out is not None:
        way_out = remedy(out.state, out.distribution, out.reason)
        if out.state == "disabled":
            yield Finding("import", f"it is disabled {out.reason}", way_out, "note")
        else:
            yield Finding("version", f"it is {out.state}: {out.reason}", way_out)
    for each in unmet(candidate.requires):
        yield Finding("requirements", f"it needs {each.what}", each.way_out)


def _shared(examined: Mapping[Candidate, Examined], verbs: Iterable[str]) -> Iterator[tuple[Candidate, Finding]]:
    (own,) = discover([builtin()]).plugins
    return shared_names(
        {c: [(offer.kind, offer.name) for offer in e.offers] for c, e in examined.items()},
        {c: [recipe.name for folder in e.recipes for recipe in recipes_in(folder)] for c, e in examined.items()},
        {c: [m.name for m in models_in([(f, c.distribution) for f in e.models])] for c, e in examined.items()},
        (
            [*((offer.kind, offer.name) for offer in own.offers), *(("command", verb) for verb in verbs)],
            [recipe.name for recipe in recipes_in(shipped_folder())],
        ),
    )


def _recipes(
    examined: Mapping[Candidate, Examined], everyone: Iterable[Candidate], limit: float
) -> Iterator[tuple[Candidate, Finding]]:
    """The recipes that do not load; those plugins are left out for it that would not let it come to an end."""
    owners = {str(folder): candidate for candidate, each in examined.items() for folder in each.recipes}
    if not owners:
        return
    sick = [c.distribution for c in everyone if c in examined and not examined[c].loads]
    disabled = ",".join(filter(None, [os.environ.get(DISABLED_BY, ""), *sick]))
    task = {"folders": [(candidate.distribution, folder) for folder, candidate in owners.items()]}
    module = "efgan_kit.diagnosis.recipes_patient"
    seen = look(module, task, limit=limit, environment={DISABLED_BY: disabled})
    by_name = {candidate.distribution: candidate for candidate in owners.values()}
    for record in seen.of("faults"):
        yield by_name[record["distribution"]], _of_recipe(record["recipe"], record["faults"], record["distribution"])
    for record in seen.of("failed"):
        owner, _, step = record["failed"].partition(": ")
        yield by_name[owner], Finding("recipes", f"{step} fails: {record['reason']}", until_mended(owner))
    if seen.unfinished:
        owner, _, step = seen.unfinished.partition(": ")
        for candidate in [by_name[owner]] if owner in by_name else owners.values():
            way_out = until_mended(candidate.distribution)
            yield candidate, Finding("recipes", f"{step or 'loading its recipes'}: {seen.ending}", way_out)


def _of_recipe(name: str, faults: list[tuple[str, bool]], distribution: str) -> Finding:
    """A recipe may need more than its package requires: then it is no fault, but said."""
    absent = [text for text, of_requirement in faults if of_requirement]
    if absent:
        what, _, way_out = absent[0].rpartition("; ")
        return Finding("recipes", f"the recipe '{name}' can't be used yet: {what}", way_out, "note")
    said = "; ".join(text for text, _ in faults[:3])
    return Finding("recipes", f"the recipe '{name}' does not load: {said}", until_mended(distribution))


def _remember(examined: Mapping[Candidate, Examined]) -> None:
    entries = {}
    for candidate, each in examined.items():
        if each.loads and each.seconds is not None:
            path = path_of(candidate.module)
            offers = tuple((o.kind, o.name, o.target, o.summary) for o in each.offers)
            entry = memory.Remembered(candidate.version, memory.stamp_of(path), "", round(each.seconds, 4), offers)
            entries[memory.key_of(candidate, path)] = entry
    if entries:
        memory.remember(entries)


def _seconds(examined: Examined | None) -> float | None:
    return examined.seconds if examined is not None else None
