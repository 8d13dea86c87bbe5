"""What `efgan edit` was given, and what of it makes no sense together."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Literal

import attrs
import click

from efgan_kit.cli.clip_options import is_clip, nonsense_of_clips, nonsense_without_clips
from efgan_kit.errors import EfganError, Fault

WISHES: Final = ("--au", "--expression", "--like", "--targets", "--sweep")
"""The options that say what to edit to."""
STEPS: Final = "steps"
"""What --frames without a number stands for."""
LIST: Final = "list"
"""What --faces shows instead of editing."""
REGIONS: Final = ("mouth", "eyes", "nose", "face")


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


class WhichFaces(click.ParamType):
    """`all`, `largest`, `list`, or numbers such as `1,3`."""

    name = "faces"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        words = [word.strip() for word in str(value).split(",")]
        if value not in ("all", "largest", LIST) and not all(w.isdecimal() and int(w) > 0 for w in words):
            what = f"{value!r} is none of all, largest, list and numbers such as 1,3; 1 is the leftmost face."
            self.fail(what, param, ctx)
        return ",".join(words)


@attrs.frozen
class Options:
    """What the command was given."""

    pictures: tuple[str, ...]
    run: str | None
    given_out: Path | None = attrs.field(alias="out")
    au: tuple[str, ...]
    expression: str | None
    like: str | None
    targets: Path | None
    sweep: bool
    relative: bool
    intensity: float
    frames: int | Literal["steps"] | None
    steps: int | None
    data: Path | None
    pairs: Path | None
    labels: Path | None
    framing: Literal["auto", "whole", "face"]
    paste: Literal["auto", "seamless", "exact"]
    metadata: Literal["keep", "drop"]
    device: str
    precision: Literal["auto", "fp32", "bf16"]
    which_faces: str | None
    regions: tuple[str, ...]
    hold: bool
    ease: float
    quality: Literal["source", "high", "lossless"] | None
    no_smooth: bool
    as_json: bool

    @property
    def out(self) -> Path:
        """Where the pictures go; `refuse_nonsense` has seen to it that there is such a place."""
        assert self.given_out is not None
        return self.given_out

    @property
    def read(self) -> list[Path]:
        """The pictures named, with --like's; test faces among them are no files."""
        return [Path(word).expanduser() for word in self._named()]

    @property
    def seamless(self) -> bool | None:
        """How edits are put back; None is as suits each."""
        return None if self.paste == "auto" else self.paste == "seamless"

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

    def _named(self) -> list[str]:
        return [*self.pictures, *([self.like] if self.like else [])]

    @property
    def is_for_clip(self) -> bool:
        """Whether a clip is to be edited."""
        return any(is_clip(word) for word in self.pictures)

    def _nonsense(self) -> Iterator[tuple[str, str, str]]:
        if self.is_for_clip:
            yield from nonsense_of_clips(self)
            return
        yield from nonsense_without_clips(self)
        if self.given_out is None and self.which_faces != LIST:
            yield ("--out", "is missing", "say where the edited picture goes")
        if self.pairs or self.data:
            yield from self._nonsense_beside_pairs()
        elif self.which_faces == LIST:
            yield from self._nonsense_beside_list()
        else:
            yield from self._nonsense_beside_pictures()
        if self.labels and self.which_faces not in (None, LIST):
            yield ("--labels", "does not go with --faces: it says which face is meant", "leave one of them out")

    def _nonsense_beside_pairs(self) -> Iterator[tuple[str, str, str]]:
        if self.pairs is None:
            yield ("--data", "goes with --pairs", "give a CSV file with columns source,truth")
        if self.data is None:
            yield ("--pairs", "goes with --data", "give the folder that its pictures are in")
        for name in self.wishes:
            yield (name, "says nothing beside --pairs: each line's truth gives the AUs", "leave it out")
        for picture in self.pictures[:1]:
            yield (picture, "a face beside --pairs", "the CSV file names the faces: leave it out")
        others: dict[str, object] = {"--frames": self.frames, "--relative": self.relative, "--labels": self.labels}
        others |= {"--faces": self.which_faces, "--intensity": self.intensity != 1}
        others |= {"--region": self.regions, "--paste": self.paste == "seamless"}
        for name in [name for name, value in others.items() if value]:
            yield (name, "does not go with --pairs", "leave it out")

    def _nonsense_beside_list(self) -> Iterator[tuple[str, str, str]]:
        for name in [*self.wishes, *(["--frames"] if self.frames else [])]:
            yield (name, "does not go with --faces list, which edits nothing", "leave it out")
        if len(self.pictures) != 1:
            yield ("--faces list", f"shows the faces of one photo, and {len(self.pictures)} are given", "")

    def _nonsense_beside_pictures(self) -> Iterator[tuple[str, str, str]]:
        if len(self.wishes) != 1:
            what = "nothing says what to edit to"
            if self.wishes:
                what = f"{' and '.join(self.wishes)} exclude each other"
            yield ("efgan edit", what, f"give one of {', '.join(WISHES)}, or --data and --pairs")
        for picture in self.pictures[:1] if self.targets else ():
            yield (picture, "a face beside --targets", "the CSV file names the faces: leave it out")
        if not self.targets and not self.pictures:
            yield ("efgan edit", "no face is given", "name a photo, or test:0 for the run's first test face")
        if self.relative and not (self.au or self.expression):
            yield ("--relative", "goes with --au or --expression", "leave it out")
        if self.labels and self.pictures and all(word.startswith("test:") for word in self._named()):
            yield ("--labels", "says nothing of test faces: they have labels", "leave it out")
        if self.frames and (self.sweep or self.targets):
            name = "--sweep" if self.sweep else "--targets"
            yield ("--frames", f"does not go with {name}", "leave it out")
        if self.intensity != 1 and self.sweep:
            yield ("--intensity", "does not go with --sweep", "leave it out")
