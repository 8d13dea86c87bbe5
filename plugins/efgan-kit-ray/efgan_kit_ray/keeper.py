"""What runs on the cluster's machine: an actor that keeps one training, a process of its own.

The actor is detached: it outlives the process that asked for it, writes down how the training ended, and leaves. If its
machine fails, Ray makes it anew on another one, and the training's command goes on where it stopped.
"""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from io import BufferedWriter
from pathlib import Path
from typing import Final

import ray

from efgan_kit_ray import become, notes

PAUSE: Final = 0.1
"""Seconds between looks at the training."""
PATIENCE: Final = 120.0
"""Seconds in which an earlier training with this log ends."""
STOPPED: Final = 130
"""The exit code of a training that was interrupted."""
BUSY: Final = 75
"""The exit code where another training is at the log: EX_TEMPFAIL."""


class Keeper:
    """A training, from its start to its end."""

    def __init__(self, words: Sequence[str], log: str, environment: dict[str, str], folder: str) -> None:
        self.words = list(words)
        self.log = Path(log)
        self.environment = environment
        self.folder = folder
        self.stopping = threading.Event()
        self.process: subprocess.Popen[bytes] | None = None
        self.me = ray.get_runtime_context().current_actor
        threading.Thread(target=self._keep, daemon=True).start()

    def there(self) -> None:
        """Answers as long as the training lives."""

    def stop(self) -> None:
        """Ask the training to write a checkpoint and end."""
        if not self.stopping.is_set():
            self.stopping.set()
            if self.process is not None and self.process.poll() is None:
                self.process.send_signal(signal.SIGTERM)

    def _keep(self) -> None:
        try:
            code = self._run()
        except OSError as error:
            note = {"code": 1, "reason": f"it can't be started on {socket.gethostname()}: {error.strerror}"}
        else:
            note = {"code": code, "reason": ""}
        notes.write(self.log, note)
        ray.kill(self.me)  # an actor that ends by itself would count as failed, and be made anew

    def _run(self) -> int:
        with self.log.open("ab") as output:
            if not self._locked(output):
                output.write(b"another training is at this log\n")
                return BUSY
            if self.stopping.is_set():
                return STOPPED
            self.process = subprocess.Popen(
                [sys.executable, "-I", become.__file__, str(os.getpid()), *self.words],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **self.environment},
                cwd=self.folder,
                start_new_session=True,
            )
        notes.write(self.log, {"host": socket.gethostname(), "process": self.process.pid})
        if self.stopping.is_set():
            self.process.send_signal(signal.SIGTERM)  # it was not there yet when it was asked
        while (code := self.process.poll()) is None:
            time.sleep(PAUSE)
        return code

    def _locked(self, log: BufferedWriter) -> bool:
        """Lock the log for as long as the training lives; one that lost its keeper may be ending."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and not self.stopping.is_set():
            try:
                fcntl.flock(log, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(PAUSE)
                continue
            except OSError:
                return True  # a file system without locks: Ray has one actor of a name
            return True
        return self.stopping.is_set()
