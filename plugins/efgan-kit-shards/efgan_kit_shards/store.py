"""The faces of a folder of shards, each found and read by its number."""

from __future__ import annotations

import functools
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from efgan_kit.api import EfganError, Fault, fail

from .index import Index
from .labels import parse
from .pictures import face
from .remembering import read_indices
from .texts import Made, Texts

OPEN_SHARDS: Final = 128
"""Shards that a process holds open at once."""
NEAR: Final = 65_536
"""Bytes between a face's labels and its picture up to which both are read in one go."""
BAR_FROM: Final = 200_000_000
"""Bytes of shards from which reading them takes long enough for a bar."""


@attrs.frozen(eq=False)
class Names(Made[str]):
    """`SHARD/KEY` of each face."""

    shards: Sequence[str]
    shard: NDArray[np.int32]
    keys: Texts

    def __len__(self) -> int:
        return len(self.shard)

    def _make(self, index: int) -> str:
        return f"{self.shards[self.shard[index]]}/{self.keys[index]}"


@attrs.frozen(eq=False)
class People(Made[str]):
    """Whose face each is: a person of the labels, or the face's own name."""

    names: Names
    texts: Texts
    person: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.person)

    def _make(self, index: int) -> str:
        person = self.person[index]
        return self.texts[int(person)] if person >= 0 else self.names[index]


class Store:
    """All faces of a folder of shards, in the order of the shards' names, and within a shard in its own.

    A face takes some 150 bytes of memory; pictures and landmarks stay in the shards.

    Attributes:
        shards: The tar files.
        names: `SHARD/KEY` of each face.
        people: Whose face each is.
        person: int32 `(N,)`, the same as numbers; -1 for people of one face without a name.
        units: The AUs that every face has.
        aus: float32 `(N, len(units))` in [0, 1].

    Raises:
        EfganError: There are no shards, or some are at fault.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.shards = _shards(root)
        indices = _read_all(self.shards)
        counts = [len(index.keys) for index in indices]
        shard = np.repeat(np.arange(len(indices), dtype=np.int32), counts)
        self.names = Names([path.stem for path in self.shards], shard, Texts.joined([index.keys for index in indices]))
        self.person, texts = _people(indices)
        self.people = People(self.names, texts, self.person)
        self._places = np.concatenate([index.places for index in indices])
        everywhere = set.intersection(*(set(_complete(index)) for index in indices))
        self.units = sorted(everywhere)
        self.aus = np.concatenate([index.aus[:, [list(index.units).index(u) for u in self.units]] for index in indices])
        self._opened = functools.lru_cache(OPEN_SHARDS)(_Shard)

    def __len__(self) -> int:
        return len(self.names)

    def __getstate__(self) -> dict[str, Any]:
        """Without the open files, for processes that read along."""
        return {name: value for name, value in self.__dict__.items() if name != "_opened"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._opened = functools.lru_cache(OPEN_SHARDS)(_Shard)

    def read(self, index: int, size: int) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        """Face `index` as uint8 `(3, size, size)`, and its landmarks in pixels of that, float32 `(68, 2)`.

        Raises:
            EfganError: Its bytes can't be read, or are no sound face.
        """
        labels, labels_size, picture, picture_size = self._places[index].tolist()
        where, shard = self.names[index], self._opened(self.shards[self.names.shard[index]])
        first, last = min(labels, picture), max(labels + labels_size, picture + picture_size)
        if last - first - labels_size - picture_size <= NEAR:
            both = shard.read(first, last - first, where)
            text = both[labels - first : labels - first + labels_size]
            content = both[picture - first : picture - first + picture_size]
        else:
            text = shard.read(labels, labels_size, where)
            content = shard.read(picture, picture_size, where)
        return face(content, parse(text, where).landmarks, size, where)


class _Shard:
    """An open shard. It has no position: processes that were forked from one another may read it at once."""

    def __init__(self, path: Path) -> None:
        try:
            self.file = path.open("rb")
        except OSError as error:
            raise fail(str(path), f"cannot be opened: {error.strerror or error}") from error

    def read(self, offset: int, size: int, where: str) -> bytes:
        try:
            content = os.pread(self.file.fileno(), size, offset)
        except OSError as error:
            raise fail(where, f"cannot be read: {error.strerror or error}") from error
        if len(content) != size:
            raise fail(where, "its shard has become shorter", "start again: the shard changed while it was read")
        return content


def _shards(root: Path) -> list[Path]:
    if not root.is_dir():
        raise fail(str(root), "is no folder" if root.exists() else "there is no such folder")
    shards = sorted(path for path in root.iterdir() if path.suffix == ".tar" and not path.name.startswith("."))
    if not shards:
        packed = next((path.name for path in sorted(root.iterdir()) if path.name.endswith((".tar.gz", ".tgz"))), "")
        hint = f"unpack {packed} with gunzip: faces are read at random" if packed else "make them: efgan shards pack"
        raise fail(str(root), "there are no shards (*.tar) in the folder", hint)
    faults = [Fault(str(path), "is no plain file") for path in shards if not _is_file(path)]
    faults += [Fault(str(path), "its name can't be shown") for path in shards if not path.name.isprintable()]
    if faults:
        raise EfganError(*faults)
    return shards


def _is_file(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False


def _read_all(shards: Sequence[Path]) -> list[Index]:
    total = sum(path.stat().st_size for path in shards)
    with _bar(total) as bar:
        return read_indices(shards, bar)


@contextmanager
def _bar(total: int) -> Iterator[Any]:
    """A bar on a terminal, for what takes a while."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    silent = total < BAR_FROM or not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=silent) as bars:
        task = bars.add_task("Reading shards", total=total)
        yield lambda done: bars.advance(task, done)


def _complete(index: Index) -> list[str]:
    """The AUs that every face of a shard has."""
    partly: NDArray[np.bool_] = np.any(np.isnan(index.aus), axis=0)
    return [unit for place, unit in enumerate(index.units) if not partly[place]]


def _people(indices: Sequence[Index]) -> tuple[NDArray[np.int32], Texts]:
    """Each face's person as a number that holds for all shards, and the people's names."""
    known: dict[str, int] = {}
    person = []
    for index in indices:
        everywhere = np.array([known.setdefault(name, len(known)) for name in index.people], np.int32)
        named = index.person >= 0
        numbers = np.full(len(index.person), -1, np.int32)
        numbers[named] = everywhere[index.person[named]]
        person.append(numbers)
    return np.concatenate(person), Texts.of(known)
