"""What `efgan edit` was given, and what of it makes no sense together."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Literal

import attrs
import click

from efgan_kit.errors import EfganError, Fault

WISHES: Final = ("--au", "--expression", "--like", "--targets", "--sweep")
"""The options that say what to edit to."""
STEPS: Final = "steps"
"""What --frames without a number stands for."""


class Frames(click.ParamType):
    """A number of frames, or `STEPS`."""

    name = "frames"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int | str:
        if value == STEPS:
            return STEPS
        try:
            number = int(value)
        except ValueError:
            what = f"{value!r} is not a number of frames; without a number, write --frames at the end."
            self.fail(what, param, ctx)
        return click.IntRange(2, 200).convert(number, param, ctx)


@attrs.frozen
class Options:
    """What the command was given."""

    faces: tuple[str, ...]
    run: str | None
    out: Path
    au: tuple[str, ...]
    expression: str | None
    like: str | None
    targets: Path | None
    sweep: bool
    relative: bool
    frames: int | Literal["steps"] | None
    steps: int | None
    data: Path | None
    pairs: Path | None
    labels: Path | None
    framing: Literal["auto", "whole", "face"]
    device: str
    which_faces: str | None

    def refuse_nonsense(self) -> None:
        """Raises EfganError with everything that is wrong with the options, before anything is read."""
        faults = [Fault(*parts) for parts in self._nonsense()]
        if faults:
            raise EfganError(*faults)

    @property
    def wishes(self) -> list[str]:
        """The options given that say what to edit to."""
        given = (self.au, self.expression, self.like, self.targets, self.sweep)
        return [name for name, value in zip(WISHES, given, strict=True) if value]

    def _named_faces(self) -> list[str]:
        return [*self.faces, *([self.like] if self.like else [])]

    def _nonsense(self) -> Iterator[tuple[str, str, str]]:
        if self.which_faces is not None:
            what = "choosing among the faces of a photo is not in this version"
            yield ("--faces", what, "the labels say which face is meant: leave it out")
        yield from self._nonsense_beside_pairs() if self.pairs or self.data else self._nonsense_beside_faces()

    def _nonsense_beside_pairs(self) -> Iterator[tuple[str, str, str]]:
        if self.pairs is None:
            yield ("--data", "goes with --pairs", "give a CSV file with columns source,truth")
        if self.data is None:
            yield ("--pairs", "goes with --data", "give the folder that its pictures are in")
        for name in self.wishes:
            yield (name, "says nothing beside --pairs: each line's truth gives the AUs", "leave it out")
        for face in self.faces[:1]:
            yield (face, "a face beside --pairs", "the CSV file names the faces: leave it out")
        others = {"--frames": self.frames, "--relative": self.relative, "--labels": self.labels}
        for name in [name for name, value in others.items() if value]:
            yield (name, "does not go with --pairs", "leave it out")

    def _nonsense_beside_faces(self) -> Iterator[tuple[str, str, str]]:
        if len(self.wishes) != 1:
            what = "nothing says what to edit to"
            if self.wishes:
                what = f"{' and '.join(self.wishes)} exclude each other"
            yield ("efgan edit", what, f"give one of {', '.join(WISHES)}, or --data and --pairs")
        for face in self.faces[:1] if self.targets else ():
            yield (face, "a face beside --targets", "the CSV file names the faces: leave it out")
        if not self.targets and not self.faces:
            yield ("efgan edit", "no face is given", "name a photo, or test:0 for the run's first test face")
        if self.relative and not (self.au or self.expression):
            yield ("--relative", "goes with --au or --expression", "leave it out")
        if self.labels and self.faces and all(face.startswith("test:") for face in self._named_faces()):
            yield ("--labels", "says nothing of test faces: they have labels", "leave it out")
        if self.frames and (self.sweep or self.targets):
            name = "--sweep" if self.sweep else "--targets"
            yield ("--frames", f"does not go with {name}", "leave it out")
