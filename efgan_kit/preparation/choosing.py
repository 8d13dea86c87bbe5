"""Which of the faces that were found become faces to train on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import attrs
import numpy as np

from efgan_kit.api import FoundFace
from efgan_kit.components.datasets.photos.fit import BEYOND
from efgan_kit.components.datasets.photos.framing import face_frame
from efgan_kit.preparation.pose import pose_of


@attrs.frozen
class Choice:
    """What a face must be.

    Attributes:
        faces: `largest`: a picture's largest face, or none if it falls short of what follows; `all`: every face.
        min_size: Pixels that the side of the face's frame must have in the picture.
        min_confidence: Of the landmarker. Photo folders leave out faces below 0.5 themselves.
        max_yaw: Degrees by which the head may be turned to a side.
        max_pitch: Degrees by which the head may be raised or bowed.
    """

    faces: Literal["largest", "all"] = "largest"
    min_size: int = 64
    min_confidence: float = 0.5
    max_yaw: float = 45.0
    max_pitch: float = 40.0


@attrs.frozen(eq=False)
class Refused:
    """A face that was found and is not taken, and why."""

    face: FoundFace
    why: str


def choose(found: Sequence[FoundFace], size: tuple[int, int], choice: Choice) -> tuple[list[FoundFace], list[Refused]]:
    """Those of a picture's faces that are taken, and those that fall short.

    Args:
        found: The faces, the largest first.
        size: Width and height of the picture.
    """
    taken: list[FoundFace] = []
    refused: list[Refused] = []
    for face in found if choice.faces == "all" else found[:1]:
        why = shortcoming(face, size, choice)
        if why:
            refused.append(Refused(face, why))
        else:
            taken.append(face)
    return taken, refused


def shortcoming(face: FoundFace, size: tuple[int, int], choice: Choice) -> str:
    """Why a face of a picture of `size` (width, height) is not taken; empty if it is."""
    if face.confidence < choice.min_confidence:
        return f"not surely a face: confidence {face.confidence:.2f}, {choice.min_confidence:g} is wanted"
    side = face_frame(face.landmarks).side
    if side < choice.min_size:
        return f"too small: {side:g} pixels, {choice.min_size} are wanted"
    pitch, yaw, _ = pose_of(face)
    if abs(yaw) > choice.max_yaw:
        return f"turned away: yaw {abs(yaw):.0f} degrees, at most {choice.max_yaw:g} are wanted"
    if abs(pitch) > choice.max_pitch:
        return f"raised or bowed: pitch {abs(pitch):.0f} degrees, at most {choice.max_pitch:g} are wanted"
    outside = np.any((face.landmarks < -0.5) | (face.landmarks > np.array(size) - 0.5), axis=1)
    if outside.mean() > BEYOND:
        return f"cut off by the picture's edge: {int(outside.sum())} of the 68 landmarks lie outside"
    return ""
