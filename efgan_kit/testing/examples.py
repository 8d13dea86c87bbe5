"""A plugin's component made small enough to examine: by its own `example`, an optional attribute.

`example` says with which recipe values a component is examined: a mapping (`{"width": 4}`; nested components as
`{"use": NAME, ...}`), or a static method `example(folder: Path)` that returns one and may write files into the folder.
Without it the constructor's defaults are used.

`example_values`, in the same two forms, says on what it is examined where the kit has nothing fit: `pictures` for a
landmarker, `faces` for an AU labeller, named values for a loss term or a metric.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from efgan_kit.errors import EfganError
from efgan_kit.recipe.by_name import component_by_name
from efgan_kit.recipe.model import ComponentUse
from efgan_kit.registry import Offer
from efgan_kit.testing.contract import ContractError, NotExaminedError
from efgan_kit.testing.running import raised
from efgan_kit.testing.subject import Subject

MADE_BY_NOBODY: Final = ("value", "command")
"""Kinds whose components are used as they are: no recipe sets them."""


def subject_of(offer: Offer, folder: Path) -> Subject:
    """The component of an offer, to be examined.

    Args:
        folder: An empty one, for the files of its example.

    Raises:
        ContractError: It can't be imported, or made with its example.
        NotExaminedError: It needs a module that is not installed.
    """
    whose = str(Subject(offer.kind, Subject, offer=offer))
    target = _loaded(offer, whose)
    if offer.kind in MADE_BY_NOBODY:
        return Subject(offer.kind, target, {}, _given(target, "example_values", folder, whose), offer)
    params, values = (_given(target, name, folder, whose) for name in ("example", "example_values"))
    try:
        use = named_use(offer, params)
    except EfganError as error:
        contract = "without an `example` its defaults make it" if not params else "its `example` is a recipe's entry"
        raise ContractError(whose, contract, str(error)) from error
    return Subject(offer.kind, target, use.maker().params, values, offer)


def named_use(offer: Offer, params: Mapping[str, Any]) -> ComponentUse:
    """The component as a recipe with these values would choose it."""
    return component_by_name(offer.kind, offer.name, params=params, flag=offer.name, option_flag="")


def _loaded(offer: Offer, whose: str) -> Callable[..., Any]:
    try:
        return offer.load()
    except EfganError as error:
        if "not installed" in str(error):
            raise NotExaminedError(str(error)) from error
        raise ContractError(whose, "what it is registered as can be imported", str(error)) from error


def _given(target: Callable[..., Any], name: str, folder: Path, whose: str) -> Mapping[str, Any]:
    """The attribute, which is a mapping or makes one."""
    given = getattr(target, name, {})
    try:
        given = given(folder) if callable(given) else given
    except (Exception, SystemExit) as error:
        raise ContractError(whose, f"`{name}(folder)` gives a mapping", raised(error)) from error
    if not isinstance(given, Mapping):
        contract = f"`{name}` is a mapping, or a static method of a folder that gives one"
        raise ContractError(whose, contract, type(given).__name__)
    return given
