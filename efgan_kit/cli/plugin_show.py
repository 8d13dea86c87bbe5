"""`efgan plugin show`: one plugin, component, recipe or model, with all that is known of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import metadata
from typing import TYPE_CHECKING, Any

import attrs
import click

from efgan_kit.cli.output import print_json, print_table, say
from efgan_kit.cli.plugin_list import document, print_offers, unknown
from efgan_kit.errors import EfganError, fail, nearest
from efgan_kit.recipe.shelf import Shelved, recipes_in, shipped_folder
from efgan_kit.registry import Offer, hooks, registry, source
from efgan_kit.registry.catalogue import KIND_NAMES
from efgan_kit.registry.distributions import OWN
from efgan_kit.registry.models import MANIFEST, Model, models
from efgan_kit.registry.survey import Surveyed, survey

if TYPE_CHECKING:
    from efgan_kit.registry.signature import Parameter


@click.command()
@click.argument("name")
@click.option("--json", "json_wanted", is_flag=True, help="Print one JSON document.")
def show(name: str, json_wanted: bool) -> None:
    """What a component takes: NAME as in a recipe's `use:`, or KIND:NAME; or what a plugin, recipe or model is.

    Of a component: its words, the paper that its docstring cites, its keys. Of a plugin: what it offers, and the hooks
    that it implements.
    """
    plugins = [_loaded(plugin) for plugin in survey().plugins if name in (plugin.name, plugin.distribution)]
    components = [_describe(offer) for offer in _offers_called(name)]
    others = [*_models_called(name), *_recipes_called(name)]
    if not plugins and not components and not others:
        raise fail("", f"no component, plugin, recipe or model is called '{name}'", nearest(name, _names()))
    if json_wanted:
        print_json([*({**document(p), **_about(p)} for p in plugins), *components, *others])
        return
    for plugin in plugins:
        _print_plugin(plugin)
    for component in components:
        _print_component(component)
    for other in others:
        _print_other(other)


def _loaded(seen: Surveyed) -> Surveyed:
    """A plugin as it is once it has been loaded, where it may be."""
    found = next(plugin for plugin in registry().plugins if _same(plugin, seen))
    if found.state == "broken":
        return attrs.evolve(seen, state="broken", reason=found.reason)
    if found.state == "active":
        folders = tuple(registry().recipe_folders_of(found.distribution))
        brought = tuple(model for model in models() if model.distribution == found.distribution)
        reason = seen.reason or found.reason
        return attrs.evolve(
            seen, offers=found.offers, recipe_folders=folders, models=brought, unread=frozenset(), reason=reason
        )
    return seen


def _same(one: Any, other: Any) -> bool:
    return (one.name, one.distribution, one.module) == (other.name, other.distribution, other.module)


def _about(plugin: Surveyed) -> dict[str, Any]:
    """What a plugin's metadata and its hooks say."""
    try:
        about = metadata.metadata(plugin.distribution)
    except Exception:  # it is not installed, or damaged
        about = None
    loaded = registry().manager.get_plugin(f"{plugin.distribution}:{plugin.name}")
    if loaded is not None:
        implemented = sorted(name for name, _ in hooks.implementations(loaded))
    else:
        implemented = list(source.read(plugin.module).implemented)
    said = {key: about[key] for key in ("Summary", "License-Expression", "License") if about and key in about}
    return {
        "summary": said.get("Summary", ""),
        "licence": said.get("License-Expression") or said.get("License", ""),
        "hooks": implemented,
    }


def _print_plugin(plugin: Surveyed) -> None:
    about = _about(plugin)
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


def _offers_called(name: str) -> list[Offer]:
    catalogue = registry().catalogue
    kind, colon, plain = name.rpartition(":")
    if colon and kind not in KIND_NAMES:
        raise fail("", f"no kind of component is called '{kind}'", nearest(kind, KIND_NAMES))
    if colon:
        return [catalogue.find(kind, plain)]
    return [offer for offer in catalogue.offers if offer.name == name]


def _models_called(name: str) -> Iterator[dict[str, Any]]:
    for model in models():
        if model.name == name:
            yield _describe_model(model)


def _describe_model(model: Model) -> dict[str, Any]:
    try:
        manifest = json.loads((model.path / MANIFEST).read_text(encoding="utf-8"))
        said = {"recipe": manifest.get("name", ""), "step": manifest.get("step")}
    except (OSError, ValueError, AttributeError):
        said = {"recipe": "", "step": None}
    return {"kind": "model", "name": model.name, "distribution": model.distribution, "path": str(model.path), **said}


def _recipes_called(name: str) -> Iterator[dict[str, Any]]:
    for distribution, recipe in _recipes():
        if recipe.name == name:
            said = {"summary": recipe.summary, "distribution": distribution, "path": str(recipe.path)}
            yield {"kind": "recipe", "name": recipe.name, **said}


def _recipes() -> Iterator[tuple[str, Shelved]]:
    """Every recipe with a name, each with its distribution."""
    yield from ((OWN, recipe) for recipe in recipes_in(shipped_folder()))
    for distribution in dict.fromkeys(plugin.distribution for plugin in registry().plugins):
        for folder in registry().recipe_folders_of(distribution):
            for recipe in recipes_in(folder):
                yield distribution, recipe


def _names() -> Iterator[str]:
    yield from (offer.name for offer in registry().catalogue.offers)
    for plugin in registry().plugins:
        yield from (plugin.name, plugin.distribution)
    yield from (model.name for model in models())
    yield from (recipe.name for _, recipe in _recipes())


def _print_other(found: dict[str, Any]) -> None:
    say(f"{found['kind']} {found['name']} of {found['distribution']}")
    if found["kind"] == "recipe":
        say(found["summary"])
        say(f"{found['path']}; `efgan recipe show {found['name']}` prints it whole")
    else:
        trained = f", of the recipe '{found['recipe']}' at step {found['step']}" if found["recipe"] else ""
        say(f"{found['path']}{trained}; its name stands wherever RUN does")


def _describe(offer: Offer) -> dict[str, Any]:
    """A component and its recipe keys; one that cannot be imported says why."""
    described: dict[str, Any] = {
        "kind": offer.kind,
        "name": offer.name,
        "summary": offer.summary,
        "distribution": offer.distribution,
        "version": offer.version,
        "target": offer.target,
        "error": "",
        "doc": "",
        "paper": "",
        "parameters": [],
    }
    try:
        target = offer.load()
    except EfganError as error:
        return {**described, "error": str(error)}
    from efgan_kit.registry.signature import signature_of
    from efgan_kit.registry.words import paper_of, prose_of

    parameters = [_describe_key(parameter) for parameter in signature_of(target, offer.kind).parameters.values()]
    return {**described, "doc": prose_of(target), "paper": paper_of(target), "parameters": parameters}


def _describe_key(parameter: Parameter) -> dict[str, Any]:
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

    if isinstance(default, Maker):
        return {"use": registry().catalogue.name_of(default.target), **default.params}
    return default if is_plain(default) else repr(default)


def _print_component(component: dict[str, Any]) -> None:
    say(f"{component['kind']} {component['name']}: {component['summary']}")
    say(f"from {component['distribution']} {component['version']}, {component['target']}")
    if component["error"]:
        click.echo(f"error: {component['error']}", err=True)
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
