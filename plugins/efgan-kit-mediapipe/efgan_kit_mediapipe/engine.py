"""MediaPipe's two tasks, made once and asked picture by picture: where faces may be, and the mesh of one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from weakref import finalize

import attrs
import numpy as np
from numpy.typing import NDArray

from efgan_kit.api import fail
from efgan_kit_mediapipe.geometry import measures
from efgan_kit_mediapipe.model import Model
from efgan_kit_mediapipe.quiet import quiet
from efgan_kit_mediapipe.tiles import Box

POINTS: Final = 478
LIBRARIES: Final = "on Debian and Ubuntu: apt-get install libegl1 libgles2"


@attrs.frozen(eq=False)
class Mesh:
    """A face as MediaPipe's landmarker sees it.

    Attributes:
        points: float64 `(478, 3)`, x and y in pixels, (0, 0) the centre of the first; z on the scale of x, smaller is
            nearer.
        matrix: `(4, 4)`: from the canonical face to the camera, both with x to the right, y up and z to the viewer.
        blendshapes: Scores in [0, 1] by ARKit's names.
    """

    points: NDArray[np.float64]
    matrix: NDArray[np.float64]
    blendshapes: Mapping[str, float]

    @property
    def signals(self) -> dict[str, float]:
        """Blendshapes, and what else the mesh tells of expressions, by name."""
        return {**self.blendshapes, **measures(self.points, self.matrix)}


class Engine:
    """The detector and the landmarker. Each picture is looked at for itself.

    Args:
        model: Made of this.
        confidence: The least that either has to say of a face, in [0, 1].

    Raises:
        EfganError: MediaPipe is not installed, or lacks libraries of the system.
    """

    def __init__(self, model: Model, confidence: float) -> None:
        try:
            with quiet():
                self._make(model, confidence)
        except ImportError as error:
            raise fail("mediapipe", f"can't be imported: {error}", "pip install 'mediapipe>=1.2'") from error
        except OSError as error:
            raise fail("mediapipe", f"a library of the system is missing: {error}", LIBRARIES) from error
        except (RuntimeError, ValueError) as error:
            raise fail(str(model.path), f"MediaPipe can't work with this model: {error}") from error
        # Also at the interpreter's end: MediaPipe's own clearing up comes too late there, and fails.
        self._closing = finalize(self, _close, self._detector, self._landmarker)

    def _make(self, model: Model, confidence: float) -> None:
        import mediapipe

        tasks, vision = mediapipe.tasks, mediapipe.tasks.vision
        self._image: Any = lambda pixels: mediapipe.Image(
            image_format=mediapipe.ImageFormat.SRGB, data=np.ascontiguousarray(pixels)
        )
        self._detector: Any = vision.FaceDetector.create_from_options(
            vision.FaceDetectorOptions(
                base_options=tasks.BaseOptions(model_asset_buffer=model.detector),
                running_mode=vision.RunningMode.IMAGE,
                min_detection_confidence=confidence,
            )
        )
        self._landmarker: Any = vision.FaceLandmarker.create_from_options(
            vision.FaceLandmarkerOptions(
                base_options=tasks.BaseOptions(model_asset_buffer=model.bundle),
                running_mode=vision.RunningMode.IMAGE,
                num_faces=4,
                min_face_detection_confidence=confidence,
                min_face_presence_confidence=confidence,
                output_face_blendshapes=True,
                output_facial_transformation_matrixes=True,
            )
        )

    def detect(self, pixels: NDArray[np.uint8]) -> list[tuple[Box, float]]:
        """Boxes of faces that fill at least a seventh or so of the picture `(H, W, 3)`, and how sure it is of each."""
        with quiet():
            found = self._detector.detect(self._image(pixels)).detections
        boxes = [(each.bounding_box, each.categories[0].score) for each in found]
        return [(Box(b.origin_x, b.origin_y, b.width, b.height), float(score)) for b, score in boxes]

    def mesh(self, pixels: NDArray[np.uint8]) -> Mesh | None:
        """The mesh of the face nearest to the middle of the picture `(H, W, 3)`; None if it sees none."""
        with quiet():
            result = self._landmarker.detect(self._image(pixels))
        if not result.face_landmarks:
            return None
        height, width = pixels.shape[:2]
        scale = np.array([width, height, width], dtype=np.float64)
        meshes = [np.array([(p.x, p.y, p.z) for p in face]) * scale - (0.5, 0.5, 0) for face in result.face_landmarks]
        off = [float(np.linalg.norm(m[:, :2].mean(axis=0) - (width / 2, height / 2))) for m in meshes]
        nearest = int(np.argmin(off))
        scores = {each.category_name: float(each.score) for each in result.face_blendshapes[nearest]}
        scores.pop("_neutral", None)  # always near 0; of no use to anyone
        matrix = np.asarray(result.facial_transformation_matrixes[nearest], dtype=np.float64)
        return Mesh(meshes[nearest], matrix, scores)

    def close(self) -> None:
        """Let go of both; may be called again."""
        self._closing()


def _close(*tasks: Any) -> None:
    with quiet():
        for task in tasks:
            task.close()
