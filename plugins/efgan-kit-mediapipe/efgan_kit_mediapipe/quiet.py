"""Keeps native libraries from writing to the process's standard error."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import Final

STDERR: Final = 2


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Within, what is written to the file descriptor of standard error is lost.

    MediaPipe's libraries tell there how they set themselves up, and no setting of theirs keeps them from it: when they
    are made, at some pictures, and when they are closed. Errors come as exceptions all the same. What other threads
    write in these milliseconds is lost, too.
    """
    try:
        kept = os.dup(STDERR)
    except OSError:  # there is no standard error to keep
        yield
        return
    try:
        with open(os.devnull, "wb") as nowhere:  # noqa: PTH123
            os.dup2(nowhere.fileno(), STDERR)
        yield
    finally:
        os.dup2(kept, STDERR)
        os.close(kept)
