"""What one visitor of the studio has opened, chosen and asked for."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from efgan_kit.api import AUSet
from efgan_kit.editing.blending import REGIONS
from efgan_kit.editing.edited import EditedFace
from efgan_kit.editing.faces import Face
from efgan_kit.editing.photo_files import Photo, open_photo
from efgan_kit.editing.photos import NumberedFace
from efgan_kit.editing.requests import shown, with_pasting
from efgan_kit.editing.sources import Subject
from efgan_kit.editing.studio.shared import Shared
from efgan_kit.editing.targets import Change
from efgan_kit.errors import EfganError, fail

STRONGEST: Final = 2.0
"""The highest intensity."""
NEAR: Final = 0.005
"""Sliders go in steps of a hundredth: nearer than this, one stands where the face was measured."""


@attrs.define(eq=False)
class Wish:
    """What is asked of one face of the picture, and what came of it.

    Attributes:
        face: As it was measured.
        units: Sliders that were moved, by AU, in [0, 1].
        intensity: How much of the change is made: 0 none, 1 what the sliders say, more exaggerates.
        regions: Limits the edit to parts of the face; empty for all of it.
        steps: In how many passes; None is the run's own way.
        edited: The edit; None until the first one.
    """

    face: Face
    units: dict[str, float] = attrs.field(factory=dict)
    intensity: float = 1.0
    regions: tuple[str, ...] = ()
    steps: int | None = None
    edited: EditedFace | None = None

    def sliders(self, aus: AUSet) -> dict[str, float]:
        """Where the sliders stand, by AU."""
        return {**self.own(aus), **self.units}

    @property
    def asks(self) -> bool:
        """Whether anything is asked for."""
        return bool(self.units) and self.intensity > 0

    @property
    def placed(self) -> Face:
        """The face, its edit limited to the chosen regions."""
        return with_pasting([self.face], None, self.regions)[0]

    def own(self, aus: AUSet) -> dict[str, float]:
        """The measured AUs."""
        return dict(zip(aus.names, self.face.sample.aus.tolist(), strict=True))

    def change(self, aus: AUSet) -> Change:
        """What the sliders and the intensity ask for."""
        return Change({aus.index(unit): value for unit, value in self.units.items()}, intensity=self.intensity)


class Session:
    """A visitor. Every method leaves the session as it was if it raises.

    Attributes:
        key: Names the session in the addresses of its pictures; nobody can guess it.
        name: What a command calls the picture: a file's name or `test:0`.
        photo: The picture; None until one is opened.
        found: Its faces if it is a photo; empty for an example.
        chosen: The number of the chosen face.
        wishes: By the faces' numbers; those that were never chosen have none.
        turn: Counts the changes.
        opened: The turn at which the picture was opened.
        seconds: How long the last edit took.
    """

    def __init__(self, shared: Shared) -> None:
        self.shared = shared
        self.key = secrets.token_urlsafe(16)
        self.name = ""
        self.photo: Photo | None = None
        self.found: list[NumberedFace] = []
        self.chosen = 0
        self.wishes: dict[int, Wish] = {}
        self.turn = 0
        self.opened = 0
        self.seconds = 0.0

    @property
    def aus(self) -> AUSet:
        return self.shared.editor.aus

    @property
    def wish(self) -> Wish | None:
        """What is asked of the chosen face."""
        return self.wishes.get(self.chosen)

    def open_file(self, path: str | Path, name: str = "") -> None:
        """Open a photo and choose its largest face.

        Args:
            name: What the visitor calls the file.

        Raises:
            EfganError: It is no picture, nothing can find its faces, it has none, or none that can be edited.
        """
        photo = _opened(path, name)
        found = self.shared.find(photo)
        sound = [face for face in found if not face.flaw]
        if not sound:
            largest = max(found, key=lambda face: face.found.area)
            raise fail("", largest.flaw if len(found) == 1 else f"none of its faces can be edited: {largest.flaw}")
        number = max(sound, key=lambda face: face.found.area).number
        self._open(photo, name or Path(path).name, found, Wish(self.shared.measure(photo, number)), number)

    def open_example(self, place: int) -> None:
        """Open one of the examples. Raises EfganError if it can't be read."""
        subject = self.shared.example(place)
        self._open(subject.photo, self.shared.examples[place], [], Wish(subject.faces[0]), 1)

    def _open(self, photo: Photo, name: str, found: list[NumberedFace], wish: Wish, chosen: int) -> None:
        self._edit(photo, wish)
        self.photo, self.name, self.found, self.wishes, self.chosen = photo, name, found, {chosen: wish}, chosen
        self.opened = self.turn

    def choose(self, number: int) -> None:
        """Go on with another face of the photo; the edits of the others stay. Raises EfganError if it has a flaw."""
        face = next(face for face in self.found if face.number == number)
        if face.flaw:
            raise fail("", f"face {number} can't be edited: {face.flaw}")
        if number not in self.wishes:
            assert self.photo is not None
            wish = Wish(self.shared.measure(self.photo, number))
            self._edit(self.photo, wish)
            self.wishes[number] = wish
        self.chosen = number
        self.turn += 1

    def move(self, sliders: Mapping[str, float]) -> None:
        """Ask for AUs; a slider that stands where the face was measured asks for nothing."""
        own = self._wish().own(self.aus)
        moved = {
            unit: min(1.0, max(0.0, float(value)))
            for unit, value in sliders.items()
            if unit in own and abs(value - own[unit]) > NEAR
        }
        self._change(units=moved)

    def express(self, expression: str) -> None:
        """Ask for a preset expression."""
        self.move(dict(zip(self.aus.names, self.aus.expression(expression), strict=True)))

    def resemble(self, other: Face) -> None:
        """Ask for another face's AUs."""
        self.move(dict(zip(self.aus.names, other.sample.aus.tolist(), strict=True)))

    def resemble_file(self, path: str | Path, name: str = "") -> None:
        """Ask for the AUs of the largest face of another photo. Raises EfganError as `open_file` does."""
        photo = _opened(path, name)
        largest = max(self.shared.find(photo), key=lambda face: face.found.area)
        self.resemble(self.shared.measure(photo, largest.number))

    def reset(self) -> None:
        """Ask for nothing."""
        self._change(units={}, intensity=1.0, regions=(), steps=None)

    def limit(self, *, intensity: float = 1.0, regions: Iterable[str] = (), steps: int | None = None) -> None:
        """Say how much of the change is made, where, and in how many steps.

        Args:
            intensity: In [0, `STRONGEST`].
            regions: Empty for the whole face.
            steps: None, or 1 for a single EF-GAN, is the run's own way.
        """
        own_way = steps is None or steps == 1 or self.shared.modules > 1
        self._change(
            intensity=min(STRONGEST, max(0.0, float(intensity))),
            regions=tuple(region for region in regions if region in REGIONS),
            steps=None if own_way else steps,
        )

    def _wish(self) -> Wish:
        if self.wish is None:
            raise fail("", "there is no picture yet: drop a photo, or choose an example")
        return self.wish

    def _change(self, **changes: Any) -> None:
        changed = attrs.evolve(self._wish(), **changes)
        assert self.photo is not None
        self._edit(self.photo, changed)
        self.wishes[self.chosen] = changed

    def _edit(self, photo: Photo, wish: Wish) -> None:
        begun = time.perf_counter()
        wish.edited = self.shared.edit(photo, wish.placed, wish.change(self.aus), wish.steps)[0]
        self.seconds = time.perf_counter() - begun
        self.turn += 1

    @property
    def edits(self) -> list[EditedFace]:
        """The edits of all faces that were chosen, in the order of their numbers."""
        return [wish.edited for _, wish in sorted(self.wishes.items()) if wish.edited is not None]

    @property
    def subject(self) -> Subject:
        """The picture and the faces that were chosen. Raises EfganError if there is no picture."""
        self._wish()
        assert self.photo is not None
        return Subject(self.photo, tuple(wish.face for wish in self.wishes.values()))

    def before(self) -> NDArray[np.uint8]:
        """The picture as it is, uint8 `(H, W, 3)`."""
        return self.subject.photo.pixels

    def after(self) -> NDArray[np.uint8]:
        """The picture with the edits of all its faces, uint8 `(H, W, 3)`."""
        return shown(self.subject, self.edits)


def _opened(path: str | Path, name: str) -> Photo:
    """An uploaded file: messages call it what the visitor does, and nobody looks beside it."""
    try:
        photo = open_photo(path)
    except EfganError as error:
        raise EfganError(*(attrs.evolve(fault, where=name or "the file") for fault in error.faults)) from None
    return attrs.evolve(photo, name=Path(name or path).stem, path=None)
