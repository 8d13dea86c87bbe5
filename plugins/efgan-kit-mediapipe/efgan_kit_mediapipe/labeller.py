"""The AU labeller: action units from blendshapes and the mesh, the landmarker's own or measured anew."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from efgan_kit.api import FoundFace, Picture, fail
from efgan_kit_mediapipe.engine import Engine
from efgan_kit_mediapipe.landmarker import mesh_within
from efgan_kit_mediapipe.model import find_model
from efgan_kit_mediapipe.tiles import Box, reduced
from efgan_kit_mediapipe.units import BLIND, SIGNALS, UNITS, intensities


class MediaPipeLabeller:
    """AUs from MediaPipe's blendshapes and mesh. README.md says how far each agrees with OpenFace.

    A face that the landmarker `mediapipe` has found brings both along. One that another landmarker has found is
    measured here.

    Args:
        model: As of the landmarker.
    """

    def __init__(self, *, model: str = "") -> None:
        self.units: tuple[str, ...] = UNITS
        self.blind: Mapping[str, str] = BLIND
        self._named = model
        self._engine: Engine | None = None

    def __call__(self, picture: Picture, face: FoundFace) -> Mapping[str, float]:
        signals = face.signals if face.signals.keys() >= SIGNALS else self._measured(picture, face)
        return intensities(signals)

    def _measured(self, picture: Picture, face: FoundFace) -> Mapping[str, float]:
        if self._engine is None:
            self._engine = Engine(find_model(self._named), 0.3)  # somebody else is sure already that it is a face
        pixels, factor = reduced(picture.pixels)
        left, top, right, bottom = (np.array(face.box) + 0.5) / factor
        mesh = mesh_within(self._engine, pixels, Box(left, top, right - left, bottom - top))
        if mesh is None:
            raise fail(str(picture.path or "a picture"), "MediaPipe sees no face where the landmarker found one")
        return mesh.signals

    def close(self) -> None:
        """Let go of MediaPipe's networks, where they were needed."""
        if self._engine is not None:
            self._engine.close()
            self._engine = None
