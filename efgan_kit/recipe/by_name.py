"""A component that a command chooses by its name, its parameters as `KEY=VALUE`: launchers, landmarkers, labellers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from efgan_kit.recipe.model import ComponentUse
from efgan_kit.recipe.nodes import Node, Place, Problems
from efgan_kit.recipe.reader import read_value
from efgan_kit.recipe.uses import UseReader
from efgan_kit.registry import catalogue
from efgan_kit.registry.signature import Parameter, alternatives, signature_of


def component_by_name(
    kind: str,
    name: str,
    options: Iterable[str] = (),
    *,
    params: Mapping[str, Any] | None = None,
    flag: str,
    option_flag: str,
) -> ComponentUse:
    """The component of that kind and name; its `maker()` makes it.

    Args:
        options: Its parameters, each as `KEY=VALUE`, the value as YAML.
        params: Its parameters as they are, where they are known from before.
        flag: The command's option that named it, for messages.
        option_flag: The command's option that its parameters are given by.

    Raises:
        EfganError: There is no such component, it can't be imported, or options are at fault: all of them, at once.
    """
    problems = Problems()
    named = Place(flag)
    shelf = catalogue()
    target = shelf.find(kind, name, flag).load(flag)
    entries = _read(options, signature_of(target, kind).parameters, problems, flag, option_flag)
    for key, value in (params or {}).items():
        entries[key] = Node(read_value(json.dumps(value), named.source, problems, named).value, named, named)
    node = Node({"use": Node(name, named), **entries}, named)
    use = UseReader(shelf, problems).use(kind, node, kind)
    problems.raise_if_any()
    return use


def _read(
    options: Iterable[str], parameters: Mapping[str, Parameter], problems: Problems, flag: str, option_flag: str
) -> dict[str, Node]:
    entries: dict[str, Node] = {}
    for option in options:
        place = Place(f"{option_flag} {option if len(option) <= 60 else option[:57] + '...'}")
        key, equals, text = option.partition("=")
        key = key.strip()
        if not equals or not key:
            problems.add(place, "is not of the form KEY=VALUE", "for example cpus=4")
        elif key == "use":
            problems.add(place, "an option can't choose the component", f"{flag} does")
        elif key in entries:
            problems.add(place, f"'{key}' is given twice", "leave one of them out")
        else:
            wanted = parameters[key].annotation if key in parameters else Any
            value = text if str in alternatives(wanted) else read_value(text, place.source, problems, place).value
            entries[key] = Node(value, place, place)
    return entries
