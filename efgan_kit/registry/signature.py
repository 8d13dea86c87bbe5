"""A component's constructor, read as the schema of its recipe entry.

Keyword-only parameters are the keys a recipe may write; the others are what the framework supplies. Types and
defaults come from the signature, the words from the docstring's `Args:` section.
"""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any, Final

import attrs
import docstring_parser
from docstring_parser import google

from efgan_kit.api import KINDS, Maker

REQUIRED: Final = inspect.Parameter.empty
_SECTIONS: Final = [
    section if section.key == "param" else section._replace(type=google.SectionType.SINGULAR, key="examples")
    for section in google.DEFAULT_SECTIONS
]
"""Only parameters are taken apart; the other sections are known so that they end the list of them."""


@attrs.frozen
class Parameter:
    """A recipe key of a component."""

    name: str
    annotation: Any
    default: Any
    doc: str

    @property
    def required(self) -> bool:
        return self.default is REQUIRED


@attrs.frozen
class Signature:
    """What a component's constructor says of itself.

    Attributes:
        summary: The first line of its docstring.
        parameters: The keys a recipe may write, by name.
        supplied: The names of what it asks of the framework.
        unsupplied: Those of them that it cannot do without and that the framework does not have for its kind.
        misplaced: Those of them that the framework does not have, and that it can do without: keys that lack a `*`.
            What begins with an underscore is the component's own.
    """

    summary: str
    parameters: Mapping[str, Parameter]
    supplied: tuple[str, ...]
    unsupplied: tuple[str, ...]
    misplaced: tuple[str, ...] = ()


def signature_of(target: Callable[..., Any], kind: str) -> Signature:
    """Read the constructor of a component of that kind."""
    hints = _hints(target)
    docs = _docs(target)
    parameters = inspect.signature(target).parameters.values()
    keys = {
        p.name: Parameter(p.name, hints.get(p.name, Any), p.default, docs.get(p.name, ""))
        for p in parameters
        if p.kind is p.KEYWORD_ONLY
    }
    context = KINDS[kind].context
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return Signature(
        summary=docs[""],
        parameters=keys,
        supplied=tuple(p.name for p in positional),
        unsupplied=tuple(p.name for p in positional if p.default is REQUIRED and p.name not in context),
        misplaced=tuple(
            p.name
            for p in positional
            if p.default is not REQUIRED and p.name not in context and not p.name.startswith("_")
        ),
    )


def kind_of(annotation: Any) -> str | None:
    """The kind that a nested component's annotation asks for: `Maker[Generator]` is a `generator`."""
    if typing.get_origin(annotation) is not Maker:
        return None
    (contract,) = typing.get_args(annotation)
    return next((name for name, kind in KINDS.items() if kind.contract is contract), None)


def alternatives(annotation: Any) -> tuple[Any, ...]:
    """The members of a union; a type by itself is the only one."""
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return typing.get_args(annotation)
    return (annotation,)


def _hints(target: Callable[..., Any]) -> dict[str, Any]:
    function: Any = target.__init__ if inspect.isclass(target) else target
    try:
        return typing.get_type_hints(function)
    except (NameError, TypeError):
        # A name that exists for type checkers alone: the parameters that need it stay unchecked.
        return {}


def _docs(target: Callable[..., Any]) -> dict[str, str]:
    """The text for each parameter by name, and under the empty name the summary."""
    texts = [inspect.getdoc(target) or ""]
    if inspect.isclass(target):
        texts.append(inspect.getdoc(target.__init__) or "")
    docs: dict[str, str] = {"": texts[0].strip().partition("\n")[0]}
    for text in texts:
        try:
            parsed = google.GoogleParser(_SECTIONS).parse(text)
        except docstring_parser.ParseError:
            continue  # An `Args:` that cannot be read costs the words, not the component.
        docs.update({p.arg_name: " ".join((p.description or "").split()) for p in parsed.params})
    return docs
