"""The rows of forest plots, and where each stands in all panels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import attrs

from efgan_kit.pages.drawing import folded

LINE, AIR = 0.165, 0.15
"""Inches: of a line of text, and of the air above and below a row's lines together."""
WIDEST: Final = 2.5
"""Labels are folded at so many inches."""


@attrs.frozen
class ForestRow:
    """A variant's difference to the baseline in one figure.

    Attributes:
        label: The variant.
        mean: Over seeds; nan if nothing is known.
        interval: The mean's 95 % interval, where there is one.
        points: Each seed's difference.
        verdict: What one may conclude, one of `forest.LOOKS` or any other words.
        group: Rows of a group stand together under its name.
    """

    label: str
    mean: float
    interval: tuple[float, float] | None
    points: Sequence[float]
    verdict: str
    group: str = ""


Key = tuple[str, str, int]
"""Group and label, and how many rows before had the same."""


@attrs.frozen
class Slot:
    """A row's place in every panel, `height` inches high and `top` below the first."""

    key: Key
    lines: list[str]
    top: float
    height: float
    heading: bool = False

    @property
    def middle(self) -> float:
        return self.top + self.height / 2


def keyed(rows: Sequence[ForestRow]) -> dict[Key, ForestRow]:
    """The rows by group, label and how often both were there before: a row is never lost, not even a twin."""
    seen: Counter[tuple[str, str]] = Counter()
    keyed = {}
    for row in rows:
        keyed[(row.group, row.label, seen[(row.group, row.label)])] = row
        seen[(row.group, row.label)] += 1
    return keyed


def lay_out(panels: Sequence[Mapping[Key, ForestRow]]) -> list[Slot]:
    """Rows of all panels in the order in which they first come, groups together under their names."""
    keys = list(dict.fromkeys(key for rows in panels for key in rows))
    groups = sorted(dict.fromkeys(group for group, _, _ in keys), key=bool)  # below a name, they would seem to be of it
    slots: list[Slot] = []
    top = 0.0
    for group in groups:
        members = [key for key in keys if key[0] == group]
        heading = [((group, "", -1), folded(group, WIDEST), True)] if group else []
        for key, lines, is_heading in [*heading, *((k, folded(k[1], WIDEST), False) for k in members)]:
            height = len(lines) * LINE + AIR
            slots.append(Slot(key, lines, top, height, is_heading))
            top += height
    return slots
