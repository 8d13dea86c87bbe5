"""Who has other pictures of themselves: in room that grows with the number of faces, however many a person has."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np


class Mates:
    """The other faces of each face's person.

    Args:
        people: Whose face each is.
    """

    def __init__(self, people: Iterable[str]) -> None:
        known: dict[str, int] = {}
        person = np.fromiter((known.setdefault(name, len(known)) for name in people), np.int64)
        self._person = person
        self._together = np.argsort(person, kind="stable")  # person by person, each one's faces in their order
        self._place = np.empty_like(person)
        self._place[self._together] = np.arange(len(person))
        self._first = np.concatenate([[0], np.cumsum(np.bincount(person, minlength=len(known)))])

    def count(self, face: int) -> int:
        """How many others there are."""
        person = self._person[face]
        return int(self._first[person + 1] - self._first[person]) - 1

    def other(self, face: int, number: int) -> int:
        """The one of that number, from 0, in the order of the faces; `face` itself is left out."""
        place = int(self._first[self._person[face]]) + number
        return int(self._together[place + (place >= self._place[face])])
