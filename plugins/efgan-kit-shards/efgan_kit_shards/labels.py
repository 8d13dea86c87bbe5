"""A face's labels: `KEY.json`.

    {"landmarks": [[x, y], ...],          68 points in pixels of the picture, (0, 0) the centre of its first pixel
     "aus": {"AU01": 0.2, "AU12_r": 2.5}, by name in 0..1, or as OpenFace writes them: AU12_r in 0..5
     "person": "anna"}                    whose face it is; without it, the face is a person of its own

Other keys are passed over.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from efgan_kit.api import fail, landmarks

OPENFACE: Final = 5.0
"""The upper end of OpenFace's intensities."""
LONGEST_NAME: Final = 200
UNIT: Final = re.compile(r"(AU\d\d)(_r)?")
MOST_UNITS: Final = 100


@attrs.frozen(eq=False)
class Labels:
    """What is known of a face.

    Attributes:
        landmarks: float32 `(68, 2)`, pixels.
        aus: By name, in [0, 1].
        person: Empty if the labels do not say.
    """

    landmarks: NDArray[np.float32]
    aus: Mapping[str, float]
    person: str


def parse(text: bytes, where: str) -> Labels:
    """Labels from the bytes of a JSON file. Raises EfganError if anything about them is wrong."""
    try:
        content = json.loads(text, parse_constant=_refuse)
    except RecursionError as error:
        raise fail(where, "is nested too deeply") from error
    except ValueError as error:
        raise fail(where, f"is not readable JSON: {error}") from error
    if not isinstance(content, dict):
        raise fail(where, "is no JSON object")
    person = content.get("person", "")
    if not isinstance(person, str) or not person.isprintable() or len(person) > LONGEST_NAME:
        raise fail(where, "person: a short printable text is wanted")
    return Labels(_points(content.get("landmarks"), where), _aus(content.get("aus"), where), person)


def as_json(points: NDArray[np.float32], aus: Mapping[str, float], person: str, source: str) -> bytes:
    """The bytes of `KEY.json`, the same for the same face; numbers come back to the bit.

    Args:
        aus: By name, in [0, 1].
        source: Where the face comes from, for people to read.
    """
    content = {"aus": dict(aus), "landmarks": points.tolist(), "person": person, "source": source}
    return (json.dumps(content, sort_keys=True, separators=(",", ":")) + "\n").encode()


def _points(value: Any, where: str) -> NDArray[np.float32]:
    count = landmarks.COUNT
    if not isinstance(value, list) or len(value) != count or not all(map(_point, value)):
        raise fail(where, f"landmarks: {count} points [x, y] in pixels are wanted")
    return np.array(value, dtype=np.float32)


def _aus(value: Any, where: str) -> dict[str, float]:
    if not isinstance(value, dict) or len(value) > MOST_UNITS:
        raise fail(where, 'aus: intensities by name are wanted, {"AU12": 0.4} in 0..1 or {"AU12_r": 2} in 0..5')
    aus: dict[str, float] = {}
    for name, intensity in value.items():
        known = UNIT.fullmatch(name)
        if known is None:
            shown = name[:20]
            raise fail(where, f"aus: '{shown}' is no AU's name", "write AU12 for 0..1, AU12_r for OpenFace's 0..5")
        unit, highest = known[1], OPENFACE if known[2] else 1.0
        if unit in aus:
            raise fail(where, f"aus: {unit} is there twice")
        if not _number(intensity) or not 0 <= intensity <= highest:
            hint = "OpenFace's intensities are named AU12_r" if highest == 1 else ""
            raise fail(where, f"aus: {name} is no number in 0..{highest:g}", hint)
        aus[unit] = intensity / highest
    return aus


def _point(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(map(_number, value))


def _number(value: Any) -> bool:
    """Whether it is a finite number that fits a picture."""
    return type(value) in (int, float) and abs(value) < 1e6 and math.isfinite(value)


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no number of JSON")
