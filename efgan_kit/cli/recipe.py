"""`efgan recipe`: what there is to train, what it says, whether it holds together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from efgan_kit.cli.output import print_definitions, print_json, print_table, width
from efgan_kit.errors import fail

if TYPE_CHECKING:
    from efgan_kit.recipe.inspection import Inspection
    from efgan_kit.recipe.model import ComponentUse, Recipe

overriding = click.option(
    "-o", "overrides", multiple=True, metavar="KEY=VALUE", help="Change a value: -o losses.content.weight=5"
)
as_json = click.option("--json", "json_wanted", is_flag=True, help="Print one JSON document.")


@click.group()
def command() -> None:
    """List, show, check and compare recipes. RECIPE is a shipped recipe's name or a YAML file."""


@command.command("list")
@as_json
def list_recipes(json_wanted: bool) -> None:
    """The recipes that can be named."""
    from efgan_kit.recipe.shelf import shelved, shown

    recipes = [recipe for recipe in shelved() if not recipe.abstract]
    if json_wanted:
        print_json([{"name": r.name, "summary": r.summary, "path": shown(r.path)} for r in recipes])
    else:
        print_definitions((recipe.name, recipe.summary) for recipe in recipes)


@command.command()
@click.argument("recipe")
@overriding
@as_json
def show(recipe: str, overrides: tuple[str, ...], json_wanted: bool) -> None:
    """Print a recipe with all it inherits and every default written out."""
    from efgan_kit.recipe.dump import to_plain

    loaded = _look_at(recipe, overrides)
    if json_wanted:
        print_json(to_plain(loaded))
    else:
        click.echo(loaded.to_yaml(), nl=False)


@command.command()
@click.argument("recipe")
@overriding
@as_json
def check(recipe: str, overrides: tuple[str, ...], json_wanted: bool) -> None:
    """Check a recipe whole, and its graph without memory or time: modules, shapes, parameters, FLOPs."""
    from efgan_kit.recipe.inspection import inspect_graph

    loaded = _look_at(recipe, overrides)
    inspection = inspect_graph(loaded)
    if json_wanted:
        import attrs

        print_json({"name": loaded.name, **attrs.asdict(inspection), "missing": list(loaded.missing)})
    else:
        _print_check(loaded, inspection)


def _print_check(recipe: Recipe, inspection: Inspection) -> None:
    rows = [
        (
            row.name,
            row.component,
            row.output or "-",
            f"{row.parameters:,}",
            _giga(row.flops) if row.output else "-",
        )
        for row in inspection.modules
    ]
    columns = ("module", "class", "output", "parameters", "GFLOP a picture")
    print_table(columns, rows, right=columns[2:])
    total = (
        f"{inspection.parameters:,} parameters; an edit of one picture takes {_giga(inspection.flops)} GFLOP"
    )
    click.echo(f"{recipe.name}: {total}")
    for path in recipe.missing:
        click.echo(f"still to be given: -o {path}=...")


def _giga(flops: int) -> str:
    return f"{flops / 1e9:.3f}"


@command.command()
@click.argument("recipe")
@overriding
@click.option("--values", is_flag=True, help="The values that the loss terms make it compute, as Mermaid.")
def graph(recipe: str, overrides: tuple[str, ...], values: bool) -> None:
    """Draw a recipe: the tree of its components, or the values that its loss terms need."""
    loaded = _look_at(recipe, overrides)
    if values:
        from efgan_kit.recipe.inspection import mermaid

        click.echo(mermaid(loaded))
        return
    from rich.console import Console
    from rich.tree import Tree

    tree = Tree(loaded.name)
    _grow(tree, "graph", loaded.graph)
    losses = tree.add("losses")
    for name, term in loaded.losses.items():
        _grow(losses, f"{name} (weight {term.weight})", term.component)
    _grow(tree, "optimizer", loaded.optimizer.component)
    _grow(tree, "schedule", loaded.schedule)
    for name, use in loaded.data.items():
        _grow(tree, f"data.{name}", use)
    Console(width=width(), markup=False, highlight=False).print(tree)


def _grow(tree: Any, name: str, value: Any) -> None:
    """Add a component and those inside it."""
    from efgan_kit.recipe.model import ComponentUse

    if isinstance(value, ComponentUse):
        branch = tree.add(f"{name}: {value.use}{_settings(value)}")
        for inner, part in value.params.items():
            _grow(branch, inner, part)
    elif isinstance(value, dict):
        for inner, part in value.items():
            _grow(tree, f"{name}.{inner}", part)


def _settings(use: ComponentUse) -> str:
    written = {key: _setting(value) for key, value in use.params.items()}
    simple = [f"{key}={value}" for key, value in written.items() if value is not None]
    return f" ({', '.join(simple)})" if simple else ""


def _setting(value: Any) -> str | None:
    """A number or word, or a list of them; None for parts and for what is not set."""
    if isinstance(value, (list, tuple)):
        items = [_setting(item) for item in value]
        return None if None in items else f"[{', '.join(map(str, items))}]"
    return str(value) if isinstance(value, (bool, int, float, str)) else None


@command.command()
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
@as_json
def diff(first: str, second: str, json_wanted: bool) -> None:
    """What differs between two recipes, inherited values and defaults included."""
    from efgan_kit.recipe.diff import diff as differences

    found = differences(_look_at(first), _look_at(second))
    if json_wanted:
        print_json([{"path": d.path, "before": d.before, "after": d.after} for d in found])
    elif found:
        print_table(("key", first, second), [(d.path, _cell(d.before), _cell(d.after)) for d in found])
    else:
        click.echo("no difference")


def _cell(value: Any) -> str:
    import json

    return "-" if value is None else json.dumps(value, ensure_ascii=False)


@command.command()
@click.argument("name")
@click.argument("destination", metavar="[DEST]", required=False)
def copy(name: str, destination: str | None) -> None:
    """Copy a recipe's file to change it: to DEST, or NAME.yaml here."""
    from efgan_kit.recipe.shelf import find

    source = find(name)
    target = Path(destination or source.name)
    if target.is_dir():
        target = target / source.name
    try:
        with target.open("x", encoding="utf-8") as file:
            file.write(source.read_text(encoding="utf-8"))
    except FileExistsError as error:
        raise fail(str(target), "exists already", "name another file") from error
    except OSError as error:
        raise fail(str(target), f"cannot be written: {error.strerror}") from error
    click.echo(str(target))


@command.command()
def schema() -> None:
    """Print the JSON Schema of recipes with the installed components, for editors."""
    from efgan_kit.recipe.schema import recipe_schema
    from efgan_kit.registry import catalogue

    print_json(recipe_schema(catalogue()))


def _look_at(recipe: str, overrides: tuple[str, ...] = ()) -> Recipe:
    from efgan_kit.recipe import load_recipe

    return load_recipe(recipe, overrides, allow_missing=True)
