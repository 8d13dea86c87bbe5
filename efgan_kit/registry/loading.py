"""Running a plugin's own code: what it prints, how long it takes and how it ends must not become the program's fate."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator
from typing import Any, Final

NOTICE: Final = 5.0
"""Seconds after which it is said which plugin is waited for."""
LIMIT: Final = 30.0
"""Seconds after which a plugin is given up."""


class TooLong(BaseException):
    """A plugin was given up; nothing in the plugin that waits for an `Exception` should keep it."""


@contextlib.contextmanager
def contained(plugin: str) -> Iterator[None]:
    """Within, a plugin's code runs: its output goes to stderr, it cannot end the process, and not take for ever."""
    with contextlib.redirect_stdout(sys.stderr), _staying_alive(), _watched(plugin):
        yield


@contextlib.contextmanager
def _staying_alive() -> Iterator[None]:
    """`os._exit` raises, in this thread of this process, as `sys.exit` does."""
    really, process, thread = os._exit, os.getpid(), threading.get_ident()

    def leave(status: int) -> Any:
        if (os.getpid(), threading.get_ident()) != (process, thread):
            really(status)
        raise SystemExit(f"os._exit({status})")

    os._exit = leave
    try:
        yield
    finally:
        os._exit = really


@contextlib.contextmanager
def _watched(plugin: str) -> Iterator[None]:
    """A word after `NOTICE` and `TooLong` after `LIMIT`, where signals allow it and nobody else waits for an alarm."""
    free = (
        hasattr(signal, "setitimer")
        and threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGALRM) is signal.SIG_DFL
        and signal.getitimer(signal.ITIMER_REAL)[0] == 0
    )
    if not free:
        yield
        return
    warned = False

    def ring(*_: object) -> None:
        nonlocal warned
        if warned:
            raise TooLong(f"it took more than {LIMIT:g} s")
        warned = True
        signal.setitimer(signal.ITIMER_REAL, max(LIMIT - NOTICE, 0.001))
        away = f"Ctrl-C and `efgan plugin disable {plugin}` leave it out"
        with contextlib.suppress(RuntimeError):  # it was about to print something itself
            print(f"still loading the plugin of {plugin}, after {NOTICE:g} s; {away}", file=sys.stderr)

    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, NOTICE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
