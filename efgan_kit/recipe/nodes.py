"""A recipe's values with the places they were written at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import attrs

from efgan_kit.errors import EfganError, Fault

MISSING: Final = "???"
"""What a recipe writes for a value that its user must give."""

Value = None | bool | int | float | str | list["Node"] | dict[str, "Node"]


@attrs.frozen(order=True)
class Place:
    """A position in a recipe, counted from 1; line 0 is the source as a whole, such as an `-o` option."""

    source: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.source}:{self.line}:{self.column}" if self.line else self.source


@attrs.frozen(eq=False)
class Node:
    """One value.

    Attributes:
        value: A scalar, a list of nodes or a mapping to nodes.
        place: Where the value stands.
        key: Where the key stands, for a mapping's entries.
        removes: A `null` that took away what the parent recipe had there.
    """

    value: Value
    place: Place
    key: Place | None = None
    removes: bool = False

    @property
    def named_at(self) -> Place:
        """The place of the key, or of the value where there is none."""
        return self.key or self.place

    @property
    def mapping(self) -> dict[str, Node] | None:
        return self.value if isinstance(self.value, dict) else None

    def plain(self) -> Any:
        """The value as plain lists, dicts and scalars."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value


class Problems:
    """The faults found so far, to be raised together in the order of the text."""

    def __init__(self) -> None:
        self._found: list[tuple[Place, Fault]] = []

    def add(self, place: Place, what: str, hint: str = "") -> None:
        self._found.append((place, Fault(str(place), what, hint)))

    def take(self, place: Place, error: EfganError, path: str = "") -> None:
        """Add the faults of an error that knows no position."""
        for fault in error.faults:
            about = f"{path}: {fault.what}" if path else fault.what
            self.add(place, about, fault.hint)

    def __iter__(self) -> Iterator[Fault]:
        """The faults, each once: an anchor repeated by aliases is one mistake."""
        ordered = [fault for _, fault in sorted(self._found, key=lambda found: found[0])]
        return iter(dict.fromkeys(ordered))

    def __len__(self) -> int:
        return len(self._found)

    def raise_if_any(self) -> None:
        if self._found:
            raise EfganError(*self)
