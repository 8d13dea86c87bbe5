"""What all visitors of a studio share: the run, its example faces, and what finds faces in photos."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import Final, TypeVar

from efgan_kit.api import FaceDataset
from efgan_kit.components.datasets.photos.listing import PICTURES
from efgan_kit.editing.edited import EditedFace
from efgan_kit.editing.editor import Editor
from efgan_kit.editing.faces import Face
from efgan_kit.editing.finding import Finding
from efgan_kit.editing.photo_files import Photo
from efgan_kit.editing.photos import NumberedFace, faces_in_photo, find_faces
from efgan_kit.editing.requests import edit_subject
from efgan_kit.editing.sources import Sources, Subject
from efgan_kit.editing.targets import Change
from efgan_kit.errors import EfganError, fail
from efgan_kit.preparation import FaceFinder

Result = TypeVar("Result")

EXAMPLES: Final = 8
"""Faces that are offered."""
MOST_OF_ONE: Final = 8
"""Faces of one person that are looked at."""
MOST_STEPS: Final = 6


class Shared:
    """A run that is open for editing. Its methods may be called from any thread.

    They do their work one after the other on a thread of its own: what finds faces wants to be asked from one.

    Args:
        run: The run folder, or an installed model's name, as it was given.
        device: Where to compute.
        photos: A folder of photos, labelled or not, offered in place of the run's test faces.

    Raises:
        EfganError: There is no run, it is damaged, or the folder has no photos.
    """

    def __init__(self, run: Path, device: str = "auto", photos: Path | None = None) -> None:
        self.run = run
        self.editor = Editor.load(run, device, "auto")
        self.photos = photos
        self.finder: FaceFinder | None = None
        self.without_finder = ""
        self._thread = ThreadPoolExecutor(1, "studio")
        self._finding = Finding(self.editor.trained.path)
        self._sources = Sources(self.editor.trained.recipe, finding=self._finding)
        try:
            self.finder = self._alone(lambda: self._finding.finder(run))
        except EfganError as error:
            self.without_finder = "; ".join(fault.hint or fault.what for fault in error.faults)
        if photos is not None and not self.examples:
            raise fail(str(photos), "there are no photos in it")

    @cached_property
    def examples(self) -> list[str]:
        """What a command calls the faces that are offered; empty if the run's test data are gone."""
        if self.photos is not None:
            files = sorted(path for path in self.photos.rglob("*") if path.suffix.lower() in PICTURES)
            return [str(path) for path in files[:EXAMPLES]]
        try:
            return [f"test:{place}" for place in _calmest(self._sources.test_faces)]
        except EfganError:
            return []

    def example(self, place: int) -> Subject:
        """An example's picture and its face. Raises EfganError if it can't be read, or has no labels."""
        return self._alone(lambda: self._sources.subject(self.examples[place]))

    @property
    def modules(self) -> int:
        """Of a cascade; 1 for a single EF-GAN."""
        return self.editor.modules

    @property
    def drawn(self) -> bool:
        """Whether the run has learned from faces drawn by code alone."""
        use = self.editor.trained.recipe.data.get("train")
        return use is not None and use.use == "drawn-faces"

    def find(self, photo: Photo) -> list[NumberedFace]:
        """The faces of a photo, from the left. Raises EfganError if there are none, or nothing can find them."""
        return self._alone(lambda: find_faces(photo, self._finder()))

    def measure(self, photo: Photo, number: int) -> Face:
        """A found face, measured and cut. Raises EfganError if it can't be edited."""
        return self._alone(lambda: faces_in_photo(photo, self.editor, self._finder(), str(number))[0])

    def _finder(self) -> FaceFinder:
        if self.finder is None:
            raise fail("", "nothing here can find faces in photos: edit one of the examples", self.without_finder)
        return self.finder

    def edit(
        self, photo: Photo, face: Face, change: Change, steps: int | None = None, frames: int | None = None
    ) -> Sequence[EditedFace]:
        """The edit of a face, or the way there; arguments as `edit_subject`."""
        subject = Subject(photo, (face,))
        edits = self._alone(lambda: edit_subject(self.editor, subject, change, steps, frames))
        return [of_frame[0] for of_frame in edits]

    def _alone(self, work: Callable[[], Result]) -> Result:
        return self._thread.submit(work).result()

    def close(self) -> None:
        """Let go of what finds faces."""
        self._alone(self._finding.close)
        self._thread.shutdown()


def _calmest(data: FaceDataset) -> list[int]:
    """Of each of the first people the face with the least expression: it shows most of an edit."""
    people: dict[str, list[int]] = {}
    for place, person in enumerate(data.people or data.names):
        people.setdefault(person, []).append(place)
    few = (places[:MOST_OF_ONE] for places in list(people.values())[:EXAMPLES])
    return [min(places, key=lambda place: float(data[place].aus.max())) for places in few]
