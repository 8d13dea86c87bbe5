"""The first pass over a clip: where there are faces, with which AUs, and where it is cut."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol

import attrs
import numpy as np
from numpy.typing import NDArray

from efgan_kit.api import AUSet, FoundFace, Picture
from efgan_kit.editing.video.cuts import CutFinder
from efgan_kit.editing.video.reading import Clip, ClipFrame
from efgan_kit.errors import EfganError, fail
from efgan_kit.preparation import FaceFinder

Progress = Callable[[str, int, int], None]

PATIENCE: Final = 25
"""Frames of which a watcher may say nothing before it is believed that it can't."""


@attrs.frozen(eq=False)
class Sighting:
    """A face in a frame.

    Attributes:
        found: Its landmarks.
        aus: `(A,)` in [0, 1].
    """

    found: FoundFace
    aus: NDArray[np.float64]


class Watcher(Protocol):
    """Says which faces a frame has."""

    def __call__(self, frame: ClipFrame) -> Sequence[Sighting]: ...


@attrs.frozen(eq=False)
class Seen:
    """What was seen in a clip of N frames.

    Attributes:
        times: `(N,)`, when each frame is shown, in seconds.
        faces: The faces of each frame.
        cuts: The frames that begin a shot, but for the first.
    """

    times: NDArray[np.float64]
    faces: Sequence[Sequence[Sighting]]
    cuts: Sequence[int]

    @property
    def shots(self) -> list[range]:
        """The frames of each shot."""
        edges = [0, *self.cuts, len(self.times)]
        return [range(start, end) for start, end in itertools.pairwise(edges)]


class ByFinder:
    """Finds and measures faces with a preparation's parts.

    Args:
        aus: The AUs wanted.
    """

    def __init__(self, finder: FaceFinder, aus: AUSet) -> None:
        self.finder, self.aus = finder, aus

    def __call__(self, frame: ClipFrame) -> list[Sighting]:
        picture = Picture(frame.pixels)
        faces = self.finder.find(picture)
        return [Sighting(face, vector(self.finder.measure(picture, face).aus, self.aus)) for face in faces]


def vector(values: Mapping[str, float], aus: AUSet) -> NDArray[np.float64]:
    """AUs by name as a vector `(A,)`; those that are not measured are 0."""
    return np.array([values.get(name, 0.0) for name in aus.names], dtype=np.float64).clip(0, 1)


def look(clip: Clip, watcher: Watcher, progress: Progress) -> Seen:
    """Look at every frame of a clip; in one of which the watcher can't say, there are no faces.

    Raises:
        EfganError: A frame can't be decoded, no face is found, or the watcher can't say of any of `PATIENCE` frames.
    """
    times: list[float] = []
    faces: list[Sequence[Sighting]] = []
    refused: list[EfganError] = []
    cuts = CutFinder()
    for frame in clip.frames():
        times.append(frame.seconds)
        cuts.look(frame.pixels)
        try:
            faces.append(watcher(frame))
        except EfganError as error:
            faces.append(())
            refused.append(error)
            if len(refused) >= PATIENCE and not any(faces):
                raise
        progress("looking for faces", len(times), max(clip.expected, len(times)))
    if refused and not any(faces):
        raise refused[0]
    if not any(faces):
        what = f"no face was found in its {len(times)} frames"
        raise fail(str(clip.path), what, "a face is found from the front, and not too small")
    return Seen(np.array(times), faces, cuts.cuts())
