"""A component's entry in a recipe: its parameters as plain values, read as a recipe is read."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import attrs

from efgan_kit.api import Maker
from efgan_kit.recipe.model import ComponentUse
from efgan_kit.recipe.nodes import Node, Place, Problems
from efgan_kit.recipe.reader import read_value
from efgan_kit.recipe.uses import UseReader
from efgan_kit.registry import Catalogue, Offer, catalogue
from efgan_kit.testing.subject import Subject

HERE: Final = "examined"


@attrs.frozen(kw_only=True)
class _Unlisted(Offer):
    """A component that no plugin offers, as if one did."""

    component: Callable[..., Any]

    def load(self, where: str = "") -> Callable[..., Any]:
        """The component itself."""
        return self.component


def entry_of(subject: Subject) -> dict[str, Any]:
    """What a recipe would write to choose it: `{"use": NAME, ...}`."""
    return {"use": subject.offer.name if subject.offer else HERE, **_plain(subject.params)}


def read_entry(subject: Subject, text: str) -> ComponentUse:
    """The component as a recipe chooses it by this YAML.

    Raises:
        EfganError: The recipe would be refused.
    """
    problems, place = Problems(), Place("recipe")
    node = read_value(text, place.source, problems, place)
    use = UseReader(_shelf(subject), problems).use(subject.kind, Node(node.value, place), subject.kind)
    problems.raise_if_any()
    chosen: ComponentUse = use
    return chosen


def written(entry: Mapping[str, Any]) -> str:
    """An entry as YAML, of which JSON is a part."""
    return json.dumps(entry)


def _shelf(subject: Subject) -> Catalogue:
    if subject.offer:
        return catalogue()
    here = _Unlisted(
        kind=subject.kind, name=HERE, target="examined:here", summary="", distribution="", version="",
        component=subject.target,
    )  # fmt: skip
    return attrs.evolve(catalogue(), offers=(*catalogue().offers, here))


def _plain(value: Any) -> Any:
    if isinstance(value, Maker):
        return {"use": catalogue().name_of(value.target), **_plain(value.params)}
    if isinstance(value, Mapping):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    return str(value) if isinstance(value, Path) else value
