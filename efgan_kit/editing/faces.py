"""Faces to edit: each knows its cut for the graph, and the whole picture that the edit goes back into."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final, Literal

import attrs
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from efgan_kit.api import FaceDataset, FaceSample, FaceSpec
from efgan_kit.components.datasets.photo_folder import FILLS_PICTURE, PhotoFolder
from efgan_kit.components.datasets.photos.decode import decode
from efgan_kit.components.datasets.photos.framing import Frame, cut, face_frame, into_frame, whole_frame
from efgan_kit.components.datasets.photos.labels import INTENSITY, Label
from efgan_kit.editing.blending import EXACT, SEAMLESS, Pasting
from efgan_kit.editing.labels import LabelFinder
from efgan_kit.editing.pasting import put_back
from efgan_kit.editing.photo_files import Photo, open_photo

Framing = Literal["auto", "whole", "face"]

LEEWAY: Final = 0.85
"""One face of a folder of face crops may fill its picture a little less than the folder's middle does."""


@attrs.frozen(eq=False)
class Face:
    """A face in its picture.

    Attributes:
        name: What messages and files call it.
        sample: The face as the graph sees it.
        frame: Where in the picture it was cut from.
        read: Reads the whole picture, uint8 `(H, W, 3)`.
        pasting: How an edit is put back.
        number: Its place among the faces of its photo, from the left, from 1; 0 where nobody counted.
        warnings: Why its edit may look bad.
    """

    name: str
    sample: FaceSample
    frame: Frame
    read: Callable[[], NDArray[np.uint8]]
    pasting: Pasting = EXACT
    number: int = 0
    warnings: tuple[str, ...] = ()

    def change(self, edited: Tensor, attention: Tensor | None = None) -> Tensor:
        """What is added to the cut, `(3, size, size)`, for the graph's `edited` cut of that shape in [-1, 1].

        Args:
            attention: `(1, size, size)` in [0, 1].
        """
        cut_out = self.sample.image.float() / 127.5 - 1
        return self.pasting.change(edited.cpu() - cut_out, self.sample.landmarks, attention)

    def with_edits(self, edited: Iterable[Tensor], attention: Tensor | None = None) -> Iterator[NDArray[np.uint8]]:
        """The whole picture, uint8 `(H, W, 3)`, with each of several edited cuts; it is read once.

        Only the edit's change is added, so that what it leaves alone keeps every bit.
        """
        picture = self.read()
        for cut_in in edited:
            yield put_back(picture, self.change(cut_in, attention), self.frame)


def face_of_photo(path: Path, faces: FaceSpec, finder: LabelFinder, framing: Framing = "auto") -> Face:
    """The face of a labelled photo: `labelled_face` of the file. Raises EfganError as that and `open_photo` do."""
    photo = open_photo(path)
    return attrs.evolve(labelled_face(photo, faces, finder, framing), read=lambda: open_photo(path).pixels)


def labelled_face(photo: Photo, faces: FaceSpec, finder: LabelFinder, framing: Framing = "auto") -> Face:
    """The face of a photo that has labels.

    Args:
        framing: `whole`: the picture is a face; `face`: a square around the face is cut out; `auto`: whole if
            the picture is square and filled by the face.

    Raises:
        EfganError: There are no sound labels.
    """
    assert photo.path is not None, "labels are found by the file's path"
    label = finder.find(photo.path, photo.size)
    whole = _is_whole(label, photo.size, framing)
    frame = whole_frame(*photo.size) if whole else face_frame(label.landmarks)
    sample = FaceSample(
        cut(photo.pixels, frame, faces.size),
        into_frame(label.landmarks, frame, faces.size),
        torch.from_numpy((label.aus / np.float32(INTENSITY)).clip(0, 1)),
    )
    # A picture that is a face has no surroundings that an edit could stand out from.
    return Face(photo.name, sample, frame, lambda: photo.pixels, EXACT if whole else SEAMLESS)


def face_of_data(data: FaceDataset, index: int) -> Face:
    """Face `index` of a data set, in its own picture where it has one."""
    sample, name = data[index], Path(data.names[index]).stem
    if isinstance(data, PhotoFolder):
        path = data.path(index)
        return Face(name, sample, data.frame(index), lambda: np.asarray(decode(path)))
    pixels = sample.image.permute(1, 2, 0).contiguous().numpy()
    return Face(name, sample, whole_frame(pixels.shape[1], pixels.shape[0]), lambda: pixels)


def _is_whole(label: Label, size: tuple[int, int], framing: Framing) -> bool:
    """Whether the picture is a face, rather than one around a face."""
    width, height = size
    if framing == "auto":
        fills = float(np.linalg.norm(label.landmarks[36] - label.landmarks[45])) / width
        return width == height and fills >= LEEWAY * FILLS_PICTURE
    return framing == "whole"
