"""Files that are whole or not there at all, and what a machine that refuses them has to say."""

from __future__ import annotations

import contextlib
import errno
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from efgan_kit.errors import EfganError, fail


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Within, a file that can't be written is the user's to mend: a full disk, no permission."""
    try:
        yield
    except OSError as error:
        raise unwritable(path, error) from error


def must_be_writable(folder: Path) -> None:
    """Raises EfganError if a folder can't be made, or nothing written into it; to be asked before work is done."""
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not there.is_dir():
        raise fail(str(folder), f"{there} is a file", "name a folder")
    if not os.access(there, os.W_OK | os.X_OK):
        raise fail(str(folder), f"nothing can be written to {there}", "mend the permissions, or name another folder")


def unwritable(path: Path, error: OSError) -> EfganError:
    """The error of a file that the machine refuses."""
    what = f"can't be written: {error.strerror or error}"
    return fail(str(path), what, "make room or mend the permissions; what was begun can be gone on with")


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write a JSON document, complete or not at all."""
    write_atomically(path, (json.dumps(content, indent=2) + "\n").encode())


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file, complete or not at all."""
    temporary = path.with_name(f".{path.name}.part")
    try:
        write_through(temporary, content)
        temporary.replace(path)
    except OSError:
        with contextlib.suppress(OSError):  # half a file must not fill a disk that is full already
            temporary.unlink(missing_ok=True)
        raise
    flush_folder(path.parent)


def write_through(path: Path, content: bytes) -> None:
    """Write a file, and return when it is on the disk and not in the machine's memory alone."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def flush(path: Path) -> None:
    """Return when what was written to a file is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def flush_folder(path: Path) -> None:
    """Return when a folder's names are on the disk: only then does a renamed file outlive a power cut.

    Where the system knows no such thing, as on some network file systems, it is left to it.
    """
    try:
        flush(path)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EBADF, errno.EACCES, errno.EPERM):
            raise


@contextlib.contextmanager
def written(path: Path) -> Iterator[Path]:
    """A file beside `path` that takes its name when it is complete, for writers that want a name.

    Raises EfganError if it can't be written; then what was begun is gone.
    """
    part = path.with_name(f".{path.stem}.part{path.suffix}")
    try:
        yield part
        part.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise fail(str(path), f"cannot be written: {error.strerror or error}") from error
    except BaseException:
        part.unlink(missing_ok=True)
        raise
