"""A thread that hands a tracker its events: a server that is slow, or gone, holds up no training."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable
from typing import Any, Final

from efgan_kit_tracking.trackers import Tracker

MOST: Final = 10_000
"""Events that may wait."""

Event = tuple[str, tuple[Any, ...]] | threading.Event


class Worker:
    """Makes one tracker and tells it everything in order, until `close`. After a failure it tells it nothing more.

    Attributes:
        failure: Why it has given up; empty while it has not.
    """

    def __init__(self, name: str, make: Callable[[], Tracker]) -> None:
        self.name = name
        self.failure = ""
        self._make = make
        self._waiting: queue.Queue[Event] = queue.Queue(MOST)
        self._thread = threading.Thread(target=self._work, name=f"efgan tracking: {name}", daemon=True)
        self._thread.start()

    def tell(self, event: str, *arguments: Any) -> None:
        """Have a method of the tracker called; returns at once."""
        self._put((event, arguments))

    def wait(self, seconds: float) -> None:
        """Wait until the tracker has been told everything; give up on it if that takes longer. Not after `close`."""
        reached = threading.Event()
        self._put(reached)
        if not self.failure and not reached.wait(seconds):
            self.failure = "too slow: not everything had been shown when the training ended"

    def close(self, seconds: float) -> None:
        """Tell it that nothing more will come, and wait for its end, `seconds` at most."""
        with contextlib.suppress(queue.Full):
            self._waiting.put_nowait(("close", ()))
        self._thread.join(seconds)

    def _put(self, event: Event) -> None:
        if self.failure:
            return
        try:
            self._waiting.put_nowait(event)
        except queue.Full:
            self.failure = f"it is {MOST} events behind"

    def _work(self) -> None:
        tracker = None
        while True:
            event = self._waiting.get()
            if isinstance(event, threading.Event):
                event.set()
                continue
            name, arguments = event
            if not self.failure:
                try:
                    tracker = tracker or self._make()
                    getattr(tracker, name)(*arguments)
                except (Exception, SystemExit) as error:
                    self.failure = " ".join(f"{type(error).__name__}: {error}".split())[:500]
            if name == "close":
                return
