"""What a shard holds, face by face, as arrays: where its bytes lie, whose it is, its AUs."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from efgan_kit.api import EfganError, Fault, fail

from .labels import parse
from .members import Member, members
from .texts import Texts, as_arrays

SHOWN: Final = 20
"""Faults of a shard that are named one by one."""


@attrs.frozen(eq=False)
class Index:
    """The N faces of a shard, in the order in which the shard first names them.

    Attributes:
        keys: Their names in the shard.
        places: int64 `(N, 4)`: offset and size of the labels, offset and size of the picture.
        people: The people of the shard, each once.
        person: int32 `(N,)`, whose face it is; -1 where the labels do not say.
        units: The names of the AUs that any face has.
        aus: float32 `(N, len(units))` in [0, 1]; nan where a face lacks an AU.
    """

    keys: Texts
    places: NDArray[np.int64]
    people: Texts
    person: NDArray[np.int32]
    units: Texts
    aus: NDArray[np.float32]

    def to_bytes(self) -> bytes:
        """As an npz file, without pickle."""
        texts = {**as_arrays("keys", self.keys), **as_arrays("people", self.people), **as_arrays("units", self.units)}
        buffer = io.BytesIO()
        np.savez(buffer, allow_pickle=False, places=self.places, person=self.person, aus=self.aus, **texts)
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> Index | None:
        """The index of `to_bytes`, or None if the file is damaged."""
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as file:
                arrays: Mapping[str, NDArray[Any]] = dict(file)
            texts = {name: Texts(arrays[name], arrays[f"{name}_ends"]) for name in ("keys", "people", "units")}
            index = cls(places=arrays["places"], person=arrays["person"], aus=arrays["aus"], **texts)
        except Exception:  # zip and npy readers fail in ways of every type
            return None
        count = len(index.keys)
        shapes = (index.places.shape, index.person.shape, index.aus.shape)
        return index if shapes == ((count, 4), (count,), (count, len(index.units))) else None


def read_index(shard: Path) -> Index:
    """Read a shard's headers and labels. Raises EfganError with every face whose labels are at fault."""
    found: dict[str, dict[str, Member]] = {}
    faults: list[Fault] = []
    for member in members(shard):
        face = found.setdefault(member.key, {})
        if member.kind in face:
            faults.append(Fault(f"{shard.name}: {member.key}", f"has its {member.kind} twice"))
        face[member.kind] = member
    if not found:
        raise fail(str(shard), "holds no faces", "a face is KEY.json with KEY.jpg, KEY.png or KEY.webp")
    builder = _Builder()
    with shard.open("rb") as file:
        for key, face in found.items():
            where = f"{shard.name}: {key}"
            missing = [kind for kind in ("picture", "labels") if kind not in face]
            if missing:
                faults.append(Fault(where, f"has no {missing[0]}"))
                continue
            try:
                labels, picture = face["labels"], face["picture"]
                file.seek(labels.offset)
                builder.add(key, labels, picture, file.read(labels.size), f"{where}.json")
            except EfganError as error:
                faults += error.faults
    if faults:
        more = [Fault(shard.name, f"and {len(faults) - SHOWN} more")] if len(faults) > SHOWN else []
        raise EfganError(*faults[:SHOWN], *more)
    return builder.done()


class _Builder:
    """Gathers the faces of a shard."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.places: list[tuple[int, int, int, int]] = []
        self.people: dict[str, int] = {}
        self.person: list[int] = []
        self.units: dict[str, int] = {}
        self.aus: list[Mapping[str, float]] = []

    def add(self, key: str, labels: Member, picture: Member, text: bytes, where: str) -> None:
        """Raises EfganError if the labels are at fault."""
        known = parse(text, where)
        self.keys.append(key)
        self.places.append((labels.offset, labels.size, picture.offset, picture.size))
        self.person.append(self.people.setdefault(known.person, len(self.people)) if known.person else -1)
        self.aus.append(known.aus)
        for unit in known.aus:
            self.units.setdefault(unit, len(self.units))

    def done(self) -> Index:
        units = sorted(self.units)
        rows = [[face.get(unit, np.nan) for unit in units] for face in self.aus]
        return Index(
            keys=Texts.of(self.keys),
            places=np.array(self.places, np.int64),
            people=Texts.of(self.people),
            person=np.array(self.person, np.int32),
            units=Texts.of(units),
            aus=np.array(rows, np.float32).reshape(len(rows), len(units)),
        )
