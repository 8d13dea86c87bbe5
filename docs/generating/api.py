"""Everything in `efgan_kit.api`, in a line each."""

from __future__ import annotations

import ast
import inspect
import itertools
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from efgan_kit import api
from generating.markdown import table

HOMES = (*api._HOMES, "efgan_kit.hookspecs", "efgan_kit.errors")


def api_names() -> Iterator[str]:
    """The names, those of types first, as `__all__` sorts them."""
    yield table(("name", "what it is"), [(f"`{name}`", _first_line(name, getattr(api, name))) for name in api.__all__])


def _first_line(name: str, thing: Any) -> str:
    own = inspect.isclass(thing) or inspect.isfunction(thing) or isinstance(thing, ModuleType)
    text = inspect.getdoc(thing) if own else _below(name)
    return (text or "").strip().partition("\n\n")[0]


def _below(name: str) -> str:
    """The string below a constant, which Python forgets and the source knows."""
    for home in HOMES:
        body = ast.parse(inspect.getsource(sys.modules[home])).body
        for statement, text in itertools.pairwise(body):
            targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
            named = any(isinstance(target, ast.Name) and target.id == name for target in targets)
            if named and isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant):
                return inspect.cleandoc(str(text.value.value))
    return ""
