"""Ctrl-C, SIGTERM and SIGUSR1, kept until a step is finished."""

from __future__ import annotations

import signal
import threading
import time
from types import FrameType, TracebackType
from typing import Any, Final

KINDS: Final = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGUSR1") if hasattr(signal, name)
)
"""What asks a training to end: a person, a machine that goes down, a scheduler that gives notice."""
NOTICE: Final = getattr(signal, "SIGUSR1", None)
"""It is followed by a SIGTERM when the time is up, which is no second request."""


class Interruption:
    """Within, the first signal only sets `asked`; a second one raises KeyboardInterrupt at once.

    A SIGUSR1 is notice given: the SIGTERM or Ctrl-C after it counts as the first. `since` is when the first came, as
    `time.monotonic` counts.

    Args:
        patient: If false, the first signal already raises: where there is nothing yet to be saved.
    """

    def __init__(self, *, patient: bool = True) -> None:
        self.asked = False
        self.since = 0.0
        self._pressed = False
        self._patient = patient
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Interruption:
        # Python lets only the main thread set handlers; elsewhere the caller keeps its own.
        if threading.current_thread() is threading.main_thread():
            for kind in KINDS:
                self._before[kind] = signal.signal(kind, self._note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if not self._patient or (self._pressed and number != NOTICE):
            raise KeyboardInterrupt
        self._pressed = self._pressed or number != NOTICE
        if not self.asked:
            self.asked, self.since = True, time.monotonic()
