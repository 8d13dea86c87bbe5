"""`efgan plugin show`: one plugin, component, recipe or model, with all that is known of it."""

from __future__ import annotations

import json
from typing import Any

import click

from efgan_kit.cli.output import print_json, print_table, say
from efgan_kit.cli.plugin_description import (
    about_plugin,
    describe_component,
    known_names,
    loaded,
    models_called,
    offers_called,
    recipes_called,
)
from efgan_kit.cli.plugin_list import document, print_offers, unknown
from efgan_kit.errors import EfganError, Fault, fail, nearest
from efgan_kit.registry.survey import Surveyed, survey


@click.command()
@click.argument("name")
@click.option("--json", "json_wanted", is_flag=True, help="Print one JSON document.")
def show(name: str, json_wanted: bool) -> None:
    """What a component takes: NAME as in a recipe's `use:`, or KIND:NAME; or what a plugin, recipe or model is.

    Of a component: its words, the paper that its docstring cites, its keys. Of a plugin: what it offers, and the hooks
    that it implements.
    """
    plugins = [loaded(plugin) for plugin in survey().plugins if name in (plugin.name, plugin.distribution)]
    components = [describe_component(offer) for offer in offers_called(name)]
    others = [*models_called(name), *recipes_called(name)]
    if not plugins and not components and not others:
        raise fail("", f"no component, plugin, recipe or model is called '{name}'", nearest(name, known_names()))
    if json_wanted:
        print_json([*({**document(p), **about_plugin(p)} for p in plugins), *components, *others])
        return
    for plugin in plugins:
        _print_plugin(plugin)
    for component in components:
        _print_component(component)
    for other in others:
        _print_other(other)
    if broken := [component for component in components if component["error"]]:
        raise EfganError(*(Fault("", component["error"]) for component in broken))


def _print_plugin(plugin: Surveyed) -> None:
    about = about_plugin(plugin)
    say(f"{plugin.name} of {plugin.distribution} {plugin.version}: {plugin.state}")
    for line in (plugin.reason, unknown(plugin), about["summary"]):
        if line:
            say(line)
    if plugin.efgan_kit:
        say(f"efgan-kit: {plugin.efgan_kit}")
    if about["licence"]:
        say(f"licence: {about['licence'].partition(chr(10))[0]}")
    if about["hooks"]:
        say(f"hooks: {', '.join(about['hooks'])}")
    print_offers([plugin])


def _print_other(found: dict[str, Any]) -> None:
    say(f"{found['kind']} {found['name']} of {found['distribution']}")
    if found["kind"] == "recipe":
        say(found["summary"])
        say(f"{found['path']}; `efgan recipe show {found['name']}` prints it whole")
    else:
        trained = f", of the recipe '{found['recipe']}' at step {found['step']}" if found["recipe"] else ""
        say(f"{found['path']}{trained}; its name stands wherever RUN does")


def _print_component(component: dict[str, Any]) -> None:
    say(f"{component['kind']} {component['name']}: {component['summary']}")
    say(f"from {component['distribution']} {component['version']}, {component['target']}")
    if component["error"]:
        return
    if component["doc"]:
        say(component["doc"])
    say(f"paper: {component['paper'] or 'its docstring names none'}")
    rows = [
        (p["name"], p["type"], "required" if p["required"] else json.dumps(p["default"]), p["doc"])
        for p in component["parameters"]
    ]
    if rows:
        print_table(("key", "type", "default", "what it is"), rows)
