"""JSON Schema (2020-12) of recipes with the installed components, for editors that complete YAML."""

from __future__ import annotations

import typing
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import attrs

from efgan_kit.api import KINDS
from efgan_kit.errors import EfganError
from efgan_kit.faces.aus import AU_SETS
from efgan_kit.faces.regions import LOCAL_REGIONS
from efgan_kit.recipe.model import TrainSettings
from efgan_kit.recipe.nodes import MISSING
from efgan_kit.recipe.sections import GRID, LARGEST, PLAYERS, SMALLEST
from efgan_kit.recipe.uses import REGIONS, is_plain
from efgan_kit.registry import Catalogue, Offer
from efgan_kit.registry.signature import REQUIRED, Parameter, alternatives, kind_of, signature_of

Schema = dict[str, Any]
UNSET: Schema = {"enum": [None, MISSING]}
"""What may stand in any entry's place: `null` takes it away, `???` leaves it to be given."""
NOT_IN_RECIPES: Final = ("launcher", "landmarker", "au-labeller", "value", "command")
"""Kinds that recipes don't choose."""


def recipe_schema(catalogue: Catalogue) -> Schema:
    """The schema of a recipe's file. A file may hold part of a recipe and extend the rest, so nothing but the
    format's version is required; components that cannot be imported are left unchecked."""
    sections: dict[str, Schema] = {
        "faces": _faces(),
        "graph": _use("graph"),
        "losses": {"type": "object", "additionalProperties": _or_unset(_use("loss"))},
        "optimizer": _use("optimizer"),
        "schedule": _use("schedule"),
        "train": _train(),
        "data": _closed(dict.fromkeys(("train", "test"), _or_unset(_use("dataset")))),
        "metrics": _list({"anyOf": [{"type": "string"}, _use("metric")]}),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "efgan_kit recipe",
        "type": "object",
        "required": ["recipe"],
        "additionalProperties": False,
        "properties": {
            "recipe": {"const": 1, "description": "The format's version."},
            "name": {"type": "string", "pattern": r"^\w[\w.-]*$"},
            "extends": {"type": "string", "description": "The parent: a shipped recipe's name, or a file."},
            "abstract": {"type": "boolean", "description": "Only there to be extended."},
            "requires": _list({"type": "string"}),
            **{name: _or_unset(schema) for name, schema in sections.items()},
        },
        "$defs": {kind: _kind(kind, catalogue) for kind in KINDS if kind not in NOT_IN_RECIPES},
    }


def _faces() -> Schema:
    side = {"type": "integer", "minimum": GRID, "multipleOf": GRID}
    region = _or_unset({"type": "array", "items": side, "minItems": 2, "maxItems": 2})
    return _closed(
        {
            "size": {"type": "integer", "minimum": SMALLEST, "maximum": LARGEST, "multipleOf": GRID},
            "aus": {"anyOf": [{"enum": list(AU_SETS)}, _list({"type": "string"})]},
            "regions": _or_unset(_closed(dict.fromkeys(LOCAL_REGIONS, region))),
        }
    )


def _train() -> Schema:
    types = typing.get_type_hints(TrainSettings)
    properties: dict[str, Schema] = {}
    for field in attrs.fields(TrainSettings):
        bounds = {
            "minimum": field.metadata["least"],
            "exclusiveMinimum": field.metadata["above"],
            "maximum": field.metadata["most"],
            "exclusiveMaximum": field.metadata["below"],
        }
        limits = {key: value for key, value in bounds.items() if value is not None}
        # A bound says nothing of a null, so it can stand beside the alternatives.
        properties[field.name] = {
            **_type(types[field.name]),
            **limits,
            "description": field.metadata["doc"],
            "default": field.default,
        }
    return _closed(properties)


def _kind(kind: str, catalogue: Catalogue) -> Schema:
    """Any component of a kind: `use` decides which keys are allowed; without it the parent recipe does."""
    offers = catalogue.of_kind(kind)
    known = [{"const": offer.name, "description": offer.summary} for offer in offers]
    rules = [
        {
            "if": {"required": ["use"], "properties": {"use": {"const": offer.name}}},
            "then": _closed(properties),
        }
        for offer in offers
        if (properties := _properties(offer)) is not None
    ]
    schema: Schema = {"type": "object", "properties": {"use": {"anyOf": [*known, UNSET]}}}
    return {**schema, "allOf": rules} if rules else schema


def _properties(offer: Offer) -> dict[str, Schema] | None:
    try:
        signature = signature_of(offer.load(), offer.kind)
    except EfganError:
        return None
    own = {name: _parameter(parameter) for name, parameter in signature.parameters.items()}
    around: dict[str, Schema] = {"use": {"description": signature.summary}}
    if offer.kind == "loss":
        number = {"type": "number"}
        per_player = _closed(dict.fromkeys(PLAYERS, number))
        around["weight"] = {"anyOf": [number, per_player, UNSET], "default": 1}
        around["every"] = {"anyOf": [{"type": "integer", "minimum": 1}, UNSET], "default": 1}
    if offer.kind == "optimizer":
        around["per_player"] = _or_unset(_closed(dict.fromkeys(PLAYERS, _closed(own))))
    if "region" in KINDS[offer.kind].context:
        around["per_region"] = _or_unset(_closed(dict.fromkeys(REGIONS, _closed(own))))
    return {**around, **own}


def _parameter(parameter: Parameter) -> Schema:
    schema = _or_unset(_type(parameter.annotation))
    if parameter.doc:
        schema["description"] = parameter.doc
    if parameter.default is not REQUIRED and is_plain(parameter.default):
        schema["default"] = parameter.default
    return schema


def _type(annotation: Any) -> Schema:
    """The schema of a type annotation."""
    members = alternatives(annotation)
    if len(members) > 1:
        return {"anyOf": [_type(member) for member in members]}
    simple = {bool: "boolean", int: "integer", float: "number", str: "string", type(None): "null"}
    if annotation in simple:
        return {"type": simple[annotation]}
    kind = kind_of(annotation)
    if kind is not None:
        return _use(kind)
    origin, arguments = typing.get_origin(annotation) or annotation, typing.get_args(annotation)
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin in (list, tuple, Sequence):
        return _list(_type(arguments[0])) if arguments else {"type": "array"}
    if origin in (dict, Mapping):
        inside = _or_unset(_type(arguments[1])) if arguments else {}
        return {"type": "object", "additionalProperties": inside}
    return {}


def _use(kind: str) -> Schema:
    return {"$ref": f"#/$defs/{kind}"}


def _closed(properties: Mapping[str, Schema]) -> Schema:
    return {"type": "object", "properties": dict(properties), "additionalProperties": False}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _or_unset(schema: Schema) -> Schema:
    return {"anyOf": [schema, UNSET]}
