"""`efgan plugin list`: every plugin, without importing any."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import click

from efgan_kit.cli.output import print_json, print_table
from efgan_kit.recipe.shelf import Shelved, recipes_in
from efgan_kit.registry.remedies import remedy
from efgan_kit.registry.survey import Surveyed, survey

WHAT: Final = {"efgan_components": "components", "efgan_recipes": "recipes", "efgan_models": "models"}


@click.command("list")
@click.option("--json", "json_wanted", is_flag=True, help="Print one JSON document.")
def list_plugins(json_wanted: bool) -> None:
    """Every plugin: its state, the efgan-kit it asks for, its components, recipes and models.

    No plugin is imported for it: this is read from metadata and sources. What only an import can tell is what the last
    import showed, by whichever command; so is the time that it took.
    """
    found = survey()
    if found.fault is not None:
        click.echo(f"warning: {found.fault}", err=True)
    clashes = found.catalogue.clashes()
    if json_wanted:
        told = [{"what": fault.what, "hint": fault.hint} for fault in clashes]
        print_json({"plugins": [document(plugin) for plugin in found.plugins], "clashes": told})
        return
    columns = ("plugin", "distribution", "version", "efgan-kit", "state", "import", "remark")
    print_table(columns, (_row(plugin) for plugin in found.plugins))
    print_offers(plugin for plugin in found.plugins if plugin.live)
    for fault in clashes:
        click.echo(f"warning: {fault}", err=True)


def _row(plugin: Surveyed) -> tuple[str, ...]:
    time = "-" if plugin.seconds is None else f"{1000 * plugin.seconds:.0f} ms"
    way_out = remedy(plugin.state, plugin.distribution, plugin.reason)
    remark = "; ".join(filter(None, [plugin.reason, way_out, unknown(plugin)]))
    return plugin.name, plugin.distribution, plugin.version, plugin.efgan_kit or "-", plugin.state, time, remark


def unknown(plugin: Surveyed) -> str:
    """What of a plugin's offers is not known, in words."""
    if plugin.state == "broken" or not plugin.unread:
        return ""
    return f"{', '.join(WHAT[hook] for hook in WHAT if hook in plugin.unread)}: not known before it is imported"


def print_offers(plugins: Iterable[Surveyed]) -> None:
    """Tables of what plugins offer."""
    plugins = list(plugins)
    offers = sorted((o for plugin in plugins for o in plugin.offers), key=lambda o: (o.kind, o.name))
    models = [model for plugin in plugins for model in plugin.models]
    recipes = [(recipe, plugin) for plugin in plugins for recipe in recipes_of(plugin)]
    if offers:
        rows = [(o.kind, o.name, o.distribution, o.summary) for o in offers]
        print_table(("kind", "name", "from", "what it is"), rows)
    if recipes:
        print_table(("recipe", "from", "what it is"), [(r.name, p.distribution, r.summary) for r, p in recipes])
    if models:
        print_table(("model", "from", "where"), [(model.name, model.distribution, model.path) for model in models])


def recipes_of(plugin: Surveyed) -> list[Shelved]:
    """The recipes of a plugin that can be named, as far as its folder is known."""
    return [recipe for folder in plugin.recipe_folders for recipe in recipes_in(folder) if not recipe.abstract]


def document(plugin: Surveyed) -> dict[str, Any]:
    """A plugin, for scripts."""
    components: dict[str, list[str]] = {}
    for offer in plugin.offers:
        components.setdefault(offer.kind, []).append(offer.name)
    return {
        "name": plugin.name,
        "distribution": plugin.distribution,
        "version": plugin.version,
        "efgan_kit": plugin.efgan_kit,
        "state": plugin.state,
        "reason": plugin.reason,
        "way_out": remedy(plugin.state, plugin.distribution, plugin.reason),
        "components": components,
        "recipes": {recipe.name: str(recipe.path) for recipe in recipes_of(plugin)},
        "models": {model.name: str(model.path) for model in plugin.models},
        "not_known_before_import": [WHAT[hook] for hook in WHAT if hook in plugin.unread],
        "import_seconds": plugin.seconds,
    }
