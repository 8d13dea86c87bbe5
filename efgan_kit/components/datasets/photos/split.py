"""Which people train and which test, and who may serve as whose truth."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from efgan_kit.api import fail


def people_who_test(people: Iterable[str], test_share: float, seed: int) -> frozenset[str]:
    """The people of the test split.

    Each person falls to one side by a hash of the name and the seed, whoever else is there, so that adding
    people moves nobody. Only where a side would stay empty does the nearest person change over.

    Raises:
        EfganError: There are fewer than two people.
    """
    places = {person: _place(person, seed) for person in set(people)}
    if len(places) < 2:
        what = f"a split by person needs at least two people, and there is {len(places)}"
        raise fail("split", what, "use split: all, or say whose face is whose in the column 'person'")
    in_order = sorted(places, key=lambda person: (places[person], person))
    chosen = {person for person in in_order if places[person] < test_share}
    return frozenset(chosen or in_order[:1]) - ({in_order[-1]} if len(chosen) == len(in_order) else set())


def _place(person: str, seed: int) -> float:
    digest = hashlib.blake2b(f"{seed}/{person}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def consecutive_pairs(people: Sequence[str]) -> list[tuple[int, int]]:
    """Each face with the next one of the same person, as (source, truth) indices."""
    last: dict[str, int] = {}
    pairs: list[tuple[int, int]] = []
    for index, person in enumerate(people):
        if person in last:
            pairs.append((last[person], index))
        last[person] = index
    return pairs
