"""A job on the cluster, as whoever waits for it sees it."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import Any, Final

import ray
from ray.exceptions import ActorUnavailableError, RayActorError, RayError

from efgan_kit_ray import notes

PAUSE: Final = 0.5
"""Seconds between looks at the note."""
LOST: Final = -9
STOPPED: Final = 130


class RayJob:
    """A training that an actor keeps."""

    def __init__(self, keeper: Any, log: Path) -> None:
        self.keeper = keeper
        self.log = log
        self._answer = keeper.there.remote()
        self._code: int | None = None
        self._reason = ""
        self._looked = -PAUSE
        self._answered = False
        self._ended_by_us: int | None = None

    def poll(self) -> int | None:
        if self._code is None and time.monotonic() - self._looked >= PAUSE:
            self._looked = time.monotonic()
            self._look()
            if self._code is not None:
                notes.remove(self.log)
        return self._code

    def reason(self) -> str:
        return self._reason

    def stop(self) -> None:
        """A keeper that has never answered waits for resources: it is taken out of the queue."""
        self._lost()
        with contextlib.suppress(RayError):
            self.keeper.stop.remote()
            if not self._answered:
                self._ended_by_us = STOPPED
                ray.kill(self.keeper)

    def kill(self) -> None:
        self._ended_by_us = LOST
        with contextlib.suppress(RayError):
            ray.kill(self.keeper)

    def _look(self) -> None:
        """The keeper writes the note before it leaves, so it is read after the keeper was found gone."""
        lost = self._lost()
        note = notes.read(self.log)
        if "code" in note:
            self._code, self._reason = int(note["code"]), str(note.get("reason", ""))
        elif lost is not None and self._ended_by_us is not None:
            self._code = self._ended_by_us
        elif lost is not None:
            self._code, self._reason = LOST, lost

    def _lost(self) -> str | None:
        """What Ray says of a keeper that is gone for good; None while it lives, is made anew or waits for its turn."""
        try:
            ready, _ = ray.wait([self._answer], timeout=0)
            if ready:
                ray.get(self._answer)
                self._answered = True
                self._answer = self.keeper.there.remote()
        except ActorUnavailableError:
            self._answer = self.keeper.there.remote()
        except RayActorError as error:
            return f"Ray lost the training's machine or process: {_sentence(error)}"
        except (RayError, ConnectionError, RuntimeError) as error:
            return f"the Ray cluster can't be reached any more: {_sentence(error)}"
        return None


def _sentence(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
