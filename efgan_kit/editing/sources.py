"""Which faces are meant: photos by their paths, and `test:7`, face 7 of the run's own test faces."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Final

from efgan_kit.api import FaceDataset
from efgan_kit.editing.faces import Face, Framing, face_of_data, face_of_photo
from efgan_kit.editing.labels import LabelFinder
from efgan_kit.errors import EfganError, Fault, fail
from efgan_kit.recipe import Recipe, build_dataset

TEST_FACE: Final = re.compile(r"test:(\d+)")
VIDEOS: Final = frozenset({".mp4", ".mov", ".avi", ".mkv", ".webm", ".m4v", ".mpg", ".mpeg"})


class Sources:
    """Finds faces for a run.

    Args:
        recipe: The run's.
        labels: A CSV file with the labels of the photos, where these are not found by themselves.
        framing: How faces are cut from photos; `auto` does as the run's training, where its recipe says how.
    """

    def __init__(self, recipe: Recipe, labels: Path | None = None, framing: Framing = "auto") -> None:
        self.recipe = recipe
        self.finder = LabelFinder(recipe.faces.aus.names, labels)
        self.framing: Framing = framing_of(recipe) if framing == "auto" else framing

    @cached_property
    def test_faces(self) -> FaceDataset:
        return build_dataset(self.recipe, "test")

    def find(self, word: str | Path) -> Face:
        """The face that is meant. Raises EfganError if there is none, or it has no labels."""
        match = TEST_FACE.fullmatch(str(word))
        if match:
            return self._test_face(int(match[1]))
        path = Path(word).expanduser()
        if str(word).startswith("test:") and not path.exists():
            raise fail(str(word), "is not the number of a test face", "test:0 is the first")
        if path.suffix.lower() in VIDEOS:
            raise fail(str(word), "is a video", "this version edits pictures: give its frames, one file each")
        if path.is_dir():
            hint = "give its pictures, or --data and --pairs"
            raise fail(str(word), "is a folder", hint)
        if path.is_file() and path.suffix.lower() == ".csv":
            raise fail(str(word), "is a CSV file, not a picture", "a batch is given with --targets")
        return face_of_photo(path, self.recipe.faces, self.finder, self.framing)

    def find_all(self, words: Sequence[str]) -> list[Face]:
        """The faces that are meant. Raises EfganError with the faults of all of them."""
        faces: list[Face] = []
        faults: list[Fault] = []
        for word in words:
            try:
                faces.append(self.find(word))
            except EfganError as error:
                faults += [fault for fault in error.faults if fault not in faults]
        if faults:
            raise EfganError(*faults)
        return faces

    def _test_face(self, index: int) -> Face:
        count = len(self.test_faces)
        if index >= count:
            raise fail(f"test:{index}", f"the run has {count} test faces", f"from test:0 to test:{count - 1}")
        return face_of_data(self.test_faces, index)


def framing_of(recipe: Recipe) -> Framing:
    """How the run's training cut its faces out, where its recipe says so."""
    use = recipe.data.get("train")
    fixed = use.params.get("framing", "auto") if use is not None else "auto"
    return "whole" if fixed == "whole" else "face" if fixed == "face" else "auto"


def unique_names(faces: Sequence[Face]) -> list[str]:
    """A file name for each face, without a suffix; faces of one name are numbered."""
    names: list[str] = []
    for face in faces:
        name, number = face.name, 2
        while name in names:
            name, number = f"{face.name}-{number}", number + 1
        names.append(name)
    return names
