"""Identity by a referee that has no part in the training: dlib's embedding of faces."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import attrs
import numpy as np
import torch
from efgan_kit_dlib.identity import DlibIdentity
from numpy.typing import NDArray

from efgan_kit.components.datasets.photos.framing import cut, level_frame

SIDE = 256
"""Pixels that a face is cut to before the referee takes its own part of it."""


class Referee:
    """Embeds faces, `(128,)` each."""

    def __init__(self) -> None:
        self._embed = DlibIdentity()

    def __call__(self, pixels: NDArray[np.uint8], landmarks: NDArray[np.float32]) -> NDArray[np.float64]:
        face = cut(pixels, level_frame(landmarks), SIDE).float() / 127.5 - 1
        with torch.no_grad():
            embedded: NDArray[np.float64] = self._embed(face[None])[0].double().numpy()
        return embedded


@attrs.frozen
class Levels:
    """What distances mean, measured on true photographs.

    Attributes:
        same: Mean distance of a person's neutral and smiling photograph.
        different: Mean distance of two people's photographs.
    """

    same: float
    different: float

    def similarity(self, distance: float) -> float:
        """1 for the same picture, 0 for a pair as far apart as different people are."""
        return 1 - distance / self.different

    @property
    def same_similarity(self) -> float:
        """The same-person level."""
        return self.similarity(self.same)


def levels(neutral: Sequence[NDArray[np.float64]], smiling: Sequence[NDArray[np.float64]]) -> Levels:
    """The levels of people by their embeddings, one of each photograph a person."""
    same = [distance(a, b) for a, b in zip(neutral, smiling, strict=True)]
    different = [distance(a, b) for a, b in combinations(neutral, 2)]
    return Levels(float(np.mean(same)), float(np.mean(different)))


def distance(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Euclidean, as dlib's own threshold of 0.6 counts."""
    return float(np.linalg.norm(one - other))


def cosine(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Of the angle between two embeddings."""
    return float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))
