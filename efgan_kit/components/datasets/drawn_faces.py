"""Faces drawn by code, so that training needs no photos and every edit has a known true picture."""

from __future__ import annotations

import functools
import hashlib
import sys
from collections.abc import Mapping
from typing import Any, ClassVar, Final

import numpy as np
import torch
from attrs import frozen
from numpy.typing import NDArray

from efgan_kit.api import EfganError, FaceSample, FaceSpec, Fault, nearest

from . import drawing
from .drawing import DRAWN_AUS, Identity, draw_face, sample_aus, sample_identity
from .face_cache import KEY, FaceCache
from .making import made_by

GALLERIES: Final = 4
"""How many groups of people keep their pictures when the data sets that asked for them are gone."""

LANDMARKS: Final = 68 * 2 * 4
"""Bytes of a face's landmarks, which are kept behind its pixels."""
CACHE_GB: Final = 4.0
"""Disk space for drawn faces of one size."""


@frozen
class _Person:
    identity: Identity
    expressions: NDArray[np.float32]
    """``(expressions, 17)`` in [0, 1]."""


class DrawnFaces:
    """A `FaceDataset` of drawn people under several expressions each; only the expression differs.

    Faces lie person by person: face `p * expressions + k` is expression k of person p. Each person's
    expressions are paired in a ring, k with k + 1.
    """

    example: ClassVar[Mapping[str, Any]] = {"people": 2, "expressions": 2}

    def __init__(
        self,
        faces: FaceSpec,
        *,
        people: int = 400,
        expressions: int = 8,
        seed: int = 0,
        group: str = "train",
    ) -> None:
        """Choose people and expressions; pictures are drawn when first asked for, and kept for other runs.

        Args:
            people: How many identities.
            expressions: Faces of each person; with one, there are no pairs.
            seed: Another seed gives other people.
            group: People of differently named groups, such as "train" and "test", never meet.

        Raises:
            EfganError: If a number is below 1, or the recipe's AU set has one that can't be drawn.
        """
        _check(faces, people, expressions)
        self.size = faces.size
        self.aus = faces.aus
        self.columns = [DRAWN_AUS.index(name) for name in faces.aus.names]
        self._people = [_person(seed, group, number, expressions) for number in range(people)]
        self._drawn = _gallery(faces.size, seed, group, expressions)
        self._whose = f"{seed}/{group}"
        self._cache = FaceCache(f"drawn-{self.size}", length=3 * self.size**2 + LANDMARKS, gb=CACHE_GB)
        self.names = [f"p{number:04d}_{k}" for number in range(people) for k in range(expressions)]
        self.people = [f"p{number:04d}" for number in range(people) for _ in range(expressions)]
        self.expressions = expressions
        self.pairs: list[tuple[int, int]] = [
            (first + k, first + (k + 1) % expressions)
            for first in range(0, people * expressions, expressions)
            for k in range(expressions if expressions > 1 else 0)
        ]

    @property
    def keeps_faces(self) -> bool:
        """Whether a face that was drawn once lies on disk."""
        return self._cache.keeps

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, index: int) -> FaceSample:
        """Face `index`: image `(3, size, size)`, landmarks `(68, 2)` in pixels, the spec's AUs `(A,)`."""
        index = range(len(self))[index]
        person, expression = divmod(index, self.expressions)
        aus = self._people[person].expressions[expression]
        if index not in self._drawn:
            self._drawn[index] = self._kept(person, expression)
        image, landmarks = self._drawn[index]
        return FaceSample(image, landmarks, torch.from_numpy(aus[self.columns]))

    def truth(self, index: int, aus: torch.Tensor) -> FaceSample:
        """The person of face `index` under any AUs `(A,)`, clamped to [0, 1]; AUs outside the spec stay."""
        person, expression = divmod(range(len(self))[index], self.expressions)
        wanted = self._people[person].expressions[expression].copy()
        wanted[self.columns] = aus.detach().cpu().numpy().clip(0, 1)
        image, landmarks = self._draw(person, wanted)
        return FaceSample(image, landmarks, torch.from_numpy(wanted[self.columns]))

    def _kept(self, person: int, expression: int) -> tuple[torch.Tensor, torch.Tensor]:
        """As `_draw`, from the disk if any run has drawn it."""
        what = (made_by(drawing, sys.modules[__name__]), self._whose, person, expression, self.size)
        key = hashlib.blake2b(repr(what).encode(), digest_size=KEY).digest()
        kept = self._cache.get(key)
        if kept is None:
            image, landmarks = self._draw(person, self._people[person].expressions[expression])
            self._cache.put(key, np.concatenate([image.numpy().ravel(), landmarks.numpy().ravel().view(np.uint8)]))
            return image, landmarks
        pixels, points = np.split(kept, [-LANDMARKS])
        return (
            torch.from_numpy(pixels.reshape(3, self.size, self.size)),
            torch.from_numpy(points.copy().view(np.float32).reshape(68, 2)),
        )

    def _draw(self, person: int, aus: NDArray[np.float32]) -> tuple[torch.Tensor, torch.Tensor]:
        picture, landmarks = draw_face(self._people[person].identity, aus, self.size)
        return torch.from_numpy(picture.transpose(2, 0, 1).copy()), torch.from_numpy(landmarks)


@functools.lru_cache(GALLERIES)
def _gallery(size: int, seed: int, group: str, expressions: int) -> dict[int, tuple[torch.Tensor, torch.Tensor]]:
    """What has been drawn of these people, by face: one run after the other is measured on the same faces.

    A face depends on nothing else. The first people of a large group are those of a small one.
    """
    return {}


def _person(seed: int, group: str, number: int, expressions: int) -> _Person:
    """The same for the same arguments, whatever else is drawn: each person has their own random stream."""
    digest = hashlib.sha256(f"{seed}/{group}/{number}".encode()).digest()
    rng = np.random.default_rng(int.from_bytes(digest, "little"))
    identity = sample_identity(rng)
    return _Person(identity, np.stack([sample_aus(rng) for _ in range(expressions)]))


def _check(faces: FaceSpec, people: int, expressions: int) -> None:
    faults = [
        Fault(f"drawn-faces: {name}", f"{count} is less than 1", "give a number from 1 up")
        for name, count in (("people", people), ("expressions", expressions))
        if count < 1
    ]
    faults += [
        Fault(f"drawn-faces: {name}", "this action unit can't be drawn", nearest(name, DRAWN_AUS))
        for name in faces.aus.names
        if name not in DRAWN_AUS
    ]
    if faults:
        raise EfganError(*faults)
