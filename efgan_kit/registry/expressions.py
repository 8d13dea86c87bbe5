"""The value of an expression of literals, constants and paths, found without running it."""

from __future__ import annotations

import ast
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final


class UnknownError(Exception):
    """The value is known only when the code runs."""


def evaluate(node: ast.expr, known: Mapping[str, Any]) -> Any:
    """A string, a number or a path.

    Args:
        known: The values of names; `__file__` among them.

    Raises:
        UnknownError: It takes more than reading.
    """
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name) and node.id in known:
        return known[node.id]
    if isinstance(node, ast.JoinedStr):
        return "".join(str(evaluate(part, known)) for part in node.values)
    if isinstance(node, ast.FormattedValue) and node.format_spec is None and node.conversion == -1:
        return evaluate(node.value, known)
    try:
        if isinstance(node, ast.BinOp):
            return _combined(node, known)
        if isinstance(node, ast.Subscript):
            return evaluate(node.value, known)[evaluate(node.slice, known)]
        if isinstance(node, ast.Attribute) and node.attr in ("parent", "parents", "name", "stem"):
            return getattr(evaluate(node.value, known), node.attr)
        if isinstance(node, ast.Call) and not node.keywords:
            return _called(node, known)
    except (TypeError, ValueError, LookupError, AttributeError, OSError) as error:
        raise UnknownError from error
    raise UnknownError


def _combined(node: ast.BinOp, known: Mapping[str, Any]) -> Any:
    left, right = evaluate(node.left, known), evaluate(node.right, known)
    if isinstance(node.op, ast.Div) and isinstance(left, Path):
        return left / right
    if isinstance(node.op, ast.Add) and isinstance(left, str):
        return left + right
    raise UnknownError


def _called(node: ast.Call, known: Mapping[str, Any]) -> Any:
    arguments = [evaluate(argument, known) for argument in node.args]
    name = ast.unparse(node.func)
    if name in _FUNCTIONS:
        return _FUNCTIONS[name](*arguments)
    if isinstance(node.func, ast.Attribute) and node.func.attr in _METHODS:
        owner = evaluate(node.func.value, known)
        if isinstance(owner, Path):
            return getattr(owner, node.func.attr)(*arguments)
    raise UnknownError


_METHODS: Final = ("joinpath", "resolve", "absolute", "with_name")
_FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {
    "str": str,
    "Path": Path,
    "pathlib.Path": Path,
    "os.path.dirname": os.path.dirname,
    "os.path.abspath": os.path.abspath,
    "os.path.join": os.path.join,
}
