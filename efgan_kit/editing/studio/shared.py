"""What all visitors of a studio share: the run, its example faces, and what finds faces in photos."""

from __future__ import annotations

import threading
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
from torch import Tensor

from efgan_kit.api import FaceDataset
from efgan_kit.editing.edited import EditedFace
from efgan_kit.editing.editor import Editor
from efgan_kit.editing.faces import Face
from efgan_kit.editing.photos import NumberedFace, Photo, faces_in_photo, find_faces
from efgan_kit.editing.sources import Sources
from efgan_kit.errors import EfganError, fail
from efgan_kit.preparation import FaceFinder, Preparation, installed_preparation

EXAMPLES: Final = 8
"""Test faces that are offered."""
MOST_OF_ONE: Final = 8
"""Faces of one person that are looked at."""
MOST_STEPS: Final = 6


class Shared:
    """A run that is open for editing. One edit at a time: its methods may be called from any thread.

    Args:
        run: The run folder, as it was given.
        device: Where to compute.

    Raises:
        EfganError: There is no run, or it is damaged.
    """

    def __init__(self, run: Path, device: str = "auto") -> None:
        self.run = run
        self.editor = Editor.load(run, device)
        self.sources = Sources(self.editor.trained.recipe)
        self.finder: FaceFinder | None = None
        self.without_finder = ""
        self._turn = threading.Lock()
        try:
            preparation = Preparation.read(run) or installed_preparation("photos")
            self.finder = FaceFinder(preparation, str(run))
        except EfganError as error:
            self.without_finder = "; ".join(fault.hint or fault.what for fault in error.faults)

    @cached_property
    def examples(self) -> list[tuple[str, Face]]:
        """Test faces of different people, and what a command calls them; empty if the run's test data are gone."""
        try:
            data = self.sources.test_faces
            chosen = _calmest(data)
            return [(f"test:{place}", self.sources.find(f"test:{place}")) for place in chosen]
        except EfganError:
            return []

    @property
    def modules(self) -> int:
        """Of a cascade; 1 for a single EF-GAN."""
        return self.editor.modules

    def find(self, photo: Photo) -> list[NumberedFace]:
        """The faces of a photo, from the left. Raises EfganError if there are none, or nothing can find them."""
        if self.finder is None:
            what = "faces in photos can't be found here: edit one of the examples"
            raise fail("", what, self.without_finder)
        with self._turn:
            return find_faces(photo, self.finder)

    def measure(self, photo: Photo, face: NumberedFace) -> Face:
        """A found face, measured and cut. Raises EfganError if it can't be edited."""
        assert self.finder is not None
        with self._turn:
            return faces_in_photo(photo, self.editor, self.finder, str(face.number))[0]

    def edit(self, face: Face, target_aus: Tensor, steps: int | None = None) -> EditedFace:
        """One edit; arguments as `Editor.edit`."""
        with self._turn:
            return self.editor.edit([face], target_aus[None], steps)[0]

    def path(self, face: Face, target_aus: Tensor, frames: int, steps: int | None = None) -> list[EditedFace]:
        """The way to an edit; arguments as `Editor.path`."""
        with self._turn:
            return list(self.editor.path(face, target_aus, frames, steps))

    def close(self) -> None:
        """Let go of what finds faces."""
        if self.finder is not None:
            self.finder.close()


def _calmest(data: FaceDataset) -> list[int]:
    """Of each of the first people the face with the least expression: it shows most of an edit."""
    people: dict[str, list[int]] = {}
    for place, person in enumerate(data.people or data.names):
        people.setdefault(person, []).append(place)
    few = (places[:MOST_OF_ONE] for places in list(people.values())[:EXAMPLES])
    return [min(places, key=lambda place: float(data[place].aus.sum())) for places in few]


def photo_of(face: Face) -> Photo:
    """The picture of a face that is not a photo's, as a photo."""
    return Photo(np.ascontiguousarray(face.read()), face.name)
