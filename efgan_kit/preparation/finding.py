"""Finding the faces of pictures by a preparation: landmarks, AUs and the frame that each is cut from."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import attrs
import numpy as np
import torch

from efgan_kit.api import AULabeller, FaceSample, FaceSpec, FoundFace, Landmarker, Picture
from efgan_kit.components.datasets.photos.framing import Frame, cut, face_frame, into_frame, level_frame
from efgan_kit.preparation.record import Preparation


@attrs.frozen(eq=False)
class LabelledFace:
    """A face of a picture, measured.

    Attributes:
        found: Its landmarks and pose.
        aus: Intensities in [0, 1] by AU name; those that the labeller can't see are 0.
        frame: Where a graph's cut lies in the picture.
    """

    found: FoundFace
    aus: Mapping[str, float]
    frame: Frame

    def sample(self, picture: Picture, faces: FaceSpec) -> FaceSample:
        """The face as a graph of `faces` sees it."""
        aus = [float(np.clip(self.aus.get(name, 0.0), 0, 1)) for name in faces.aus.names]
        return FaceSample(
            cut(picture.pixels, self.frame, faces.size),
            into_frame(self.found.landmarks, self.frame, faces.size),
            torch.tensor(aus, dtype=torch.float32),
        )


class FaceFinder:
    """Finds and measures faces as a preparation says; use it in a `with` statement.

    Args:
        preparation: How.
        where: Whom to blame for parts that aren't installed: a run's file, a command's option.
    """

    def __init__(self, preparation: Preparation, where: str = "") -> None:
        self.preparation = preparation
        self._landmarker: Landmarker = preparation.landmarker.component("landmarker", where).maker()()
        self._labeller: AULabeller = preparation.labeller.component("au-labeller", where).maker()()

    @property
    def units(self) -> tuple[str, ...]:
        """The AUs that it measures."""
        return tuple(self._labeller.units)

    @property
    def blind(self) -> Mapping[str, str]:
        """The AUs that it can't see, with the reasons."""
        return self._labeller.blind

    def find(self, picture: Picture) -> list[FoundFace]:
        """The picture's faces, the largest first, not yet measured."""
        return sorted(self._landmarker(picture), key=lambda face: -face.area)

    def measure(self, picture: Picture, face: FoundFace) -> LabelledFace:
        """A found face with its AUs and its frame. Raises EfganError if it can't be measured."""
        aus = {name: float(np.clip(value, 0, 1)) for name, value in self._labeller(picture, face).items()}
        frame = level_frame(face.landmarks) if self.preparation.level else face_frame(face.landmarks)
        return LabelledFace(face, aus, frame)

    def faces(self, picture: Picture) -> list[LabelledFace]:
        """The picture's faces, the largest first, each measured."""
        return [self.measure(picture, face) for face in self.find(picture)]

    def close(self) -> None:
        """Let go of what the parts hold."""
        for part in (self._landmarker, self._labeller):
            closing: Any = getattr(part, "close", None)
            if closing is not None:
                closing()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
