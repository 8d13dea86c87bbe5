"""One training at a time writes to a run folder."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from efgan_kit.errors import fail
from efgan_kit.files import writing

try:
    import fcntl
except ImportError:  # Windows has no such lock
    fcntl = None  # type: ignore[assignment]

_held: set[int] = set()
"""Folders that are open and locked."""


@contextlib.contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Within, nobody else is alone in the folder, in this process or another.

    A folder that is not there is made, and gone again if it is left empty. The lock is on the folder itself and ends
    with this process, however that ends: no file is left that somebody would have to remove.

    Raises:
        EfganError: Somebody else is, or the folder can't be made.
    """
    made = [path for path in (folder, *folder.absolute().parents) if not path.exists()]
    with writing(folder):
        held = _opened(folder)
    try:
        if not _locked(held):
            what = "another process is training into this folder at this moment"
            raise fail(str(folder), what, "wait for it or end it, or choose another --run")
        yield
    finally:
        with contextlib.suppress(OSError):  # something is in it
            for path in made:
                path.rmdir()
        if held in _held:
            _held.remove(held)
            os.close(held)


def _opened(folder: Path) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    held = os.open(folder, os.O_RDONLY)
    _held.add(held)
    return held


def _locked(folder: int) -> bool:
    """Whether the open folder is ours alone now. Where the system can't lock folders, as over some networks, it is."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def _let_go() -> None:
    """A lock lasts as long as anyone has the folder open: a loader's worker must not outlive the training with it."""
    while _held:
        os.close(_held.pop())


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_let_go)
