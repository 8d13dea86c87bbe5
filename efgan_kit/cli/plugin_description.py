"""All that is known of a plugin, a component, a recipe or a model, as documents."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import metadata
from typing import TYPE_CHECKING, Any

import attrs

from efgan_kit.errors import EfganError, fail, nearest
from efgan_kit.recipe.shelf import Shelved, recipes_in, shipped_folder
from efgan_kit.registry import Offer, hooks, registry, source
from efgan_kit.registry.catalogue import KIND_NAMES
from efgan_kit.registry.distributions import OWN
from efgan_kit.registry.models import MANIFEST, Model, models
from efgan_kit.registry.survey import Surveyed

if TYPE_CHECKING:
    from efgan_kit.registry.signature import Parameter


def loaded(seen: Surveyed) -> Surveyed:
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


def about_plugin(plugin: Surveyed) -> dict[str, Any]:
    """What a plugin's metadata and its hooks say."""
    try:
        words = metadata.metadata(plugin.distribution)
    except Exception:  # it is not installed, or damaged
        words = None
    loaded = registry().manager.get_plugin(f"{plugin.distribution}:{plugin.name}")
    if loaded is not None:
        implemented = sorted(name for name, _ in hooks.implementations(loaded))
    else:
        implemented = list(source.read(plugin.module).implemented)
    said = {key: words[key] for key in ("Summary", "License-Expression", "License") if words and key in words}
    return {
        "summary": said.get("Summary", ""),
        "licence": said.get("License-Expression") or said.get("License", ""),
        "hooks": implemented,
    }


def offers_called(name: str) -> list[Offer]:
    """The components that NAME or KIND:NAME means.

    Raises:
        EfganError: There is no such kind, or none of that kind and name.
    """
    catalogue = registry().catalogue
    kind, colon, plain = name.rpartition(":")
    if colon and kind not in KIND_NAMES:
        raise fail("", f"no kind of component is called '{kind}'", nearest(kind, KIND_NAMES))
    if colon:
        return [catalogue.find(kind, plain)]
    return [offer for offer in catalogue.offers if offer.name == name]


def models_called(name: str) -> Iterator[dict[str, Any]]:
    """The installed models of that name."""
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


def recipes_called(name: str) -> Iterator[dict[str, Any]]:
    """The recipes of that name, those that ship and those of plugins."""
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


def known_names() -> Iterator[str]:
    """What can be shown."""
    yield from (offer.name for offer in registry().catalogue.offers)
    for plugin in registry().plugins:
        yield from (plugin.name, plugin.distribution)
    yield from (model.name for model in models())
    yield from (recipe.name for _, recipe in _recipes())


def describe_component(offer: Offer) -> dict[str, Any]:
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
