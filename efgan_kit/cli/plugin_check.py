"""`efgan plugin check`: whether the components of an installed plugin keep their kinds' contracts."""

from __future__ import annotations

import contextlib
import io
import tempfile
from collections import Counter
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from efgan_kit.cli.output import print_json, print_table
from efgan_kit.cli.progress import shown_progress
from efgan_kit.errors import fail, nearest
from efgan_kit.registry import KIND_NAMES

if TYPE_CHECKING:
    from efgan_kit.testing.examination import Case, Outcome

COLUMNS: Final = ("component", "kept", "broken", "not examined", "seconds")


@click.command("check")
@click.argument("package")
@click.option("--kind", type=click.Choice(KIND_NAMES), help="Only components of this kind.")
@click.option("--component", metavar="NAME", help="Only the components of this name.")
@click.option("--strict", is_flag=True, help="What can't be examined here is a failure, too.")
@click.option("--json", "json_wanted", is_flag=True, help="Print one JSON document.")
def check_plugin(package: str, kind: str | None, component: str | None, strict: bool, json_wanted: bool) -> None:
    """Hold every component of an installed plugin to its kind's contract.

    PACKAGE is the name of the distribution, or of its entry point; `efgan-kit` checks the built-in components. It exits
    with 2 if a contract is broken.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        outcomes = _outcomes(_cases(package, kind, component, Path(folder)))
    if json_wanted:
        print_json(_document(package, outcomes))
    else:
        _print(outcomes)
    broken = [outcome for outcome in outcomes if outcome.verdict == "broken"]
    unknown = [outcome for outcome in outcomes if outcome.verdict == "not examined"]
    if broken:
        raise fail(package, f"breaks {len(broken)} of {len(outcomes)} contracts", f"read {broken[0].read}")
    if strict and unknown:
        raise fail(package, f"{len(unknown)} of {len(outcomes)} contracts could not be examined here", unknown[0].seen)


def _cases(package: str, kind: str | None, component: str | None, folder: Path) -> list[Case]:
    from efgan_kit.testing.installed import plugins_named

    plugins = plugins_named(package)
    from efgan_kit.testing.examination import cases_of  # torch, which a name that is wrong does not need

    cases = [case for plugin in plugins for case in cases_of(plugin, folder / plugin.name)]
    if kind is None and component is None:
        return cases
    chosen = [
        case
        for case in cases
        if case.offer is not None and kind in (None, case.offer.kind) and component in (None, case.offer.name)
    ]
    if not chosen:
        known = [offer.name for plugin in plugins for offer in plugin.offers if kind in (None, offer.kind)]
        what = f"offers no {kind or 'component'}" + (f" called '{component}'" if component else "")
        raise fail(package, what, nearest(component or "", known))
    return chosen


def _outcomes(cases: list[Case]) -> list[Outcome]:
    """Runs them; what components print is kept from stdout."""
    outcomes = []
    with shown_progress() as show:
        for done, case in enumerate(cases):
            show("checks", done, len(cases))
            with contextlib.redirect_stdout(io.StringIO()):
                outcomes.append(case.outcome())
        show("checks", len(cases), len(cases))
    return outcomes


def _print(outcomes: list[Outcome]) -> None:
    rows = []
    for component, own in _by_component(outcomes).items():
        counts = Counter(outcome.verdict for outcome in own)
        seconds = sum(outcome.seconds for outcome in own)
        rows.append((component, counts["kept"], counts["broken"] or "", counts["not examined"] or "", f"{seconds:.1f}"))
    print_table(COLUMNS, rows, right=COLUMNS[1:])
    for same in _grouped(outcomes, "broken", lambda outcome: (outcome.case.component, outcome.seen)):
        first, others = same[0], ", ".join(outcome.case.check for outcome in same[1:])
        click.echo(f"\n{_name(first)}\n  contract: {first.contract}\n  seen: {first.seen}\n  read: {first.read}")
        if others:
            click.echo(f"  the same in: {others}")
    for same in _grouped(outcomes, "not examined", lambda outcome: outcome.seen):
        more = f" and {len(same) - 1} more" if len(same) > 1 else ""
        click.echo(f"\nnot examined: {_name(same[0])}{more}\n  {same[0].seen}")


def _grouped(outcomes: list[Outcome], verdict: str, by: Callable[[Outcome], Hashable]) -> list[list[Outcome]]:
    """Those of a verdict that have the same cause, so that it is told once."""
    groups: dict[Hashable, list[Outcome]] = {}
    for outcome in outcomes:
        if outcome.verdict == verdict:
            groups.setdefault(by(outcome), []).append(outcome)
    return list(groups.values())


def _name(outcome: Outcome) -> str:
    return f"{outcome.case.component}: {outcome.case.check}"


def _by_component(outcomes: list[Outcome]) -> dict[str, list[Outcome]]:
    grouped: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        grouped.setdefault(outcome.case.component, []).append(outcome)
    return grouped


def _document(package: str, outcomes: list[Outcome]) -> dict[str, Any]:
    counts = Counter(outcome.verdict for outcome in outcomes)
    return {
        "package": package,
        "kept": counts["kept"],
        "broken": counts["broken"],
        "not_examined": counts["not examined"],
        "checks": [_plain(outcome) for outcome in outcomes],
    }


def _plain(outcome: Outcome) -> dict[str, Any]:
    case = outcome.case
    return {
        "plugin": case.plugin.name,
        "distribution": case.plugin.distribution,
        "version": case.plugin.version,
        "kind": case.offer.kind if case.offer else None,
        "component": case.offer.name if case.offer else None,
        "check": case.check,
        "outcome": outcome.verdict,
        "contract": outcome.contract,
        "seen": outcome.seen,
        "read": outcome.read,
        "seconds": round(outcome.seconds, 3),
    }
