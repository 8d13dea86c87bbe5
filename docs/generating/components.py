"""The built-in components with their parameters."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator

from efgan_kit import api
from efgan_kit.recipe.typed import describe
from efgan_kit.recipe.uses import is_plain
from efgan_kit.recipe.wiring import declared_values, players_of
from efgan_kit.registry import Catalogue, Offer
from efgan_kit.registry.discovery import builtin, discover
from efgan_kit.registry.signature import Parameter, signature_of
from generating import values
from generating.markdown import names, prose, table


def own_catalogue() -> Catalogue:
    """What efgan_kit itself offers; the plugins of this machine are left out."""
    return discover([builtin()]).catalogue


def components() -> Iterator[str]:
    """Every built-in component, by kind."""
    catalogue = own_catalogue()
    for kind in api.KINDS:
        offers = [offer for offer in catalogue.offers if offer.kind == kind]
        if not offers:
            continue  # what plugins alone offer
        yield f"## {kind}"
        yield table(("name", "what it is"), [(f"[`{o.name}`](#{kind}-{o.name})", o.summary) for o in offers])
        for offer in offers:
            yield from _component(offer)


def _component(offer: Offer) -> Iterator[str]:
    target = offer.load()
    yield f'<a id="{offer.kind}-{offer.name}"></a>'
    yield f"### {offer.kind}: {offer.name}"
    yield prose(target)
    yield f"`{offer.target}`"
    if offer.kind == "loss":
        players = players_of(target).items()
        yield table(("teaches", "from the values"), [(player, names(needs)) for player, needs in players])
    if offer.kind == "metric":
        wanted = [p for p in inspect.signature(target.__call__).parameters if p != "self"]
        yield f"From the values {names(wanted)}."
        if declared_values(target):
            yield "Of these, its own are:"
            yield values.declared(target, makers=False)
    parameters = signature_of(target, offer.kind).parameters.values()
    if parameters:
        yield table(
            ("key", "type", "default", "what it is"),
            [(f"`{p.name}`", describe(p.annotation), _default(p), p.doc) for p in parameters],
        )
    else:
        yield "It has no keys."


def _default(parameter: Parameter) -> str:
    if parameter.required:
        return "required"
    default = parameter.default
    if isinstance(default, api.Maker):
        return f"`{{use: {own_catalogue().name_of(default.target)}}}`"
    return f"`{json.dumps(default)}`" if is_plain(default) else f"`{default!r}`"
