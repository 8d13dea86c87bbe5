"""A run folder: one training, and everything it leaves behind."""

from __future__ import annotations

import contextlib
import json
import math
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from efgan_kit.errors import EfganError, fail
from efgan_kit.files import flush, flush_folder, unwritable, write_atomically, write_json, writing
from efgan_kit.registry.models import MANIFEST
from efgan_kit.training.holding import alone_in


@attrs.frozen
class RunFolder:
    """The files of one run, by their promised names."""

    path: Path

    @property
    def recipe(self) -> Path:
        return self.path / "recipe.yaml"

    @property
    def lock(self) -> Path:
        return self.path / "lock.json"

    @property
    def log(self) -> Path:
        return self.path / "log.jsonl"

    @property
    def summary(self) -> Path:
        return self.path / "summary.json"

    @property
    def preparation(self) -> Path:
        """How the faces were found and measured, where that is known: photos to edit are then treated the same."""
        return self.path / "preparation.json"

    @property
    def samples(self) -> Path:
        return self.path / "samples"

    @property
    def checkpoints(self) -> Path:
        return self.path / "checkpoints"

    def sheet(self, step: int) -> Path:
        return self.samples / f"{step:07d}.png"

    def bad_step(self, step: int, player: str) -> Path:
        """What is known of an update whose numbers were not finite; a sheet of its faces is beside it."""
        return self.path / "bad_steps" / f"{step:07d}.{player}.json"

    def begun(self) -> bool:
        """Whether this is the folder of a run."""
        return self.recipe.is_file()

    def must_be_free(self) -> None:
        """Raises EfganError if something is there already."""
        if self.path.exists() and (not self.path.is_dir() or any(self.path.iterdir())):
            resumable = "go on with --resume, or choose another --run"
            hint = resumable if self.recipe.exists() else "choose another --run"
            raise fail(str(self.path), "there is something in this folder already", hint)

    def begin(self, recipe: str, lock: Mapping[str, Any], preparation: bytes | None = None) -> None:
        """Make the folder of a new run.

        Args:
            preparation: What is kept of how the faces were prepared, where they were.

        Raises:
            EfganError: Something is there already, or it can't be written; then nothing is left behind.
        """
        self.must_be_free()
        was_there = self.path.exists()
        try:
            self.samples.mkdir(parents=True)
            self.checkpoints.mkdir()
            if preparation is not None:
                write_atomically(self.preparation, preparation)
            write_json(self.lock, lock)
            # The last file: with it, the run has begun.
            write_atomically(self.recipe, recipe.encode())
            flush_folder(self.path.absolute().parent)
        except OSError as error:
            for left in self.path.iterdir() if was_there else [self.path]:
                shutil.rmtree(left, ignore_errors=True)
                with contextlib.suppress(OSError):
                    left.unlink()
            raise unwritable(self.path, error) from error

    def make_room(self) -> None:
        """Clear what a training leaves that was killed while it made its folder: no recipe, no step, nothing to lose.

        Raises:
            EfganError: There is something else in the folder, or another process makes it at this moment.
        """
        if self.begun() or not self.path.exists():
            return
        if not self.path.is_dir():
            raise _no_run(self.path)
        with alone_in(self.path), writing(self.path):
            if not self.begun():
                self._clear()

    def _clear(self) -> None:
        folders = {self.samples, self.checkpoints}
        whole = (self.preparation, self.lock, self.recipe)
        files = {*whole, *(file.with_name(f".{file.name}.part") for file in whole)}
        there = list(self.path.iterdir())
        if any(entry not in files and (entry not in folders or any(entry.iterdir())) for entry in there):
            raise _no_run(self.path)
        for entry in there:
            entry.rmdir() if entry in folders else entry.unlink()

    def must_exist(self) -> None:
        """Raises EfganError if this is not the folder of a run."""
        if (self.path / MANIFEST).is_file():
            what = "is an exported folder: it edits and is measured, but has no critics, optimizers and checkpoints"
            raise fail(str(self.path), what, "give the run that it was exported from")
        if not self.recipe.is_file():
            there = "not the folder of a run: it has no recipe.yaml"
            what = there if self.path.exists() else "no such folder"
            raise fail(str(self.path), what, "a run folder is what `efgan train --run DIR` writes")

    def append_log(self, record: Mapping[str, Any]) -> None:
        """Add a line to the log. Raises EfganError if it can't be written."""
        with writing(self.log), self.log.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")

    def flush_log(self) -> None:
        """Return when the log is on the disk. Raises OSError if it can't be written."""
        if self.log.exists():
            flush(self.log)

    def cut_log(self, step: int) -> list[int]:
        """Drop the log's lines after `step`, and a last line that a killed process left half written.

        Returns:
            The numbers of damaged lines before the last one that is kept, from 1. They are left out: no kill and
            no power cut makes such.
        """
        if not self.log.exists():
            return []
        with writing(self.log):
            lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
            kept = [place for place, line in enumerate(lines) if _step_of(line) <= step]
            text = "".join(lines[place] + "\n" for place in kept)
            if text.encode() != self.log.read_bytes():
                write_atomically(self.log, text.encode())
        return [place + 1 for place in range(kept[-1] if kept else 0) if _step_of(lines[place]) == math.inf]

    def change(self, recipe: str, lock: Mapping[str, Any]) -> None:
        """Let the run go on with another recipe, as `lock` records. Raises EfganError if that can't be written."""
        with writing(self.lock):
            write_json(self.lock, lock)
        with writing(self.recipe):
            write_atomically(self.recipe, recipe.encode())

    def read_lock(self) -> dict[str, Any]:
        """What `lock.json` holds; nothing if there is none, or it can't be read."""
        return _read_mapping(self.lock)

    def write_summary(self, summary: Mapping[str, Any]) -> None:
        """Write `summary.json`. Raises EfganError if it can't be written."""
        with writing(self.summary):
            write_json(self.summary, summary)

    def read_summary(self) -> dict[str, Any]:
        """What `summary.json` holds; nothing if there is none, or it is damaged."""
        summary = _read_mapping(self.summary)
        return summary if type(summary.get("steps")) is int else {}


def _no_run(path: Path) -> EfganError:
    return fail(str(path), "there is something in this folder already, and no run", "remove it")


def _read_mapping(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _step_of(line: str) -> float:
    """The step of a line of the log; infinite if the line is not whole."""
    try:
        step = json.loads(line)["step"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return math.inf
    return step if type(step) is int else math.inf
