"""What to know of a prepared folder before a training: blind and constant AUs, small faces, faces seen twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np

from efgan_kit.preparation.labelling import UNITS, Labelled, printable

STILL: Final = 0.02
"""An AU whose whole range is less than this doesn't change."""
SIZES: Final = (64, 128)
"""Sides of the faces that recipes train on."""
BLURRED: Final = 50.0
ALIKE: Final = 10
"""Of 256 bits, how many may differ between two pictures of one moment."""


def warnings_of(faces: Sequence[Labelled], blind: Mapping[str, str], labeller: str) -> list[str]:
    """A sentence for everything that a careful user wants to know; of no faces there is nothing to say."""
    if not faces:
        return []
    return [*_of_aus(faces, blind, labeller), *_of_quality(faces), *_of_people(faces), *_of_doubles(faces)]


def _of_aus(faces: Sequence[Labelled], blind: Mapping[str, str], labeller: str) -> Iterator[str]:
    yield from (f"{unit} is 0 in every face: {labeller} can't see it: {blind[unit]}" for unit in UNITS if unit in blind)
    values = {unit: [entry.face.aus.get(unit, 0.0) for entry in faces] for unit in UNITS if unit not in blind}
    still = [f"{u} at {np.mean(v):.2f}" for u, v in values.items() if len(v) > 1 and max(v) - min(v) < STILL]
    if still:
        yield f"constant, so that nothing can be learned of them: {', '.join(still)}; {labeller} sees no change in them"


def _of_quality(faces: Sequence[Labelled]) -> Iterator[str]:
    for size in SIZES:
        small = sum(entry.face.face_px < size for entry in faces)
        if small:
            yield f"{_faces(small, len(faces))} smaller than {size} pixels: at faces.size {size} they are magnified"
    blurred = sum(entry.face.sharpness < BLURRED for entry in faces)
    if blurred:
        yield f"{_faces(blurred, len(faces))} blurred: sharpness below {BLURRED:g}"


def _of_people(faces: Sequence[Labelled]) -> Iterator[str]:
    people = {entry.sitter.person for entry in faces} - {""}
    nameless = sum(not entry.sitter.person for entry in faces)
    if people and nameless:
        yield f"{_faces(nameless, len(faces))} nobody's by name: each is then a person of its own"
    if len(people) + nameless < 2 <= len(faces):
        yield "all faces are of one person: a split by person into training and test faces needs two"


def _of_doubles(faces: Sequence[Labelled]) -> Iterator[str]:
    """Faces almost alike: two files of one photo, or frames of one moment."""
    pairs = _alike([entry.face.hash for entry in faces])
    if pairs:
        first, second = (printable(faces[place].photo) for place in pairs[0])
        more = f", and {len(pairs) - 1} more pairs are" if len(pairs) > 1 else " are"
        yield f"{first} and {second}{more} almost the same picture: in different people's names they spoil the split"


def _alike(hashes: Sequence[str]) -> list[tuple[int, int]]:
    """Pairs of places, in order, whose hashes hardly differ."""
    bits = np.array([np.frombuffer(bytes.fromhex(text), dtype=np.uint8) for text in hashes]).reshape(len(hashes), -1)
    count = np.array([bin(value).count("1") for value in range(256)], dtype=np.uint16)
    pairs = []
    for place in range(len(hashes) - 1):
        differing = count[bits[place + 1 :] ^ bits[place]].sum(axis=1)
        pairs += [(place, place + 1 + int(other)) for other in np.flatnonzero(differing <= ALIKE)]
    return pairs


def _faces(count: int, total: int) -> str:
    return f"{count} of {total} faces are" if count != 1 else f"1 of {total} faces is"
