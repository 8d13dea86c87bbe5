"""Which faces are meant: photos by their paths, and `test:7`, face 7 of the run's own test faces."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Final

import attrs

from efgan_kit.api import FaceDataset
from efgan_kit.editing.faces import Face, Framing, face_of_data, labelled_face
from efgan_kit.editing.finding import Finding
from efgan_kit.editing.labels import LabelFinder, how_to_label
from efgan_kit.editing.photos import Photo, measured_faces, open_photo
from efgan_kit.errors import EfganError, fail
from efgan_kit.recipe import Recipe, build_dataset

TEST_FACE: Final = re.compile(r"test:(\d+)")
VIDEOS: Final = frozenset({".mp4", ".mov", ".avi", ".mkv", ".webm", ".m4v", ".mpg", ".mpeg"})


@attrs.frozen(eq=False)
class Subject:
    """A picture, and those of its faces that are to be edited.

    Attributes:
        photo: The picture.
        faces: At least one, in the order of their numbers.
    """

    photo: Photo
    faces: tuple[Face, ...]


class Sources:
    """Finds faces for a run.

    Args:
        recipe: The run's.
        labels: A CSV file with the labels of the photos, where these are not found by themselves.
        framing: How faces are cut from labelled photos; `auto` does as the run's training, where its recipe says how.
        finding: Finds the faces of photos without labels; without it, these are refused.
        which: Which faces of a photo are meant: `labelled`, the one that labels speak of, or if there are none the
            largest; otherwise as `faces_in_photo`, whatever labels there are.
    """

    def __init__(
        self,
        recipe: Recipe,
        labels: Path | None = None,
        framing: Framing = "auto",
        finding: Finding | None = None,
        which: str = "labelled",
    ) -> None:
        self.recipe = recipe
        self.finder = LabelFinder(recipe.faces.aus.names, labels)
        self.framing: Framing = framing_of(recipe) if framing == "auto" else framing
        self.finding = finding
        self.which = which

    @cached_property
    def test_faces(self) -> FaceDataset:
        return build_dataset(self.recipe, "test")

    def find(self, word: str | Path) -> Face:
        """The face that is meant: of several, the largest. Raises EfganError if there is none or it can't be used."""
        match = TEST_FACE.fullmatch(str(word))
        if match:
            return self._test_face(int(match[1]))
        return self._faces(self.photo(word), "labelled")[0]

    def subject(self, word: str | Path) -> Subject:
        """The picture and the faces that are meant. Raises EfganError as `find` does."""
        match = TEST_FACE.fullmatch(str(word))
        if match:
            face = self._test_face(int(match[1]))
            return Subject(Photo(face.read(), face.name), (face,))
        photo = self.photo(word)
        return Subject(photo, tuple(self._faces(photo, self.which)))

    def photo(self, word: str | Path) -> Photo:
        """The photo of a path. Raises EfganError if it is none."""
        path = Path(word).expanduser()
        if str(word).startswith("test:") and not path.exists():
            raise fail(str(word), "is not the number of a test face", "test:0 is the first")
        if path.suffix.lower() in VIDEOS:
            raise fail(str(word), "is a video", "a clip is edited by itself: efgan edit CLIP.mp4")
        if os.path.isdir(path):  # noqa: PTH112 - False, and no error, in folders that may not be entered
            raise fail(str(word), "is a folder", "give its pictures, or --data and --pairs")
        if path.suffix.lower() == ".csv" and os.path.isfile(path):  # noqa: PTH113
            raise fail(str(word), "is a CSV file, not a picture", "a batch is given with --targets")
        return open_photo(path)

    def name(self, word: str | Path) -> str:
        """What a file of the picture's edit is called, without its suffix. Raises EfganError for unknown test faces."""
        match = TEST_FACE.fullmatch(str(word))
        return self._test_face(int(match[1])).name if match else Path(word).stem

    def _faces(self, photo: Photo, which: str) -> list[Face]:
        assert photo.path is not None
        why = ""
        if which == "labelled":
            if self.finding is None or self.finder.knows(photo.path):
                return [labelled_face(photo, self.recipe.faces, self.finder, self.framing)]
            which, why = "largest", "has no labels"
        elif self.finding is None:
            raise fail(str(photo.path), f"nothing here finds faces, and {which} of them are wanted")
        try:
            finder = self.finding.finder(photo.path, why)
        except EfganError as error:
            hint = how_to_label(photo.path)
            raise EfganError(*(attrs.evolve(fault, hint=fault.hint or hint) for fault in error.faults)) from None
        return measured_faces(photo, self.recipe.faces, finder, which)

    def _test_face(self, index: int) -> Face:
        if "test" not in self.recipe.data:
            raise fail(f"test:{index}", "the model came without test faces", "name a photo")
        count = len(self.test_faces)
        if index >= count:
            raise fail(f"test:{index}", f"the run has {count} test faces", f"from test:0 to test:{count - 1}")
        return face_of_data(self.test_faces, index)


def framing_of(recipe: Recipe) -> Framing:
    """How the run's training cut its faces out, where its recipe says so."""
    use = recipe.data.get("train")
    named = {part.params["framing"] for part in use.parts() if "framing" in part.params} if use is not None else set()
    fixed = named.pop() if len(named) == 1 else "auto"
    return "whole" if fixed == "whole" else "face" if fixed == "face" else "auto"


def unique_names(faces: Sequence[Face]) -> list[str]:
    """A file name for each face, without a suffix; faces of one name are numbered."""
    return numbered([face.name for face in faces])


def numbered(wanted: Iterable[str]) -> list[str]:
    """File names without a suffix, equal ones numbered."""
    names: list[str] = []
    for stem in wanted:
        name, number = stem, 2
        while name in names:
            name, number = f"{stem}-{number}", number + 1
        names.append(name)
    return names
