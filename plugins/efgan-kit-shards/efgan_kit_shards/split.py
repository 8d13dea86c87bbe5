"""Who trains and who tests, and who may serve as whose truth: the rules of the photo folder, over numbers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from efgan_kit.api import fail


def people_who_test(people: Iterable[str], test_share: float, seed: int) -> frozenset[str]:
    """The people of the test split: each falls to one side by a hash of name and seed, whoever else is there.

    A photo folder's people split in the same way. Raises EfganError if there are fewer than two.
    """
    place = {person: _place(person, seed) for person in people}
    if len(place) < 2:
        raise fail("split", "a split by person needs at least two people", "use split: all, or name people")
    order = sorted(place, key=lambda person: (place[person], person))
    testing = {person for person in order if place[person] < test_share} or {order[0]}
    return frozenset(testing - {order[-1]} if len(testing) == len(order) else testing)


def _place(person: str, seed: int) -> float:
    """Where a person stands between 0 and 1."""
    digest = hashlib.blake2b(f"{seed}/{person}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def consecutive_pairs(person: NDArray[np.int32]) -> NDArray[np.int64]:
    """Each face with the next one of the same person, int64 `(P, 2)`; -1 is nobody in particular."""
    order = np.argsort(person, kind="stable")
    same = (person[order[1:]] == person[order[:-1]]) & (person[order[1:]] >= 0)
    pairs = np.stack([order[:-1][same], order[1:][same]], axis=1)
    return pairs[np.argsort(pairs[:, 1], kind="stable")]
