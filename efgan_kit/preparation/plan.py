"""What a preparation of a folder is asked to do, and where: what must stay the same for it to be gone on with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import attrs

from efgan_kit.errors import EfganError, Fault, fail
from efgan_kit.files import write_json, writing
from efgan_kit.preparation.choosing import Choice
from efgan_kit.preparation.crops import Cropping
from efgan_kit.preparation.record import Preparation

WORK: Final = ".preparation"
"""The folder, below the one that is written, of what is needed to go on."""
FORMAT: Final = 1


@attrs.frozen
class Plan:
    """A folder to be prepared.

    Attributes:
        photos: Where the photos are.
        out: The photo folder to be written.
    """

    photos: Path
    out: Path
    preparation: Preparation
    choice: Choice = attrs.field(factory=Choice)
    cropping: Cropping = attrs.field(factory=Cropping)

    @property
    def work(self) -> Path:
        return self.out / WORK

    def settings(self) -> dict[str, Any]:
        """All that decides what is written, as plain values under the names of the options."""
        parts = {"landmarks": self.preparation.landmarker, "aus": self.preparation.labeller}
        settings: dict[str, Any] = {"photos": str(self.photos.expanduser().resolve())}
        for name, part in parts.items():
            settings[name] = part.use
            settings[f"{name} plugin"] = part.origin
            settings |= {f"{name}-option {key}": value for key, value in part.params.items()}
        chosen = {**attrs.asdict(self.choice), **attrs.asdict(self.cropping)}
        settings["level"] = self.preparation.level
        return json.loads(json.dumps(settings | {key.replace("_", "-"): value for key, value in chosen.items()}))

    @property
    def _file(self) -> Path:
        return self.work / "settings.json"

    def check(self) -> None:
        """Raises EfganError unless the folder to be written is new, empty, or one that this plan was begun in."""
        if self.out.exists() and not self.out.is_dir():
            raise fail(str(self.out), "is a file", "name a folder")
        photos, out = self.photos.expanduser().resolve(), self.out.expanduser().resolve()
        if out == photos or out in photos.parents:
            raise fail(str(self.out), "holds the photos themselves", "give a new folder: nothing is overwritten")
        if self._file.exists():
            _must_agree(self.out, _read(self._file), self.settings())
            return
        occupied = [path for path in self.out.iterdir() if path.name != WORK] if self.out.exists() else []
        if occupied:
            raise fail(str(self.out), "is not empty", "give a new folder: nothing is overwritten")

    def begin(self) -> None:
        """Take hold of the folder to be written. Raises EfganError as `check` does, or if it can't be written."""
        self.check()
        if not self._file.exists():
            with writing(self._file):
                self.work.mkdir(parents=True, exist_ok=True)
                write_json(self._file, {"format": FORMAT, "settings": self.settings()})


def _read(file: Path) -> Mapping[str, Any]:
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
        if kept["format"] != FORMAT:
            raise ValueError(f"format {kept['format']}")
        return dict(kept["settings"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise fail(str(file), f"is damaged: {error}", "give a new folder") from error


def _must_agree(out: Path, before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    differing = [name for name in {**before, **now} if before.get(name) != now.get(name)]
    if differing:
        hint = "repeat the command with what it was begun with, or give a new --out"
        whats = [f"was begun with {_said(name, before)}, now {_said(name, now)}" for name in differing]
        raise EfganError(*(Fault(str(out), what, hint) for what in whats))


def _said(name: str, settings: Mapping[str, Any]) -> str:
    return f"{name} {settings[name]}" if name in settings else f"no {name}"
