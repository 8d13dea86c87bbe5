"""`efgan plugin doctor`: what is wrong with the installed plugins, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from efgan_kit.cli.errors import DONE, YOUR_FAULT
from efgan_kit.cli.output import print_json, say
from efgan_kit.errors import fail, nearest

if TYPE_CHECKING:
    from efgan_kit.diagnosis import Diagnosis


@click.command()
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option(
    "--limit", type=click.FloatRange(min=0.5), default=60.0, show_default=True, help="Seconds that each may take."
)
@click.option("--json", "json_wanted", is_flag=True, help="Print one JSON document.")
def doctor(names: tuple[str, ...], limit: float, json_wanted: bool) -> int:
    """Look at every plugin, or at those called NAME, each in a process of its own; exit code 0 if all are well, else 2.

    What is wrong is said with the promise that it breaks and the way out. A plugin that is disabled is looked at if it
    is named.
    """
    from efgan_kit.cli import VERBS
    from efgan_kit.cli.progress import shown_progress
    from efgan_kit.diagnosis import diagnose
    from efgan_kit.registry.candidates import installed

    _must_be_there(names, [name for each in installed() for name in (each.name, each.distribution)])
    with shown_progress() as progress:
        found = diagnose(names, limit=limit, verbs=VERBS, progress=progress)
    healthy = all(diagnosis.healthy for diagnosis in found)
    if json_wanted:
        print_json({"healthy": healthy, "plugins": [_document(diagnosis) for diagnosis in found]})
    else:
        _print(found)
    return DONE if healthy else YOUR_FAULT


def _must_be_there(names: tuple[str, ...], known: list[str]) -> None:
    from efgan_kit.registry.distributions import canonical

    there = {canonical(name) for name in known}
    for name in names:
        if canonical(name.strip()) not in there:
            raise fail(name, "no plugin of that name is installed", nearest(name, known))


def _document(diagnosis: Diagnosis) -> dict[str, Any]:
    from efgan_kit.diagnosis import PROMISES

    return {
        "name": diagnosis.candidate.name,
        "distribution": diagnosis.candidate.distribution,
        "version": diagnosis.candidate.version,
        "healthy": diagnosis.healthy,
        "import_seconds": diagnosis.seconds,
        "findings": [
            {
                "severity": finding.severity,
                "contract": finding.promise,
                "promise": PROMISES[finding.promise],
                "what": finding.what,
                "way_out": finding.way_out,
            }
            for finding in diagnosis.findings
        ],
    }


def _print(found: list[Diagnosis]) -> None:
    from efgan_kit.diagnosis import PROMISES

    if not found:
        say("no plugin is installed but the built-in components")
    for diagnosis in found:
        plugin = diagnosis.candidate
        time = "" if diagnosis.seconds is None else f", imported in {1000 * diagnosis.seconds:.0f} ms"
        well = "well" if diagnosis.healthy else "not well"
        say(f"{plugin.name} of {plugin.distribution} {plugin.version}: {well}{time}")
        for finding in diagnosis.findings:
            say(f"  {finding.severity}, {finding.promise}: {finding.what}")
            if finding.severity == "fault":
                say(f"    promised: {PROMISES[finding.promise]}")
            say(f"    way out: {finding.way_out}")
