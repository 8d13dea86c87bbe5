"""The photographs that are measured on: people whom the training never saw, once neutral and once smiling."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import attrs
import numpy as np
from numpy.typing import NDArray

from efgan_kit.components.datasets.photos.split import people_who_test
from efgan_kit.errors import fail

UNIT: Final = "AU12_r"
TEST_SHARE: Final = 0.25
SEED: Final = 0
"""Of the recipe's split: a person falls to one side by name, so that any copy of the photographs splits alike."""


@attrs.frozen(eq=False)
class Photograph:
    """A labelled photograph.

    Attributes:
        path: The picture's file.
        person: Who it shows.
        landmarks: OpenFace's, `(68, 2)` in pixels.
        smile: OpenFace's AU12, from 0 to 5.
    """

    path: Path
    person: str
    landmarks: NDArray[np.float32]
    smile: float


@attrs.frozen
class Person:
    """A person's two photographs."""

    name: str
    neutral: Photograph
    smiling: Photograph


def read_people(folder: Path) -> list[Person]:
    """Everyone of a photo folder whose `labels.csv` has a neutral and a smiling photograph of them.

    Raises:
        EfganError: There is no such folder, or a column or a person's second photograph is missing.
    """
    labels = folder / "labels.csv"
    try:
        with labels.open(encoding="utf-8-sig", newline="") as file:
            rows = [{key.strip(): value for key, value in row.items()} for row in csv.DictReader(file)]
    except OSError as error:
        hint = "give a photo folder with OpenFace's labels"
        raise fail(str(labels), f"can't be read: {error.strerror}", hint) from error
    wanted = {"image", "person", "expression", UNIT, "x_0", "y_67"}
    missing = sorted(wanted - set(rows[0] if rows else ()))
    if missing:
        raise fail(str(labels), f"has no column {', '.join(missing)}")
    seen: dict[str, dict[str, Photograph]] = {}
    for row in rows:
        points = np.array([[float(row[f"{axis}_{i}"]) for axis in "xy"] for i in range(68)], dtype=np.float32)
        found = Photograph(folder / row["image"], row["person"], points, float(row[UNIT]))
        seen.setdefault(row["person"], {})[row["expression"]] = found
    halves = [name for name, both in seen.items() if not {"neutral", "smiling"} <= set(both)]
    if halves:
        raise fail(str(labels), f"person {halves[0]} is not there both neutral and smiling")
    return [Person(name, both["neutral"], both["smiling"]) for name, both in sorted(seen.items())]


def held_back(people: Iterable[Person]) -> tuple[list[Person], list[Person]]:
    """The people of the training, and those who were kept from it."""
    everyone = list(people)
    away = people_who_test([person.name for person in everyone], TEST_SHARE, SEED)
    return [p for p in everyone if p.name not in away], [p for p in everyone if p.name in away]
