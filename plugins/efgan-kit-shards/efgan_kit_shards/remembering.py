"""The indices of shards that were read before, kept by the shards' content.

In `EFGAN_CACHE_DIR`, by default `~/.cache/efgan_kit`, the folder `shards` has an npz file for each content that was
met, named by its BLAKE2 hash, and a JSON file for each folder of shards that says which content its files had, by size
and time of change: a shard that is copied or renamed is hashed again, and not read again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from efgan_kit.api import fail

from .index import Index, read_index

VERSION: Final = 1
"""Of what an index says; another number is another file."""


def read_indices(shards: Sequence[Path], told: Callable[[int], None]) -> list[Index]:
    """The index of each shard, from memory where its content was met before.

    Args:
        told: Called with the number of bytes that have been dealt with, again and again.

    Raises:
        EfganError: A shard is at fault, or two of them are the same to the byte.
    """
    if not shards:
        return []
    home = _home()
    stamps_file = home / f"{_digest(os.fsencode(shards[0].parent.resolve()))}.json"
    stamps = _read_stamps(stamps_file)
    indices: list[Index] = []
    first: dict[str, Path] = {}
    renewed: dict[str, list[int | str]] = {}
    for shard in shards:
        status = shard.stat()
        known = stamps.get(shard.name)
        fresh = known is not None and known[:2] == [status.st_size, status.st_mtime_ns]
        content = str(known[2]) if known is not None and fresh else _content(shard)
        if content in first:
            hint = "each face would be met twice: delete one of them"
            raise fail(str(shard), f"is the same as {first[content].name} to the byte", hint)
        first[content] = shard
        renewed[shard.name] = [status.st_size, status.st_mtime_ns, content]
        indices.append(_index(shard, home / f"{content}-{VERSION}.npz"))
        told(status.st_size)
    if renewed != stamps:
        _write(stamps_file, json.dumps(renewed).encode())
    return indices


def _index(shard: Path, kept: Path) -> Index:
    index = None
    with contextlib.suppress(OSError):
        index = Index.from_bytes(kept.read_bytes())
    if index is None:
        index = read_index(shard)
        _write(kept, index.to_bytes())
    return index


def _content(shard: Path) -> str:
    try:
        with shard.open("rb") as file:
            return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=20)).hexdigest()
    except OSError as error:
        raise fail(str(shard), f"cannot be read: {error.strerror or error}") from error


def _home() -> Path:
    return Path(os.environ.get("EFGAN_CACHE_DIR") or Path("~/.cache/efgan_kit").expanduser()) / "shards"


def _digest(text: bytes) -> str:
    return hashlib.blake2b(text, digest_size=12).hexdigest()


def _read_stamps(path: Path) -> dict[str, list[int | str]]:
    """Size, time of change and content of each shard; nothing at all if the file is missing or damaged."""
    try:
        stamps = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(stamps, dict):
        return {}
    return {
        name: entry
        for name, entry in stamps.items()
        if isinstance(entry, list)
        and [type(part) for part in entry] == [int, int, str]
        and len(entry[2]) == 40
        and entry[2].isalnum()
    }


def _write(path: Path, content: bytes) -> None:
    """Complete or not at all; a memory that can't be written costs time, nothing else."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        Path(name).replace(path)
