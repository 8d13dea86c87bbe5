"""Choosing what runs the trainings: a launcher by its name, its parameters as `KEY=VALUE`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from efgan_kit.api import Launcher
from efgan_kit.recipe.nodes import Node, Place, Problems
from efgan_kit.recipe.reader import read_value
from efgan_kit.recipe.uses import UseReader
from efgan_kit.registry import catalogue
from efgan_kit.registry.signature import Parameter, alternatives, signature_of

HERE: Final = "local"
"""The launcher of this machine."""
_NAMED: Final = Place("--launcher")


def make_launcher(name: str = HERE, options: Iterable[str] = (), *, jobs: int = 1) -> Launcher:
    """The launcher of that name; nothing is started, and no cluster is asked.

    Args:
        options: Its parameters, each as `KEY=VALUE`, the value as YAML.
        jobs: How many trainings are to run side by side.

    Raises:
        EfganError: There is no such launcher, it can't be imported, or options are at fault: all of them, at once.
    """
    problems = Problems()
    shelf = catalogue()
    target = shelf.find("launcher", name, str(_NAMED)).load(str(_NAMED))
    entries = _read(options, signature_of(target, "launcher").parameters, problems)
    node = Node({"use": Node(name, _NAMED), **entries}, _NAMED)
    use = UseReader(shelf, problems).use("launcher", node, "launcher")
    problems.raise_if_any()
    launcher: Launcher = use.maker()(jobs=jobs)
    return launcher


def _read(options: Iterable[str], parameters: Mapping[str, Parameter], problems: Problems) -> dict[str, Node]:
    entries: dict[str, Node] = {}
    for option in options:
        place = Place(f"--launcher-option {option if len(option) <= 60 else option[:57] + '...'}")
        key, equals, text = option.partition("=")
        key = key.strip()
        if not equals or not key:
            problems.add(place, "is not of the form KEY=VALUE", "for example cpus=4")
        elif key == "use":
            problems.add(place, "an option can't choose the launcher", "--launcher does")
        elif key in entries:
            problems.add(place, f"'{key}' is given twice", "leave one of them out")
        else:
            wanted = parameters[key].annotation if key in parameters else Any
            value = text if str in alternatives(wanted) else read_value(text, place.source, problems, place).value
            entries[key] = Node(value, place, place)
    return entries
