"""The contract of every kind of component, and the types that components exchange."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Final

from docstring_parser import google

from efgan_kit import api
from generating.markdown import names, prose, python, table
from generating.source import fields, members

PARTS: Final[dict[str, tuple[type, ...]]] = {"launcher": (api.Job,), "landmarker": (api.Picture, api.FoundFace)}
"""What components of a kind are given or make that has a contract of its own."""

TYPES: Final = (api.Edit, api.Verdict, api.FaceSample, api.Edited)


def kinds() -> Iterator[str]:
    """The contract of every kind of component."""
    for name, kind in api.KINDS.items():
        yield f"### {name}"
        yield f"Context: {names(kind.context)}. Contract: `efgan_kit.api.{kind.contract.__name__}`."
        yield prose(kind.contract)
        if attributes := list(fields(kind.contract)):
            yield table(("attribute", "what it is"), [(f"`{field}`", text) for field, text in attributes])
        if methods := members(kind.contract):
            yield python(*methods)
        for part in PARTS.get(name, ()):
            yield from _part(part)


def _part(part: type) -> Iterator[str]:
    yield f"`efgan_kit.api.{part.__name__}`: {prose(part)}"
    documented = google.parse(inspect.getdoc(part) or "").params
    if documented:
        yield table(("attribute", "what it is"), [(f"`{a.arg_name}`", a.description or "") for a in documented])
    yield python(*members(part))


def types() -> Iterator[str]:
    """The named tuples that components exchange."""
    for owner in TYPES:
        yield f"### {owner.__name__}"
        yield prose(owner)
        yield table(("field", "what it is"), [(f"`{name}`", text) for name, text in fields(owner)])
