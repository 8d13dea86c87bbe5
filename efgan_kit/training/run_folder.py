"""A run folder: one training, and everything it leaves behind."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from efgan_kit.errors import fail


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
    def samples(self) -> Path:
        return self.path / "samples"

    @property
    def checkpoints(self) -> Path:
        return self.path / "checkpoints"

    def sheet(self, step: int) -> Path:
        return self.samples / f"{step:07d}.png"

    def begin(self, recipe: str, lock: Mapping[str, Any]) -> None:
        """Make the folder of a new run. Raises EfganError if something is there already, or it can't be written."""
        if self.path.exists() and (not self.path.is_dir() or any(self.path.iterdir())):
            hint = "go on with --resume, or choose another --run" if self.recipe.exists() else "choose another --run"
            raise fail(str(self.path), "there is something in this folder already", hint)
        try:
            self.samples.mkdir(parents=True)
            self.checkpoints.mkdir()
            self.recipe.write_text(recipe, encoding="utf-8")
            write_json(self.lock, lock)
        except OSError as error:
            raise fail(str(self.path), f"the run folder can't be written: {error.strerror}") from error

    def must_exist(self) -> None:
        """Raises EfganError if this is not the folder of a run."""
        if not self.recipe.is_file():
            what = "not the folder of a run: it has no recipe.yaml" if self.path.exists() else "no such folder"
            raise fail(str(self.path), what, "a run folder is what `efgan train --run DIR` writes")

    def append_log(self, record: Mapping[str, Any]) -> None:
        with self.log.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")

    def cut_log(self, step: int) -> None:
        """Drop the log's lines after `step`, and a last line that a killed process left half written."""
        if not self.log.exists():
            return
        kept = []
        for line in self.log.read_text(encoding="utf-8").splitlines():
            try:
                if json.loads(line)["step"] <= step:
                    kept.append(line + "\n")
            except (json.JSONDecodeError, KeyError, TypeError):
                continue
        write_atomically(self.log, "".join(kept).encode())


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write a JSON document, complete or not at all."""
    write_atomically(path, (json.dumps(content, indent=2) + "\n").encode())


def write_atomically(path: Path, content: bytes) -> None:
    temporary = path.with_name(f".{path.name}.part")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
