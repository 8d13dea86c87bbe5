"""Become a command that dies with its parent: whoever kills that one means this one, too.

`python become.py PARENT COMMAND...`, since between fork and exec a process with threads must run no Python of its own.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
from typing import Final

PR_SET_PDEATHSIG: Final = 1
NOT_FOUND: Final = 127
"""What shells exit with if there is no such command."""


def main(parent: int, *words: str) -> None:
    with contextlib.suppress(AttributeError):  # Linux alone has it
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit("what was to look after the training is gone")
    try:
        os.execvp(words[0], words)
    except OSError as error:
        print(f"'{words[0]}' can't be run: {error.strerror}", file=sys.stderr)
        sys.exit(NOT_FOUND)


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
