"""Flicker measured: how much more the edited face changes from frame to frame than the source's does.

Both are compared in the face's own coordinates: each frame's face is cut out by its own frame, so that a head that
moves is no change, and an edit that does not move with the head is one. The mouth is left out, since it is to move.
The measure is the mean absolute change over the rest of the face, on a scale from 0 to 255; its ratio to the source's
is 1 for an edit that moves with the face. It is taken before the pictures are coded.
"""

from __future__ import annotations

from typing import Final

import attrs
import numpy as np
from numpy.typing import NDArray

from efgan_kit.components.datasets.photos.framing import Frame, cut, into_frame
from efgan_kit.editing.blending import face_mask, region_mask

STILL: Final = 0.1
"""A source that changes less than this, of 255, stands still: a ratio to it says nothing."""


@attrs.frozen
class Flicker:
    """The mean absolute change of a face from frame to frame, outside the mouth, of 255.

    Attributes:
        source: Before the edit.
        edited: After it.
        pairs: Over so many pairs of frames.
    """

    source: float
    edited: float
    pairs: int

    @property
    def ratio(self) -> float | None:
        """Edited over source; None where the source stands still."""
        return self.edited / self.source if self.source >= STILL else None


class FlickerMeter:
    """Is shown the frames of one face, one after the other.

    Args:
        size: Pixels of the cuts that are compared.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._before: tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]] | None = None
        self._sums, self._weight, self._pairs = np.zeros(2), 0.0, 0

    def look(
        self, source: NDArray[np.uint8], edited: NDArray[np.uint8], frame: Frame, landmarks: NDArray[np.float64]
    ) -> None:
        """Look at the next frame, before and after the edit.

        Args:
            source: `(H, W, 3)`.
            edited: Likewise.
            frame: Where the face lies.
            landmarks: `(68, 2)` in pixels of the picture.
        """
        points = into_frame(landmarks.astype(np.float32), frame, self.size).double().numpy()
        counted = face_mask(points, self.size) * (1 - region_mask(points, self.size, "mouth"))
        cuts = [cut(picture, frame, self.size).numpy().astype(np.float32) for picture in (source, edited)]
        if self._before is not None:
            before, *earlier = self._before
            both = np.minimum(counted, before)
            changes = [np.abs(now - then).mean(axis=0) for now, then in zip(cuts, earlier, strict=True)]
            self._sums += [float((both * change).sum()) for change in changes]
            self._weight += float(both.sum())
            self._pairs += 1
        self._before = (counted, cuts[0], cuts[1])

    def result(self) -> Flicker:
        """What was measured so far."""
        source, edited = (self._sums / max(self._weight, 1e-9)).tolist()
        return Flicker(source, edited, self._pairs)
