"""Connections that nothing runs over until a process ends: by its own word, or by breaking.

A process that is killed closes its connections, and who is waiting at the other end knows at once, however long an
exchange of gradients may be waited for. Each process listens to the first one, and that one to all.
"""

from __future__ import annotations

import contextlib
import enum
import os
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, Final

import torch
import torch.distributed as dist

from efgan_kit.training.distribution.processes import Processes

PATIENCE: Final = 3.0
"""Seconds for which a process that fails waits to hear of others that fail by the same."""
GRACE: Final = 8.0
"""Seconds for which a process may go on, once another is lost, before it is ended where it stands."""
FOREVER: Final = timedelta(days=1000)


class Word(enum.IntEnum):
    """How a process ended, in its own word, or LOST without one."""

    DONE = 0
    INTERRUPTED = 1
    FAILED = 2
    LOST = 3


class Lifeline:
    """Listens for the end of other processes, and tells them of this one's.

    Args:
        processes: All of them.
        silent: Leave it to others to say that a process is lost.
    """

    def __init__(self, processes: Processes, *, silent: bool = False) -> None:
        self._processes, self._silent, self._parted = processes, silent, False
        self._group: Any = dist.new_group(backend="gloo", timeout=FOREVER)
        self._peers: Sequence[int] = range(1, processes.count) if processes.first else [0]
        self._heard: dict[int, Word] = {}
        self._told: set[int] = set()
        self._changed = threading.Condition()
        self._threads = [threading.Thread(target=self._listen, args=(peer,), daemon=True) for peer in self._peers]
        for thread in self._threads:
            thread.start()

    def say(self, word: Word) -> None:
        """Tell the others how this process ends; those that are gone don't hear it."""
        self._parted = True
        self._tell(word, self._peers)

    def _tell(self, word: Word, peers: Iterable[int]) -> None:
        """Each of them hears one word: nobody listens for a second."""
        for peer in peers:
            with self._changed:
                if peer in self._told or self._heard.get(peer) is Word.LOST:
                    continue
                self._told.add(peer)
            with contextlib.suppress(RuntimeError):
                dist.send(torch.tensor(int(word)), dst=peer, group=self._group)

    def worst(self, patience: float = PATIENCE) -> Word:
        """The worst end heard of; waits a while if there is none yet."""
        until = time.monotonic() + patience
        with self._changed:
            while not any(self._heard.values()) and time.monotonic() < until:
                self._changed.wait(until - time.monotonic())
            return max(self._heard.values(), default=Word.DONE)

    def wait_for_all(self) -> None:
        """Until every process listened to has said how it ends."""
        for thread in self._threads:
            thread.join()

    def mourn(self) -> None:
        """Say on stderr which process is lost and what remains, unless that is left to another."""
        lost = [peer for peer, word in self._heard.items() if word is Word.LOST]
        # The first one speaks; of the others, which can only lose that one, the second.
        if not lost or self._silent or self._processes.rank > 1:
            return
        self._silent = True
        who = f"process {lost[0]} of {self._processes.count} (they count from 0)"
        what = "ended without a word: killed, out of memory, or its machine is gone"
        print(f"error: {who} {what}; {self._processes.consolation()}", file=sys.stderr, flush=True)

    def _listen(self, peer: int) -> None:
        word = torch.tensor(int(Word.LOST))
        with contextlib.suppress(RuntimeError):
            dist.recv(word, src=peer, group=self._group)
        with self._changed:
            self._heard[peer] = Word(int(word))
            self._changed.notify_all()
        if not word:
            return
        if self._processes.first:
            # The others may be waiting for the one that has ended, and this one for them.
            ended = Word.INTERRUPTED if word == Word.INTERRUPTED else Word.FAILED
            self._tell(ended, [other for other in self._peers if other != peer])
        # An exchange on a GPU can wait for ever for the one that is lost, deaf to signals.
        time.sleep(GRACE)
        if not self._parted:
            self.mourn()
            os._exit(1)
