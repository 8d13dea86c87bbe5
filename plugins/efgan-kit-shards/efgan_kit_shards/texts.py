"""Millions of short texts in a few bytes each: a Python string of its own would take 60 bytes more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar, overload

import attrs
import numpy as np
from numpy.typing import NDArray

Item_co = TypeVar("Item_co", covariant=True)


class Made(Sequence[Item_co]):
    """A sequence whose items are made when asked for, by `_make`."""

    def _make(self, index: int) -> Item_co:
        raise NotImplementedError

    @overload
    def __getitem__(self, index: int) -> Item_co: ...
    @overload
    def __getitem__(self, index: slice) -> list[Item_co]: ...
    def __getitem__(self, index: int | slice) -> Item_co | list[Item_co]:
        places = range(len(self))[index]  # negative indices, and IndexError for what is beyond
        return self._make(places) if isinstance(places, int) else [self._make(place) for place in places]


@attrs.frozen(eq=False)
class Texts(Made[str]):
    """Texts, one after the other in one array of bytes.

    Attributes:
        content: uint8 `(bytes,)`, UTF-8.
        ends: int64 `(N,)`, where each text ends.
    """

    content: NDArray[np.uint8]
    ends: NDArray[np.int64]

    @classmethod
    def of(cls, texts: Iterable[str]) -> Texts:
        encoded = [text.encode() for text in texts]
        content = np.frombuffer(b"".join(encoded), np.uint8)
        return cls(content, np.cumsum([len(text) for text in encoded], dtype=np.int64))

    @classmethod
    def joined(cls, parts: Sequence[Texts]) -> Texts:
        starts = np.cumsum([0, *(len(part.content) for part in parts)])
        ends = [part.ends + start for part, start in zip(parts, starts, strict=False)]
        return cls(np.concatenate([part.content for part in parts]), np.concatenate(ends))

    def __len__(self) -> int:
        return len(self.ends)

    def _make(self, index: int) -> str:
        start = int(self.ends[index - 1]) if index else 0
        return self.content[start : int(self.ends[index])].tobytes().decode()

    def chosen(self, rows: NDArray[np.int64]) -> Texts:
        """The texts of `rows` alone."""
        return Texts.of(self._make(row) for row in rows.tolist())


@attrs.frozen(eq=False)
class Pairs(Made[tuple[int, int]]):
    """Pairs of indices, int64 `(N, 2)`."""

    indices: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.indices)

    def _make(self, index: int) -> tuple[int, int]:
        first, second = self.indices[index].tolist()
        return first, second


def as_arrays(name: str, texts: Texts) -> dict[str, NDArray[Any]]:
    """Texts as the arrays of a file, under their name."""
    return {name: texts.content, f"{name}_ends": texts.ends}
