"""Processes that look at plugins, each with a time limit: whatever a plugin does, it does it to its own."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs


@attrs.frozen
class Seen:
    """What a process wrote down.

    Attributes:
        records: Its lines.
        unfinished: What it had begun and not ended; empty if it came to its end.
        ending: How it ended then, in words.
    """

    records: tuple[dict[str, Any], ...]
    unfinished: str
    ending: str

    def of(self, key: str) -> list[dict[str, Any]]:
        """The records that have a key."""
        return [record for record in self.records if key in record]

    def value(self, key: str) -> Any:
        """What the first record says that has a key; None if there is none."""
        return next((record[key] for record in self.of(key)), None)


def look(module: str, task: Mapping[str, Any], *, limit: float, environment: Mapping[str, str] | None = None) -> Seen:
    """Run `python -m MODULE` on a task, for at most `limit` seconds."""
    with tempfile.TemporaryDirectory(prefix="efgan-doctor-") as folder:
        record = Path(folder) / "record.jsonl"
        record.touch()
        code = _run(module, {**task, "record": str(record)}, Path(folder), limit, environment or {})
        records = tuple(_lines(record))
        last_words = (Path(folder) / "stderr").read_text(encoding="utf-8", errors="replace").strip()
    return Seen(records, *_ending(records, code, limit, last_words))


def _run(module: str, task: Mapping[str, Any], folder: Path, limit: float, extra: Mapping[str, str]) -> int | None:
    """The exit code; None if the time was over."""
    environment = {**os.environ, **extra, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    command = [sys.executable, "-P", "-m", module, json.dumps(task)]
    with (folder / "stdout").open("w+b") as out, (folder / "stderr").open("w+b") as err:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=environment, start_new_session=True
        )
        try:
            return process.wait(limit)
        except subprocess.TimeoutExpired:
            return None
        finally:
            if hasattr(os, "killpg"):  # with what it may have started itself
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(process.pid, signal.SIGKILL)
            process.kill()
            process.wait()


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        with contextlib.suppress(ValueError):  # cut short as the process was ended
            yield json.loads(line)


def _ending(records: tuple[dict[str, Any], ...], code: int | None, limit: float, last_words: str) -> tuple[str, str]:
    begun = [record["begun"] for record in records if "begun" in record]
    ended = {record["ended"] for record in records if "ended" in record}
    unfinished = next((step for step in reversed(begun) if step not in ended), "")
    if code is None:
        return unfinished or "the end of the process", f"it had not ended after {limit:g} s"
    if code < 0:
        return unfinished or "the end of the process", f"it ended the process by {signal.Signals(-code).name}"
    if unfinished:
        return unfinished, f"it ended the process with exit code {code} (os._exit, or a crash)"
    if code:
        return "the end of the process", f"exit code {code}: {last_words[-300:]}"
    return "", ""
