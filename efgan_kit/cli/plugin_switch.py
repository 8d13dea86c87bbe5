"""`efgan plugin enable` and `disable`: which plugins take part. Nothing is imported for it."""

from __future__ import annotations

import click

from efgan_kit.errors import fail, nearest
from efgan_kit.registry.candidates import Candidate, builtin, installed
from efgan_kit.registry.catalogue import DISABLED_BY
from efgan_kit.registry.distributions import canonical
from efgan_kit.registry.switched_off import read_choices, switched_off, write_choices


@click.command()
@click.argument("name")
def disable(name: str) -> None:
    """Leave a plugin out of every command, until it is enabled: NAME is a plugin's or a distribution's.

    It is kept in plugins.json in the folder of the user's settings, or in EFGAN_CONFIG_DIR.
    """
    if builtin().is_called(name):
        raise fail(name, "the built-in components can't be disabled")
    plugins = _called(name, list(installed()))
    chosen = read_choices()
    if all(any(plugin.is_called(each) for each in chosen) for plugin in plugins):
        click.echo(f"{name} is disabled already")
        return
    path = write_choices([*chosen, canonical(name.strip())])
    several = ", ".join(f"{plugin.name} of {plugin.distribution}" for plugin in plugins)
    click.echo(f"disabled: {several}; kept in {path}")


@click.command()
@click.argument("name")
def enable(name: str) -> None:
    """Let a disabled plugin take part again: NAME is a plugin's or a distribution's."""
    everyone, chosen = list(installed()), read_choices()
    gone = [each for each in chosen if canonical(each) == canonical(name.strip())]
    plugins = [] if gone and not any(p.is_called(name) for p in everyone) else _called(name, everyone)
    lifted = {each for each in chosen if each in gone or any(plugin.is_called(each) for plugin in plugins)}
    # A name that also meant others goes on meaning them.
    others = {p.name for p in everyone if p not in plugins and any(p.is_called(each) for each in lifted)}
    if lifted:
        path = write_choices([*(each for each in chosen if each not in lifted), *map(canonical, others)])
        click.echo(f"enabled: {name}; kept in {path}")
    else:
        click.echo(f"{name} is not disabled by `efgan plugin disable`")
    off = switched_off()
    if any(off.reason(plugin) for plugin in plugins):
        raise fail(DISABLED_BY, f"it still disables {name}", f"unset {DISABLED_BY}, or take the name out of it")


def _called(name: str, everyone: list[Candidate]) -> list[Candidate]:
    plugins = [plugin for plugin in everyone if plugin.is_called(name)]
    if not plugins:
        known = [each for plugin in everyone for each in (plugin.name, plugin.distribution)]
        raise fail(name, "no plugin of that name is installed", nearest(name, known))
    return plugins
