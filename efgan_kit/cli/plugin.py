"""`efgan plugin`: which packages offer components, and what each component takes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from efgan_kit.cli.output import print_json, print_table
from efgan_kit.cli.plugin_check import check_plugin
from efgan_kit.errors import EfganError, fail, nearest
from efgan_kit.registry import Offer, Plugin, registry
from efgan_kit.registry.catalogue import KIND_NAMES
from efgan_kit.registry.models import Model, models

if TYPE_CHECKING:
    from efgan_kit.registry.signature import Parameter

as_json = click.option("--json", "json_wanted", is_flag=True, help="Print one JSON document.")


@click.group()
def command() -> None:
    """See which components are installed, and which plugins are broken."""


@command.command("list")
@as_json
def list_plugins(json_wanted: bool) -> None:
    """Every plugin, its state, its components and its trained models."""
    found = registry()
    if json_wanted:
        clashes = [{"what": fault.what, "hint": fault.hint} for fault in found.catalogue.clashes()]
        print_json({"plugins": [_document(plugin) for plugin in found.plugins], "clashes": clashes})
        return
    columns = ("plugin", "distribution", "version", "state", "reason")
    rows = [(p.name, p.distribution, p.version, p.state, p.reason) for p in found.plugins]
    print_table(columns, rows)
    offers = [offer for plugin in found.plugins for offer in plugin.offers]
    offers.sort(key=lambda offer: (offer.kind, offer.name))
    print_table(
        ("kind", "name", "from", "what it is"), [(o.kind, o.name, o.distribution, o.summary) for o in offers]
    )
    _print_models(models())
    for fault in found.catalogue.clashes():
        click.echo(f"warning: {fault}", err=True)


def _print_models(found: list[Model]) -> None:
    if found:
        print_table(("model", "from", "where"), [(model.name, model.distribution, model.path) for model in found])


def _document(plugin: Plugin) -> dict[str, Any]:
    components: dict[str, list[str]] = {}
    for offer in plugin.offers:
        components.setdefault(offer.kind, []).append(offer.name)
    return {
        "name": plugin.name,
        "distribution": plugin.distribution,
        "version": plugin.version,
        "state": plugin.state,
        "reason": plugin.reason,
        "components": components,
        "models": {model.name: str(model.path) for model in _models_of(plugin)},
    }


def _models_of(plugin: Plugin) -> list[Model]:
    return [model for model in models() if model.distribution == plugin.distribution]


@command.command()
@click.argument("name")
@as_json
def show(name: str, json_wanted: bool) -> None:
    """What a component takes: NAME as in a recipe's `use:`, or KIND:NAME; or what a plugin offers."""
    plugins = [plugin for plugin in registry().plugins if name in (plugin.name, plugin.distribution)]
    described = [_describe(offer) for offer in _offers_called(name)]
    if not plugins and not described:
        known = [*(o.name for o in registry().catalogue.offers), *(p.distribution for p in registry().plugins)]
        raise fail("", f"no component or plugin is called '{name}'", nearest(name, known))
    if json_wanted:
        print_json([*(_document(plugin) for plugin in plugins), *described])
        return
    _print_plugins(plugins)
    for component in described:
        _print_component(component)


def _offers_called(name: str) -> list[Offer]:
    catalogue = registry().catalogue
    kind, colon, plain = name.rpartition(":")
    if colon and kind not in KIND_NAMES:
        raise fail("", f"no kind of component is called '{kind}'", nearest(kind, KIND_NAMES))
    if colon:
        return [catalogue.find(kind, plain)]
    return [offer for offer in catalogue.offers if offer.name == name]


def _print_plugins(plugins: list[Plugin]) -> None:
    for plugin in plugins:
        click.echo(f"{plugin.name} of {plugin.distribution} {plugin.version}: {plugin.state}")
        if plugin.reason:
            click.echo(plugin.reason)
        print_table(("kind", "name", "what it is"), [(o.kind, o.name, o.summary) for o in plugin.offers])
        _print_models(_models_of(plugin))


def _describe(offer: Offer) -> dict[str, Any]:
    """A component and its recipe keys; one that cannot be imported says why."""
    document: dict[str, Any] = {
        "kind": offer.kind,
        "name": offer.name,
        "summary": offer.summary,
        "distribution": offer.distribution,
        "version": offer.version,
        "target": offer.target,
        "error": "",
        "parameters": [],
    }
    try:
        target = offer.load()
    except EfganError as error:
        return {**document, "error": str(error)}
    from efgan_kit.registry.signature import signature_of

    parameters = signature_of(target, offer.kind).parameters.values()
    return {**document, "parameters": [_document_parameter(parameter) for parameter in parameters]}


def _document_parameter(parameter: Parameter) -> dict[str, Any]:
    from efgan_kit.recipe.typed import describe

    return {
        "name": parameter.name,
        "type": describe(parameter.annotation),
        "required": parameter.required,
        "default": None if parameter.required else _plain(parameter.default),
        "doc": parameter.doc,
    }


def _plain(default: Any) -> Any:
    """A default as a recipe would write it."""
    from efgan_kit.api import Maker
    from efgan_kit.recipe.uses import is_plain
    from efgan_kit.registry import registry

    if isinstance(default, Maker):
        return {"use": registry().catalogue.name_of(default.target), **default.params}
    return default if is_plain(default) else repr(default)


def _print_component(component: dict[str, Any]) -> None:
    click.echo(f"{component['kind']} {component['name']}: {component['summary']}")
    click.echo(f"from {component['distribution']} {component['version']}, {component['target']}")
    if component["error"]:
        click.echo(f"error: {component['error']}", err=True)
        return
    rows = [
        (p["name"], p["type"], "required" if p["required"] else json.dumps(p["default"]), p["doc"])
        for p in component["parameters"]
    ]
    if rows:
        print_table(("key", "type", "default", "what it is"), rows)


command.add_command(check_plugin)
