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
from efgan_kit.components.datasets.photos.framing import (
    Frame,
    cut,
    face_frame,
    into_frame,
    put_back,
    whole_frame,
)
from efgan_kit.components.datasets.photos.labels import INTENSITY, Label
from efgan_kit.editing.labels import LabelFinder

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
    """

    name: str
    sample: FaceSample
    frame: Frame
    read: Callable[[], NDArray[np.uint8]]

    def with_edit(self, edited: Tensor) -> NDArray[np.uint8]:
        """The whole picture with the edited cut `(3, size, size)` in [-1, 1] in its place, uint8 `(H, W, 3)`.

        The edit's change is added, so that what the edit leaves alone keeps every bit.
        """
        return next(self.with_edits([edited]))

    def with_edits(self, edited: Iterable[Tensor]) -> Iterator[NDArray[np.uint8]]:
        """The whole picture with each of several edited cuts, as `with_edit`; it is read once."""
        picture, cut_out = self.read(), self.sample.image.float() / 127.5 - 1
        for cut_in in edited:
            yield put_back(picture, cut_in.cpu() - cut_out, self.frame)


def face_of_photo(path: Path, faces: FaceSpec, finder: LabelFinder, framing: Framing = "auto") -> Face:
    """The face of a labelled photo.

    Args:
        framing: `whole`: the picture is a face; `face`: a square around the face is cut out; `auto`: whole if
            the picture is square and filled by the face.

    Raises:
        EfganError: The picture can't be read, or has no sound labels.
    """
    picture = decode(path)
    label = finder.find(path, picture.size)
    frame = _frame(label, picture.size, framing)
    sample = FaceSample(
        cut(picture, frame, faces.size),
        into_frame(label.landmarks, frame, faces.size),
        torch.from_numpy((label.aus / np.float32(INTENSITY)).clip(0, 1)),
    )
    return Face(path.stem, sample, frame, lambda: np.asarray(decode(path)))


def face_of_data(data: FaceDataset, index: int) -> Face:
    """Face `index` of a data set, in its own picture where it has one."""
    sample, name = data[index], Path(data.names[index]).stem
    if isinstance(data, PhotoFolder):
        path = data.path(index)
        return Face(name, sample, data.frame(index), lambda: np.asarray(decode(path)))
    pixels = sample.image.permute(1, 2, 0).contiguous().numpy()
    return Face(name, sample, whole_frame(pixels.shape[1], pixels.shape[0]), lambda: pixels)


def _frame(label: Label, size: tuple[int, int], framing: Framing) -> Frame:
    width, height = size
    if framing == "auto":
        fills = float(np.linalg.norm(label.landmarks[36] - label.landmarks[45])) / width
        framing = "whole" if width == height and fills >= LEEWAY * FILLS_PICTURE else "face"
    return whole_frame(width, height) if framing == "whole" else face_frame(label.landmarks)
