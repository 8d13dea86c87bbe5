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

from efgan_kit.errors import fail
from efgan_kit.files import unwritable, write_atomically, write_json, writing
from efgan_kit.registry.models import MANIFEST


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
            self.recipe.write_text(recipe, encoding="utf-8")
            write_json(self.lock, lock)
        except OSError as error:
            for left in self.path.iterdir() if was_there else [self.path]:
                shutil.rmtree(left, ignore_errors=True)
                with contextlib.suppress(OSError):
                    left.unlink()
            raise unwritable(self.path, error) from error

    def make_room(self) -> None:
        """Clear what a training leaves that was killed while it made its folder: no recipe, no step, nothing to lose.

        Raises:
            EfganError: There is something else in the folder.
        """
        if self.begun() or not self.path.exists():
            return
        folders = {self.samples, self.checkpoints}
        files = {self.preparation, self.preparation.with_name(f".{self.preparation.name}.part")}
        if not self.path.is_dir() or any(
            entry not in files and (entry not in folders or any(entry.iterdir())) for entry in self.path.iterdir()
        ):
            raise fail(str(self.path), "there is something in this folder already, and no run", "remove it")
        shutil.rmtree(self.path)

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

    def cut_log(self, step: int) -> None:
        """Drop the log's lines after `step`, and a last line that a killed process left half written."""
        if not self.log.exists():
            return
        with writing(self.log):
            lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
            kept = [line + "\n" for line in lines if _step_of(line) <= step]
            write_atomically(self.log, "".join(kept).encode())

    def write_summary(self, summary: Mapping[str, Any]) -> None:
        """Write `summary.json`. Raises EfganError if it can't be written."""
        with writing(self.summary):
            write_json(self.summary, summary)

    def read_summary(self) -> dict[str, Any]:
        """What `summary.json` holds; nothing if there is none, or it can't be read."""
        try:
            summary = json.loads(self.summary.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return summary if isinstance(summary, dict) else {}


def _step_of(line: str) -> float:
    """The step of a line of the log; infinite if the line is not whole."""
    try:
        return float(json.loads(line)["step"])
    except (ValueError, KeyError, TypeError):
        return math.inf
