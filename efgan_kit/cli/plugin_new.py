"""`efgan plugin new`: a package of one's own to begin from."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from efgan_kit.cli.output import print_json
from efgan_kit.cli.paths import GivenPath
from efgan_kit.scaffold.kinds import STARTERS


@click.command("new", short_help="Write a plugin's package, complete and working.")
@click.argument("name")
@click.option("--kind", type=click.Choice(list(STARTERS)), required=True, help="The component that it begins with.")
@click.option(
    "--out", type=GivenPath(path_type=Path), metavar="DIR", help="The folder to make; NAME, here, if not given."
)
@click.option("--author", metavar="NAME", help="Who owns the copyright; by default whom git knows here.")
@click.option("--json", "json_wanted", is_flag=True, help="Print one JSON document.")
def new_plugin(name: str, kind: str, out: Path | None, author: str | None, json_wanted: bool) -> None:
    """Write the package of a plugin called NAME, to be published when it is made one's own.

    It holds one small component of the kind, a recipe that uses it, tests, a workflow, a licence and a page. As it is,
    it can be installed, its tests pass and its recipe trains.

    \b
    efgan plugin new efgan-kit-soft-light --kind loss
    """
    from efgan_kit.scaffold.package import plan, write

    package = plan(name, kind, author)
    folder = out or Path(package.names.distribution)
    files = write(package, folder)
    names = package.names
    if json_wanted:
        print_json(
            {
                "name": names.distribution,
                "kind": kind,
                "component": names.component,
                "recipe": names.recipe,
                "folder": str(folder),
                "files": [str(file) for file in files],
            }
        )
        return
    click.echo(f"{folder}: {len(files)} files of {names.distribution}, with the {kind} '{names.component}'")
    click.echo("\nNext:")
    for line in (
        f"cd {shlex.quote(str(folder))}",
        "pip install -e '.[test]'",
        "pytest",
        f"efgan plugin check {names.distribution}",
        f"efgan train {names.recipe}" + ("" if kind == "metric" else " --no-evaluate"),
    ):
        click.echo(f"  {line}")
    click.echo(f"\nThen make it yours: {folder / package.component}, and README.md says what else.")
