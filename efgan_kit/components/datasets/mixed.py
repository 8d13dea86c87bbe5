"""Several data sets as one: drawn, rendered and photographed faces in one training."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Protocol, runtime_checkable

import attrs
import torch

from efgan_kit.api import EfganError, FaceDataset, FaceSample, FaceSpec, Fault, Maker, fail, nearest


@runtime_checkable
class KnowsTruth(Protocol):
    """A data set that can make the true picture of a face under any AUs."""

    def truth(self, index: int, aus: torch.Tensor) -> FaceSample: ...


@attrs.frozen
class _Place:
    part: str
    index: int
    copy: int


class Mixed:
    """A `FaceDataset` of several parts, one after the other. People of different parts are different people.

    Names and people are those of the parts behind the part's name: `real/images/one.png`. `preparation` is the
    preparation.json of the first part that has one, or None: photographs of one mixture are prepared alike.
    """

    example: ClassVar[Mapping[str, Any]] = {
        "parts": {
            "several": {"use": "drawn-faces", "people": 2, "expressions": 2},
            "alone": {"use": "drawn-faces", "people": 1, "expressions": 1, "group": "test"},
        },
        "shares": {"several": 1, "alone": 1},
    }

    def __init__(
        self, faces: FaceSpec, *, parts: Mapping[str, Maker[FaceDataset]], shares: Mapping[str, float] = {}
    ) -> None:
        """Make the parts, each for the same faces.

        Args:
            parts: A data set by each name, such as `{drawn: {use: drawn-faces}, real: {use: photo-folder, root: ...}}`.
            shares: How much of the whole each part is, as numbers in proportion; without them, all faces of every
                part once. With them no face is left out: those of parts that are too small are met several times in
                an epoch, person by person.

        Raises:
            EfganError: If there are no parts, or a share is missing, of no part, or not above 0.
        """
        if not parts:
            raise fail("mixed: parts", "there are none", "write parts: {NAME: {use: DATASET, ...}}")
        _check(parts, shares)
        self.aus = faces.aus
        self.parts: dict[str, FaceDataset] = {name: make(faces=faces) for name, make in parts.items()}
        kept = (getattr(part, "preparation", None) for part in self.parts.values())
        self.preparation: Path | None = next((file for file in kept if file is not None), None)
        self._places = list(self._all_places(shares))
        self.names = [self._called(place, self.parts[place.part].names[place.index]) for place in self._places]
        self.people = [self._called(place, self.parts[place.part].people[place.index]) for place in self._places]
        self.pairs: list[tuple[int, int]] = list(self._all_pairs())

    @property
    def keeps_faces(self) -> bool:
        """Whether a face that was read once lies on disk, of whichever part it is."""
        return all(getattr(part, "keeps_faces", False) for part in self.parts.values())

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, index: int) -> FaceSample:
        """Face `index`, as its part gives it."""
        place = self._places[index]
        return self.parts[place.part][place.index]

    def truth(self, index: int, aus: torch.Tensor) -> FaceSample:
        """The true picture of face `index` under AUs `(A,)`, if its part can make it.

        Raises:
            EfganError: The part knows only the pictures it has.
        """
        place = self._places[index]
        part = self.parts[place.part]
        if not isinstance(part, KnowsTruth):
            raise fail(f"mixed: '{place.part}'", "can't show its faces under other AUs", "it is no drawn data set")
        return part.truth(place.index, aus)

    def _called(self, place: _Place, name: str) -> str:
        return f"{place.part}/{name}" + (f"~{place.copy + 1}" if place.copy else "")

    def _all_places(self, shares: Mapping[str, float]) -> Iterator[_Place]:
        sizes = {name: len(part) for name, part in self.parts.items()}
        whole = max((sizes[name] / share for name, share in shares.items()), default=0.0)
        for name, size in sizes.items():
            wanted = round(whole * shares[name]) if shares and size else size
            for copy in range(math.ceil(wanted / size) if size else 0):
                left = wanted - copy * size
                for index in range(size) if left >= size else _whole_people(self.parts[name].people, left):
                    yield _Place(name, index, copy)

    def _all_pairs(self) -> Iterator[tuple[int, int]]:
        """Those of the parts, once, however often their faces are met: a figure of a pair is measured once."""
        where = {(place.part, place.index): at for at, place in enumerate(self._places) if not place.copy}
        for name, part in self.parts.items():
            yield from ((where[name, source], where[name, truth]) for source, truth in part.pairs)


def _whole_people(people: Sequence[str], count: int) -> list[int]:
    """The faces of the first people who together have about `count`."""
    chosen: dict[str, list[int]] = {}
    for index, person in enumerate(people):
        chosen.setdefault(person, []).append(index)
    kept: list[int] = []
    for indices in chosen.values():
        if len(kept) + len(indices) / 2 > count:
            break
        kept += indices
    return sorted(kept)


def _check(parts: Mapping[str, Maker[FaceDataset]], shares: Mapping[str, float]) -> None:
    if not shares:
        return
    faults = [
        Fault(f"mixed: shares.{name}", "there is no such part", nearest(name, parts))
        for name in shares
        if name not in parts
    ]
    faults += [
        Fault(f"mixed: shares.{name}", "is missing", "give every part a share") for name in parts if name not in shares
    ]
    faults += [
        Fault(f"mixed: shares.{name}", f"{share:g} is not above 0", "leave out a part that is not wanted")
        for name, share in shares.items()
        if not share > 0 or not math.isfinite(share)
    ]
    if faults:
        raise EfganError(*faults)
