"""Faces kept on disk as their pixels, for all processes and trainings: nothing is decoded or drawn twice.

Two files for each kind and size of face hold rows of one length: `NAME.index` says which face each row is, `NAME.faces`
has the bytes and is memory-mapped. No lock is needed: a row is claimed by appending to the index, and what is read
counts only if its checksum, which covers the key, says that it is whole and the face that was asked for. Whatever
writers that meet, a kill or a failing disk leave behind is made anew; it is never another face.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import mmap
import os
import secrets
import shutil
import time
import zlib
from pathlib import Path
from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from efgan_kit.cache import cache_folder

log = logging.getLogger(__name__)

KEY: Final = 16
"""Bytes of a key."""
RECORD: Final = np.dtype([("key", f"V{KEY}"), ("check", "<u4"), ("reserved", "<u4"), ("used", "<i8")])
"""A row of the index: its face, the checksum of its bytes, and when it was read last, in seconds since 1970."""
HOUR: Final = 3600
DAY: Final = 24 * HOUR
SPARED: Final = 1_000_000_000
"""Bytes of the disk that are left to others, such as the run's checkpoints."""

_said: set[str] = set()


@attrs.define
class _Row:
    number: int
    check: int
    used: int


class FaceCache:
    """Byte arrays of one length by their keys, on disk.

    It can be sent to other processes, which then share the files. What can't be kept costs time, nothing else: the
    first failure is said once, and no more is written.

    Args:
        name: Of the files; one name, one length.
        length: Bytes of each array.
        gb: How large the two files may become. When they are full, faces that nobody has read for a day make room.
    """

    def __init__(self, name: str, *, length: int, gb: float) -> None:
        folder = faces_folder()
        self.index, self.faces = folder / f"{name}.index", folder / f"{name}.faces"
        self.length, self.gb = length, gb
        self.most = int(gb * 1e9 / (length + RECORD.itemsize))
        self._writes = self.most > 0
        self._rows: dict[bytes, _Row] = {}
        self._seen, self._looked_at = 0, -1
        self._mapped: tuple[int, mmap.mmap | bytes] = (-1, b"")

    @property
    def keeps(self) -> bool:
        """Whether more can be kept, for all that is known: nothing has failed so far."""
        return self._writes

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_rows": {}, "_seen": 0, "_mapped": (-1, b"")}

    def get(self, key: bytes) -> NDArray[np.uint8] | None:
        """The caller's own copy `(length,)` of what was kept, or None if it is not there, or damaged."""
        if not self.most:
            return None
        try:
            row = self._row(key)
            found = None if row is None else self._read(row.number)
        except (OSError, ValueError):  # the files went, or shrank, just now
            return None
        if row is None or found is None or zlib.crc32(found.data, zlib.crc32(key)) != row.check:
            return None
        self._note_use(row)
        return found

    def put(self, key: bytes, data: NDArray[np.uint8]) -> None:
        """Keep `(length,)`, if there is room for it."""
        if not self._writes:
            return
        try:
            self._write(key, data.tobytes())
        except OSError as error:
            self._give_up(f"faces can't be kept in {self.index.parent}: {error.strerror or error}")

    def _write(self, key: bytes, data: bytes) -> None:
        self.index.parent.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(self.index.parent).free < SPARED + len(data):
            return self._give_up(f"no more faces are kept in {self.index.parent}: less than 1 GB of the disk is free")
        row = self._row(key)
        if row is not None and not self._holds(row, key):
            row = None
        check, now = zlib.crc32(data, zlib.crc32(key)), int(time.time())
        record = np.array((key, check, 0, now), RECORD).tobytes()
        number = row.number if row is not None else self._claimed(key, record)
        if number is None:
            return self._give_up(f"the {self.gb:g} GB for faces in {self.index.parent} are full of what is in use")
        _write_at(self.faces, number * self.length, data)
        if row is None or row.check != check:
            _write_at(self.index, number * RECORD.itemsize, record)
        self._rows[key] = _Row(number, check, now)
        return None

    def _claimed(self, key: bytes, record: bytes) -> int | None:
        """A row for a new face: behind the last one or, if there is no more room, that of a face long unused."""
        if self._seen < self.most:
            for _ in range(2):
                with self.index.open("ab", buffering=0) as file:
                    file.write(record)
                    number, rest = divmod(file.tell(), RECORD.itemsize)
                if not rest:
                    return number - 1
                # Half a record, from a disk that was full: all that followed would stand askew. Begun anew.
                self.index.unlink(missing_ok=True)
                self._forget()
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        records = _records(self.index, 0)
        there = np.flatnonzero(records["key"] == np.void(key))
        unused = there if len(there) else np.flatnonzero(np.abs(time.time() - records["used"]) > DAY)
        return int(secrets.choice(unused)) if len(unused) else None  # by chance: others look for one, too

    def _holds(self, row: _Row, key: bytes) -> bool:
        """Whether a row is still this face's: another process may have given it to another one."""
        held = np.fromfile(self.index, RECORD, count=1, offset=row.number * RECORD.itemsize)
        return len(held) == 1 and held["key"].tobytes() == key

    def _row(self, key: bytes) -> _Row | None:
        """Where a face lies; what was added since is looked at if it is not known."""
        row = self._rows.get(key)
        if row is None:
            self._look()
            row = self._rows.get(key)
        return row

    def _look(self) -> None:
        """Learn the rows that were added to the index; all of them if it is another file than before."""
        try:
            status = self.index.stat()
        except OSError:
            return self._forget()
        if status.st_ino != self._looked_at or status.st_size // RECORD.itemsize < self._seen:
            self._forget()
            self._looked_at = status.st_ino
        first = self._seen
        if status.st_size // RECORD.itemsize > first:
            records = _records(self.index, first)
            columns = (records[name].tolist() for name in ("key", "check", "used"))
            for number, (key, check, used) in enumerate(zip(*columns, strict=True), start=first):
                self._rows[key] = _Row(number, check, used)
            self._seen = first + len(records)  # threads that do this at once say the same
        return None

    def _forget(self) -> None:
        self._rows, self._seen = {}, 0

    def _read(self, number: int) -> NDArray[np.uint8] | None:
        begin, end = number * self.length, (number + 1) * self.length
        status = self.faces.stat()
        # To read beyond the end of a mapped file kills the process: nothing is read that is not there now.
        if status.st_size < end:
            return None
        file_id, mapped = self._mapped
        if file_id != status.st_ino or len(mapped) < end:
            with self.faces.open("rb") as file:
                mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            self._mapped = (status.st_ino, mapped)
        return np.frombuffer(mapped, np.uint8, self.length, begin).copy()

    def _note_use(self, row: _Row) -> None:
        now = int(time.time())
        if now - row.used > HOUR:
            row.used = now
            with contextlib.suppress(OSError):
                at = row.number * RECORD.itemsize + int(RECORD.fields["used"][1])  # type: ignore[index]
                _write_at(self.index, at, np.array(now, "<i8").tobytes())

    def _give_up(self, what: str) -> None:
        from torch.utils.data import get_worker_info  # here, so that what is kept can be listed without torch

        self._writes = False
        worker = get_worker_info()
        if what not in _said and (worker is None or worker.id == 0):
            _said.add(what)
            hint = "`efgan data cache --clear` empties it, EFGAN_CACHE_DIR names another place"
            log.warning("%s; the training goes on, and makes them each time (%s)", what, hint)


def faces_folder() -> Path:
    """Where faces are kept: `faces` in EFGAN_CACHE_DIR, by default `~/.cache/efgan_kit`."""
    return cache_folder() / "faces"


def _records(index: Path, first: int) -> NDArray[Any]:
    """The index from row `first` on."""
    return np.fromfile(index, RECORD, offset=first * RECORD.itemsize)


def _write_at(path: Path, position: int, data: bytes) -> None:
    """Write into a file, which is made if it is not there."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666)
    with os.fdopen(descriptor, "wb", buffering=0) as file:
        file.seek(position)
        left = memoryview(data)
        while left:
            left = left[file.write(left) :]
