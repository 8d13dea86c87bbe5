"""Every hook with its signature, and the callbacks that hooks are given."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

from docstring_parser import google

from efgan_kit import hookspecs
from generating.markdown import prose, python, table
from generating.source import signature


def hooks() -> Iterator[str]:
    """The hooks in the order of the file, then the callback `register`."""
    for name, function in vars(hookspecs).items():
        if name.startswith("efgan_") and inspect.isfunction(function):
            yield f"### {name}"
            yield python(signature(name, function))
            yield prose(function)
    yield "### The callback `register`"
    register = hookspecs.Register.__call__
    yield python(signature("register", register, drop_self=True))
    arguments = google.parse(inspect.getdoc(register) or "").params
    yield table(("argument", "what it is"), [(f"`{a.arg_name}`", a.description or "") for a in arguments])
