"""Files that are complete or absent."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from efgan_kit.errors import fail


@contextlib.contextmanager
def written(path: Path) -> Iterator[Path]:
    """A file beside `path` that takes its name when it is complete. Raises EfganError if it can't be written."""
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
