"""Rendered people are kept on disk: one memory-mapped file a person, in a folder named by all that decides a picture.

A file is there whole or not at all, so that several processes may fill a folder, and be killed.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from efgan_kit.api import fail


def record(size: int) -> np.dtype[Any]:
    """How one face is kept: its picture, channels first, and its landmarks."""
    return np.dtype([("image", np.uint8, (3, size, size)), ("landmarks", np.float32, (68, 2))])


def folder_for(**decisions: Any) -> Path:
    """Where the pictures of these decisions are kept, below `EFGAN_CACHE_DIR` (by default `~/.cache/efgan_kit`)."""
    key = hashlib.sha256(json.dumps({**decisions, "code": code_digest()}, sort_keys=True).encode()).hexdigest()[:20]
    root = os.environ.get("EFGAN_CACHE_DIR") or Path("~/.cache/efgan_kit").expanduser()
    return Path(root) / "ict" / key


@functools.cache
def code_digest() -> str:
    """Of this package's own modules: what another version has rendered is not taken for its own."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def read(path: Path) -> NDArray[Any] | None:
    """The faces of a file, read as they are needed; None if it is not there (or not ours)."""
    try:
        return np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None


def write(path: Path, faces: NDArray[Any]) -> None:
    """Keep the faces of one person."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                np.save(file, faces)
            Path(name).replace(path)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        way_out = "make room, or set EFGAN_CACHE_DIR to a folder elsewhere"
        raise fail(f"ict-faces: {path.parent}", f"cannot be written: {error.strerror}", way_out) from error
