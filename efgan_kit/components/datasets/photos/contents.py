"""Which contents of picture files were found sound, wherever and under whatever name they lie."""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import attrs

from efgan_kit.cache import cache_folder

Size = tuple[int, int]

PATIENCE: Final = 5.0
"""Seconds to wait while another process writes."""
AT_ONCE: Final = 500
"""Contents that one question names."""


@attrs.frozen
class Sound:
    """A picture file that can be decoded.

    Attributes:
        size: (width, height), upright.
        content: The file's `content_of`; None if it could no longer be read.
    """

    size: Size
    content: bytes | None


def content_of(path: Path) -> bytes | None:
    """The BLAKE2 hash of a file's bytes, 16 of them; None if it can't be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).digest()
    except OSError:
        return None


class Contents:
    """(width, height) of the sound pictures by their content, in an SQLite file.

    What it can't read or write costs time, nothing else; a damaged file is begun anew.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def sizes(self, contents: Sequence[bytes]) -> dict[bytes, Size]:
        """Those that are known."""
        known: dict[bytes, Size] = {}
        with self._forgiven(), self._opened() as database:
            for first in range(0, len(contents), AT_ONCE):
                some = contents[first : first + AT_ONCE]
                marks = ",".join("?" * len(some))
                rows = database.execute(f"SELECT content, width, height FROM sound WHERE content IN ({marks})", some)
                known |= {content: (width, height) for content, width, height in rows if width > 0 < height}
        return known

    def keep(self, sizes: Mapping[bytes, Size]) -> None:
        """Remember pictures that were found sound."""
        with self._forgiven(), self._opened() as database:
            rows = [(content, *size) for content, size in sizes.items()]
            database.executemany("INSERT OR REPLACE INTO sound VALUES (?, ?, ?)", rows)

    @contextlib.contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        """The file, its table made; what is done within is done whole or not at all."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.closing(sqlite3.connect(self.path, timeout=PATIENCE)) as database, database:
            database.execute(
                "CREATE TABLE IF NOT EXISTS sound "
                "(content BLOB PRIMARY KEY, width INTEGER NOT NULL, height INTEGER NOT NULL) WITHOUT ROWID"
            )
            yield database

    @contextlib.contextmanager
    def _forgiven(self) -> Iterator[None]:
        """Within, whatever is wrong with the file ends the work in silence."""
        try:
            yield
        except (OSError, TypeError, ValueError, sqlite3.OperationalError):
            pass  # no room, no permission, another process that takes long; rows of another make
        except sqlite3.DatabaseError:
            with contextlib.suppress(OSError):
                self.path.unlink(missing_ok=True)


def looked_at_folder() -> Path:
    """Where it is remembered what was looked at."""
    return cache_folder() / "pictures"
