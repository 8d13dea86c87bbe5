"""Pictures for landmarkers and AU labellers: a drawn face where the subject brings none of its own, and blank ones."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import numpy as np
from numpy.typing import NDArray

from efgan_kit.api import FaceSpec, FoundFace, Picture, au_set
from efgan_kit.components.datasets.drawn_faces import DrawnFaces
from efgan_kit.testing.subject import Subject


def pictures_of(subject: Subject) -> list[Picture]:
    """Pictures with faces, to be written on by nobody: copies of the subject's value `pictures`, or a drawn one."""
    given: Sequence[Picture] = subject.values.get("pictures", ())
    return [_copied(one) for one in given] or [_copied(drawn_face()[0])]


def faces_of(subject: Subject) -> list[tuple[Picture, FoundFace]]:
    """Found faces: copies of the subject's value `faces`, or a drawn one, with landmarks alone."""
    given: Sequence[tuple[Picture, FoundFace]] = subject.values.get("faces", ())
    return [
        (_copied(one), attrs.evolve(face, landmarks=face.landmarks.copy(), signals=dict(face.signals)))
        for one, face in given or [drawn_face()]
    ]


def drawn_face() -> tuple[Picture, FoundFace]:
    """A drawn face of 256 pixels, with its landmarks."""
    sample = DrawnFaces(FaceSpec(256, au_set("openface-17")), people=1, expressions=1)[0]
    pixels = np.ascontiguousarray(sample.image.permute(1, 2, 0).numpy())
    return picture(pixels), FoundFace(sample.landmarks.numpy())


def blank_pictures() -> list[Picture]:
    """Pictures that show nothing: grey, white, and of one pixel."""
    return [
        picture(np.full((*size, 3), grey, np.uint8)) for size, grey in (((96, 128), 128), ((64, 64), 255), ((1, 1), 0))
    ]


def _copied(one: Picture) -> Picture:
    return attrs.evolve(one, pixels=one.pixels.copy())


def picture(pixels: NDArray[np.uint8]) -> Picture:
    """The picture as the program hands it over: Pillow's pixels are read-only."""
    pixels = pixels.copy()
    pixels.setflags(write=False)
    return Picture(pixels)
