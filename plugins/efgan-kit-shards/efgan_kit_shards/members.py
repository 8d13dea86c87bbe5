"""What a shard holds and where, from the headers of its tar file alone: nothing is extracted, nothing trusted."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Final, cast

import attrs

from efgan_kit.api import EfganError, fail

PICTURES: Final = frozenset({"jpg", "jpeg", "png", "webp"})
LABELS: Final = "json"
LARGEST: Final = {"picture": 32_000_000, "labels": 64_000}
"""Bytes of a member; the labels of a face take three to six thousand."""
LONGEST_NAME: Final = 512
LONGEST_HEADER: Final = 65_536
"""Bytes that one header may make the reader take into memory."""


@attrs.frozen
class Member:
    """One file of a shard that counts.

    Attributes:
        key: What it shares with the other files of its face: its name up to the first dot.
        kind: `picture` or `labels`.
        offset: Where its bytes begin in the shard.
        size: How many they are.
    """

    key: str
    kind: str
    offset: int
    size: int


def members(shard: Path) -> Iterator[Member]:
    """The pictures and labels of a shard, in their order; other files in it are passed over.

    Raises:
        EfganError: The file is no tar file, compressed, cut short or damaged, or holds what no shard should: links,
            devices, names that lead elsewhere or hold control characters, members of absurd sizes.
    """
    try:
        with shard.open("rb") as file:
            yield from _members(_Headers(file), shard.name)
    except EfganError:
        raise
    except OSError as error:
        raise fail(str(shard), f"cannot be read: {error.strerror or error}") from error
    except Exception as error:  # forged headers lead tarfile to errors of every type
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise fail(str(shard), f"is not a readable tar file: {reason}", "shards are plain tar files") from error


def _members(headers: _Headers, shard: str) -> Iterator[Member]:
    with tarfile.open(fileobj=cast(IO[bytes], headers), mode="r:", encoding="utf-8") as archive:
        while (info := archive.next()) is not None:
            archive.members.clear()  # type: ignore[attr-defined]  # tarfile would keep every header
            member = _checked(info, shard)
            if member is None:
                continue
            if member.offset + member.size > headers.size:
                raise fail(f"{shard}: {info.name}", "the shard ends in the middle of it", "copy the shard again")
            yield member
        # tarfile takes a damaged header for the end of the archive, and every face behind it would be lost unseen.
        headers.seek(archive.offset)
        if headers.read(tarfile.BLOCKSIZE) != bytes(tarfile.BLOCKSIZE):
            raise fail(shard, f"is damaged or cut short at byte {archive.offset}", "copy the shard again")


def _checked(info: tarfile.TarInfo, shard: str) -> Member | None:
    where, path = f"{shard}: {info.name[:LONGEST_NAME]}", PurePosixPath(info.name)
    if not info.name.isprintable() or len(info.name) > LONGEST_NAME:
        raise fail(where, "its name is too long or holds characters that can't be shown")
    if path.is_absolute() or ".." in path.parts:
        raise fail(where, "its name leads out of the shard")
    if info.isdir():
        return None
    if not info.isreg() or info.issparse():
        raise fail(where, "is a link, a device or a sparse file", "a shard holds plain files alone")
    if info.size < 0:
        raise fail(where, f"claims a size of {info.size} bytes")
    stem, _, ending = path.name.partition(".")
    kind = "labels" if ending.lower() == LABELS else "picture" if ending.lower() in PICTURES else ""
    if not stem or not kind:
        return None
    if info.size > LARGEST[kind]:
        raise fail(where, f"has {info.size} bytes; {LARGEST[kind]} are the most for {kind}")
    return Member(str(path.with_name(stem)), kind, info.offset_data, info.size)


class _Headers:
    """A shard's file as tarfile may read it: header by header, so that a forged one can't fill the memory or go round.

    Attributes:
        size: The file's bytes.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.size = os.fstat(file.fileno()).st_size
        self.left = 4 * (self.size // tarfile.BLOCKSIZE) + 64

    def read(self, size: int) -> bytes:
        self.left -= 1
        if not 0 <= size <= LONGEST_HEADER:
            raise tarfile.ReadError(f"a header of {size} bytes")
        if self.left < 0:
            raise tarfile.ReadError("its headers go round in circles")
        return self.file.read(size)

    def seek(self, offset: int) -> int:
        return self.file.seek(offset)

    def tell(self) -> int:
        return self.file.tell()
