"""Checking a recipe's values against type annotations."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal

from efgan_kit.recipe.nodes import MISSING, Node, Problems
from efgan_kit.registry.signature import alternatives, kind_of

INVALID: Final = object()
"""Stands for a value that was refused, its fault already noted."""

ReadPart = Callable[[str, Node, str], Any]
"""Reads a nested component: (kind, node, path)."""

_SCALARS: Final[dict[Any, str]] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
    Path: "a path",
    type(None): "null",
}
_LISTS: Final = (list, tuple, Sequence)
_MAPPINGS: Final = (dict, Mapping)


def describe(annotation: Any) -> str:
    """A type in the words of a message: `a whole number or null`."""
    if annotation in _SCALARS:
        return _SCALARS[annotation]
    members = alternatives(annotation)
    if len(members) > 1:
        return " or ".join(describe(member) for member in members)
    origin, arguments = typing.get_origin(annotation) or annotation, typing.get_args(annotation)
    if origin is Literal:
        return "one of " + ", ".join(repr(choice) for choice in arguments)
    if (kind := kind_of(annotation)) is not None:
        return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}, written {{use: NAME, ...}}"
    if origin in _LISTS:
        length = f" of {len(arguments)}" if _fixed_length(origin, arguments) else ""
        return f"a list{length}" + (f", each {describe(arguments[0])}" if arguments else "")
    if origin in _MAPPINGS:
        return "a mapping of names" + (f", each to {describe(arguments[1])}" if arguments else "")
    return "any value"


def read(node: Node, annotation: Any, path: str, problems: Problems, read_part: ReadPart) -> Any:
    """The node's value as the annotation wants it, or `INVALID` with the fault noted."""
    if node.value == MISSING:
        return MISSING
    members = alternatives(annotation)
    if len(members) > 1:
        fitting = [member for member in members if _fits(node, member)]
        if fitting:
            return read(node, fitting[0], path, problems, read_part)
        return _refuse(node, annotation, path, problems)
    if not _fits(node, annotation):
        return _refuse(node, annotation, path, problems)
    kind = kind_of(annotation)
    if kind is not None:
        return read_part(kind, node, path)
    origin, arguments = typing.get_origin(annotation) or annotation, typing.get_args(annotation)
    if origin in _LISTS and isinstance(node.value, list):
        return _read_list(node, origin, arguments, path, problems, read_part)
    if origin in _MAPPINGS and isinstance(node.value, dict):
        inside = arguments[1] if arguments else Any
        entries = {key: entry for key, entry in node.value.items() if not entry.removes}
        values = {k: read(entry, inside, f"{path}.{k}", problems, read_part) for k, entry in entries.items()}
        return INVALID if any(value is INVALID for value in values.values()) else values
    if annotation is float:
        return float(node.value)  # type: ignore[arg-type]  # `_fits` saw a number
    return Path(str(node.value)) if annotation is Path else node.plain()


def _read_list(
    node: Node, origin: Any, arguments: tuple[Any, ...], path: str, problems: Problems, read_part: ReadPart
) -> Any:
    items: list[Node] = typing.cast("list[Node]", node.value)
    if _fixed_length(origin, arguments):
        if len(items) != len(arguments):
            what = f"{path}: expected a list of {len(arguments)}, not of {len(items)}"
            problems.add(node.place, what)
            return INVALID
        inside = list(arguments)
    else:
        inside = [arguments[0] if arguments else Any] * len(items)
    values = [
        read(item, annotation, f"{path}.{index}", problems, read_part)
        for index, (item, annotation) in enumerate(zip(items, inside, strict=True))
    ]
    if any(value is INVALID for value in values):
        return INVALID
    return tuple(values) if origin is not list else values


def _fixed_length(origin: Any, arguments: tuple[Any, ...]) -> bool:
    return origin is tuple and bool(arguments) and Ellipsis not in arguments


def _fits(node: Node, annotation: Any) -> bool:
    """Whether the value is of the annotation's outer form."""
    value = node.value
    if annotation is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if annotation is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if annotation is Path:
        return isinstance(value, str)
    if annotation in _SCALARS:
        return isinstance(value, annotation)
    origin = typing.get_origin(annotation) or annotation
    if origin is Literal:
        return any(value == choice and type(value) is type(choice) for choice in typing.get_args(annotation))
    if kind_of(annotation) is not None:
        return isinstance(value, dict)
    if origin in _LISTS:
        return isinstance(value, list)
    if origin in _MAPPINGS:
        return isinstance(value, dict)
    if isinstance(origin, types.UnionType):
        return any(_fits(node, member) for member in alternatives(annotation))
    return True


def _refuse(node: Node, annotation: Any, path: str, problems: Problems) -> object:
    what = f"{path}: expected {describe(annotation)}, not {shown(node)}"
    problems.add(node.place, what, _hint(node, annotation))
    return INVALID


def _hint(node: Node, annotation: Any) -> str:
    if any(kind_of(member) for member in alternatives(annotation)) and isinstance(node.value, str):
        return f"write {{use: {node.value}}}"
    return ""


def shown(node: Node) -> str:
    """A value in a message."""
    if isinstance(node.value, dict):
        return "a mapping"
    if isinstance(node.value, list):
        return "a list"
    if node.value is None:
        return "null"
    if isinstance(node.value, bool):
        return str(node.value).lower()
    text = repr(node.value)
    return text if len(text) <= 50 else text[:46] + "...'"
