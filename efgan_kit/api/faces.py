"""Faces: what datasets give, and what finds the faces of photographs and measures their AUs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol, runtime_checkable

from torch import Tensor

from efgan_kit.faces.found import FoundFace, Picture


class FaceSample(NamedTuple):
    """One face of a dataset."""

    image: Tensor
    """uint8 `(3, H, W)`, RGB."""
    landmarks: Tensor
    """float32 `(68, 2)`, pixels, x then y."""
    aus: Tensor
    """float32 `(A,)` in [0, 1]."""


@runtime_checkable
class FaceDataset(Protocol):
    """Faces with landmarks and AUs. Indexing gives the same face every time; augmentation is the trainer's.

    Faces are asked for one at a time, by another thread or process than the one that made the data set; what is drawn
    at random comes from generators of its own. `au_vectors`, where there are any, are all faces' AUs `(N, A)` as
    indexing gives them: a face wanted for its AUs alone is then not read. `keeps_faces`, where it is true, says that a
    face read once is on disk for all processes, so that one of them may read for another.
    """

    @property
    def names(self) -> Sequence[str]:
        """A unique name for each face, for messages and file names."""
        ...

    @property
    def people(self) -> Sequence[str]:
        """Whose face each is. Faces of one person may serve as each other's truth."""
        ...

    @property
    def pairs(self) -> Sequence[tuple[int, int]]:
        """(source, truth) indices, for tests: the source edited to the truth's AUs is compared with the truth."""
        ...

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> FaceSample: ...


@runtime_checkable
class Landmarker(Protocol):
    """Finds the faces of a picture, with their 68 landmarks. No context.

    It is made once in each process and asked for picture after picture, from one thread. A `close()` method, where
    there is one, is called at the end. What it answers depends on the picture alone, not on those before.
    """

    def __call__(self, picture: Picture) -> Sequence[FoundFace]:
        """The faces, the largest first; empty where there are none. Raises EfganError if it can't look."""
        ...


@runtime_checkable
class AULabeller(Protocol):
    """Measures the AUs of a found face. No context. Made, asked and closed as a `Landmarker` is."""

    units: Sequence[str]
    """The AUs it measures: `("AU01", "AU02", ...)`."""
    blind: Mapping[str, str]
    """The AUs of `openface-17` that it can't see, each with the reason in a clause; it reports them as 0."""

    def __call__(self, picture: Picture, face: FoundFace) -> Mapping[str, float]:
        """Intensities in [0, 1] of all its `units`. Raises EfganError if it can't say."""
        ...
