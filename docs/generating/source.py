"""Signatures, members and fields of classes, as their source has them."""

from __future__ import annotations

import ast
import inspect
import itertools
import re
import textwrap
from collections.abc import Callable, Iterator
from typing import Any, Final

SPECIAL: Final = ("__call__", "__len__", "__getitem__")


def signature(name: str, function: Callable[..., Any], *, drop_self: bool = False) -> str:
    """The `def` line of a function, without its colon."""
    # Annotations are kept as text, which `str` puts in quotes.
    text = re.sub(r"'([\w.,| \[\]]+)'", r"\1", str(inspect.signature(function)))
    return f"def {name}{text.replace('(self, ', '(') if drop_self else text}"


def members(contract: type) -> list[str]:
    """The methods and properties of a class, each with its docstring."""
    return [
        _member(name, member)
        for name, member in vars(contract).items()
        if (callable(member) or isinstance(member, property)) and (name in SPECIAL or name[0] != "_")
    ]


def _member(name: str, member: Any) -> str:
    property_, function = ("@property\n", member.fget) if isinstance(member, property) else ("", member)
    text = inspect.cleandoc(function.__doc__ or "")
    says = textwrap.indent(f'"""{text}' + ('\n"""' if "\n" in text else '"""'), "    ")
    return f"{property_}{signature(name, function)}:" + (f"\n{says}" if text else " ...")


def fields(owner: type) -> Iterator[tuple[str, str]]:
    """The fields of a class with the strings below them, which Python forgets and the source knows."""
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(owner))).body
    assert isinstance(definition, ast.ClassDef)
    for field, text in itertools.pairwise(definition.body):
        if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr):
            yield ast.unparse(field.target), inspect.cleandoc(ast.literal_eval(text.value))
