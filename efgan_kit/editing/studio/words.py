"""How the studio calls what it shows: the action units by part of the face, in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from efgan_kit.faces.aus import DESCRIPTIONS, AUSet

PARTS: Final[dict[str, tuple[str, ...]]] = {
    "Brows": ("AU01", "AU02", "AU04"),
    "Eyes": ("AU05", "AU06", "AU07", "AU45"),
    "Nose": ("AU09",),
    "Mouth": ("AU10", "AU12", "AU14", "AU15", "AU20", "AU23", "AU25"),
    "Jaw": ("AU17", "AU26"),
}
"""Where each unit shows most."""

PLAIN: Final[dict[str, str]] = {
    "AU01": "worry",
    "AU02": "surprise",
    "AU04": "frown",
    "AU05": "wide eyes",
    "AU06": "smiling eyes",
    "AU07": "narrowed eyes",
    "AU09": "disgust",
    "AU10": "sneer",
    "AU12": "smile",
    "AU14": "smirk",
    "AU15": "sulk",
    "AU17": "pout",
    "AU20": "grimace",
    "AU23": "pressed lips",
    "AU25": "open lips",
    "AU26": "open mouth",
    "AU45": "closed eyes",
}
"""What people see in it, in a word or two."""


def parts_of(aus: AUSet) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The parts of the face with the units of a set that show there; a part without any is left out."""
    for part, units in PARTS.items():
        if shown := tuple(unit for unit in units if unit in aus.names):
            yield part, shown


def described(unit: str) -> str:
    """A unit's own name and the plain one: `lip corner puller: smile`."""
    return f"{DESCRIPTIONS[unit]}: {PLAIN[unit]}"
