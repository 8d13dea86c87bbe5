"""Photographs in a folder, with landmarks and AUs as OpenFace measures them."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import torch

from efgan_kit.api import FaceSample, FaceSpec, Fault, fail

from .face_cache import FaceCache
from .photos.findings import Findings
from .photos.folder import Folder, Photo, read_folder
from .photos.framing import Frame, face_frame, into_frame, whole_frame
from .photos.naming import Naming
from .photos.reading import kept_face
from .photos.split import consecutive_pairs, people_who_test

log = logging.getLogger(__name__)


@contextlib.contextmanager
def unspoken() -> Iterator[None]:
    """Within, the warnings of a folder that is read are not logged: they stand in `PhotoFolder.warnings`."""
    before = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(before)

FILLS_PICTURE = 0.30
"""Outer eye corners' distance over the picture's side, from which a square picture counts as a face crop."""

MAGNIFIED = 2
"""Faces enlarged by more than this are blurred enough to warn of."""


class PhotoFolder:
    """Faces of a photo folder: pictures anywhere below its root, labels as OpenFace writes them.

    The labels are `labels.csv` (a column `image`, the path relative to the file's folder, and OpenFace's own
    columns `AU01_r`.. in 0..5, `x_0`..`x_67`, `y_0`..`y_67` in pixels; optional `confidence`, `success`,
    `person`), or the CSV files that FaceLandmarkImg writes for each picture, of several faces the one with
    the highest confidence. Faces that OpenFace is less than 0.5 confident of are left out. Without the column
    `person` each picture is a person of its own, unless pairs.csv joins it with another.

    The constructor reads and checks everything, decodes every picture once, and remembers that it did. Faces are
    decoded when first asked for and kept on disk as their pixels, for all trainings that see them alike.

    Attributes:
        names: The pictures' paths relative to the root.
        people: Whose face each is.
        pairs: From pairs.csv, those with both pictures in the split; without that file, each picture of a
        person
            with that person's next.
        framing: The framing that was used, `whole` or `face`.
        preparation: The preparation.json that `efgan data prepare` left beside the labels, or None.
        aus: The AU set; `au_vectors` are all faces' AUs `(N, A)` in [0, 1], without reading a picture.
        warnings: What was found that does not stop the training.

    Raises:
        EfganError: With every fault of the folder, each naming file, line and column, or the picture.
    """

    @staticmethod
    def example(folder: Path) -> Mapping[str, str]:
        """A folder of four drawn faces."""
        from efgan_kit.components.datasets.drawing.sample_photos import sample_photos

        return sample_photos(folder)

    def __init__(
        self,
        faces: FaceSpec,
        _naming: Naming | None = None,
        *,
        root: str,
        split: Literal["all", "train", "test"] = "all",
        test_share: float = 0.1,
        seed: int = 0,
        framing: Literal["auto", "whole", "face"] = "auto",
        pairs: str | None = None,
        cache_gb: float = 4.0,
    ) -> None:
        """Read and check a photo folder.

        Args:
            faces: Size of the faces, and the AUs of the vectors.
            _naming: For data sets whose file names say who is who: it chooses pictures, people and pairs.
            root: The folder.
            split: Whose faces: everybody's, or those of the people on one side of the split.
            test_share: About which share of the people tests.
            seed: Another seed is another split.
            framing: `whole`: each picture is a face and is resized; `face`: a square around the face is cut
            out;
                `auto`: whole if the pictures are square and filled by their faces.
            pairs: A CSV file with columns `source,truth` in place of the folder's own pairs.csv.
            cache_gb: Disk space for decoded faces of this size, in GB, shared by all photo folders; faces that find no
                room are decoded each time.
        """
        _check_choices(split, framing, test_share)
        folder = read_folder(root, [*faces.aus.names], pairs, _naming)
        self.size, self.aus = faces.size, faces.aus
        self.root, self.preparation = folder.root, folder.preparation
        # One decision for the folder, whatever the split, so that training and test faces look alike.
        self.framing: Literal["whole", "face"] = _choose_framing(folder) if framing == "auto" else framing
        self._photos = folder.photos
        if split != "all":
            testing = people_who_test([photo.person for photo in folder.photos], test_share, seed)
            self._photos = tuple(p for p in folder.photos if (p.person in testing) == (split == "test"))
        self.names: Sequence[str] = tuple(photo.name for photo in self._photos)
        self.people: Sequence[str] = tuple(photo.person for photo in self._photos)
        self.pairs: Sequence[tuple[int, int]] = _pairs(folder, self.names, self.people)
        self.au_vectors = torch.from_numpy(np.stack([photo.aus for photo in self._photos]))
        self.warnings = (*folder.warnings, *self._warnings_of_size())
        for warning in self.warnings if split != "test" else ():  # the training split has said it
            log.warning("%s: %s", root, warning)
        self._cache = FaceCache(f"photos-{self.size}", length=3 * self.size**2, gb=cache_gb)

    @property
    def keeps_faces(self) -> bool:
        """Whether a face that was decoded once lies on disk."""
        return self._cache.keeps

    def __len__(self) -> int:
        return len(self._photos)

    def __getitem__(self, index: int) -> FaceSample:
        index = range(len(self))[index]  # negative indices, and IndexError for what is beyond
        photo = self._photos[index]
        frame = self.frame(index)
        pixels = kept_face(self._cache, photo.content, self.path(index), photo.width, frame, self.size)
        landmarks = into_frame(photo.landmarks, frame, self.size)
        return FaceSample(torch.from_numpy(pixels), landmarks, torch.tensor(photo.aus))

    def frame(self, index: int) -> Frame:
        """The box of face `index` in its picture; `efgan_kit.editing.pasting` brings an edit back there."""
        photo = self._photos[index]
        if self.framing == "whole":
            return whole_frame(photo.width, photo.height)
        return face_frame(photo.landmarks)

    def path(self, index: int) -> Path:
        """The picture's file."""
        return self.root / self._photos[index].name

    def _warnings_of_size(self) -> list[Fault]:
        small = [name for i, name in enumerate(self.names) if self.frame(i).side < self.size / MAGNIFIED]
        findings = Findings()
        what = f"the face is magnified more than {MAGNIFIED} times to {self.size} pixels"
        findings.warn_of_several(small, what, "choose larger pictures or a smaller faces.size")
        return findings.warnings


def _check_choices(split: str, framing: str, test_share: float) -> None:
    if split not in ("all", "train", "test"):
        raise fail("split", f"'{split}' is none of all, train, test")
    if framing not in ("auto", "whole", "face"):
        raise fail("framing", f"'{framing}' is none of auto, whole, face")
    if not 0 < test_share < 1:
        raise fail("test_share", f"{test_share} is not between 0 and 1")


def _choose_framing(folder: Folder) -> Literal["whole", "face"]:
    def fills(photo: Photo) -> float:
        return float(np.linalg.norm(photo.landmarks[36] - photo.landmarks[45])) / photo.width

    square = all(photo.width == photo.height for photo in folder.photos)
    return "whole" if square and np.median([*map(fills, folder.photos)]) >= FILLS_PICTURE else "face"


def _pairs(folder: Folder, names: Sequence[str], people: Sequence[str]) -> tuple[tuple[int, int], ...]:
    if folder.pairs is None:
        return tuple(consecutive_pairs(people))
    position = {name: index for index, name in enumerate(names)}
    return tuple((position[s], position[t]) for s, t in folder.pairs if s in position and t in position)
