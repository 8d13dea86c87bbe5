"""What the faces of a clip are edited to, frame by frame."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal, Protocol

import attrs
import numpy as np
import torch
from numpy.typing import NDArray

from efgan_kit.components.datasets.photos.findings import Findings, capped
from efgan_kit.components.datasets.photos.labels import INTENSITY
from efgan_kit.components.datasets.photos.table import read_table
from efgan_kit.editing.target_table import unit_columns
from efgan_kit.editing.targets import Change
from efgan_kit.editing.video.smoothing import eased
from efgan_kit.errors import EfganError, fail
from efgan_kit.faces.aus import AUSet

Vectors = NDArray[np.float64]
Manner = Literal["lively", "added", "held"]

FRAME: Final = "frame"


class Wish(Protocol):
    """Says what a face is edited to."""

    def targets(self, aus: Vectors, first: int, times: Vectors) -> Vectors:
        """Target AUs `(n, A)` in [0, 1] of a face.

        Args:
            aus: Its own, `(n, A)`.
            first: The number of its first frame, from 0.
            times: When its frames are shown, `(n,)` in seconds.
        """
        ...


@attrs.frozen
class Steady:
    """One change for the whole clip.

    Attributes:
        change: What is wished for.
        manner: `lively`: what takes the face's middle expression to what is wished for is added in every frame, so
            that it goes on to speak and to blink. `added`: the change's values are added to those of every frame.
            `held`: every frame gets the wished-for AUs, and speech stands still in them.
    """

    change: Change
    manner: Manner = "lively"

    def targets(self, aus: Vectors, first: int, times: Vectors) -> Vectors:
        """Target AUs `(n, A)`; arguments as `Wish.targets`."""
        if self.manner == "lively":
            middle = np.median(aus, axis=0)
            return (aus + self._target(middle) - middle).clip(0, 1)
        return np.stack([self._target(vector) for vector in aus])

    def _target(self, aus: Vectors) -> Vectors:
        target = self.change.target(torch.from_numpy(aus))
        return target.double().numpy()


@attrs.frozen(eq=False)
class ByFrame:
    """AUs of their own for frames; on the way between two of them, frames get what lies in between.

    Attributes:
        frames: The frames that were named, from 0, in order.
        columns: Which AUs, by their places in an AU vector; the others keep the face's own values.
        values: `(len(frames), len(columns))` in [0, 1].
    """

    frames: NDArray[np.int64]
    columns: Sequence[int]
    values: Vectors

    def targets(self, aus: Vectors, first: int, times: Vectors) -> Vectors:
        """Target AUs `(n, A)`; arguments as `Wish.targets`."""
        target = aus.copy()
        numbers = np.arange(first, first + len(aus))
        for column, values in zip(self.columns, self.values.T, strict=True):
            target[:, column] = np.interp(numbers, self.frames, values)
        return target


@attrs.frozen(eq=False)
class LikeClip:
    """The AUs that a face of another clip has at the same time.

    Attributes:
        times: `(m,)` in seconds, increasing.
        aus: `(m, A)` in [0, 1].
    """

    times: Vectors
    aus: Vectors

    def targets(self, aus: Vectors, first: int, times: Vectors) -> Vectors:
        """Target AUs `(n, A)`; arguments as `Wish.targets`. After the other clip's end its last AUs stay."""
        return np.stack([np.interp(times, self.times, column) for column in self.aus.T], axis=1)


def ramped(aus: Vectors, targets: Vectors, times: Vectors, span: tuple[float, float], seconds: float) -> Vectors:
    """Targets `(n, A)` that a face comes to and leaves gently, over so many seconds at either end of the clip.

    Args:
        aus: The face's own, `(n, A)`.
        times: Of its frames, `(n,)`.
        span: When the clip's first and last frame are shown.
    """
    if seconds <= 0:
        return targets
    share = eased(np.minimum(times - span[0], span[1] - times) / seconds)
    return aus + share[:, None] * (targets - aus)


def read_by_frame(path: Path, aus: AUSet) -> ByFrame:
    """Targets from a CSV file: a column `frame`, counted from 1, and columns such as `AU12_r` in 0..5.

    That is what OpenFace's FeatureExtraction writes of a clip: one clip can so drive another.

    Raises:
        EfganError: With every fault of the file.
    """
    findings = Findings()
    if not path.exists():
        raise fail(str(path), "there is no such file")
    table = read_table(path, str(path), findings)
    if table is None:
        raise EfganError(*findings.faults)
    columns = unit_columns(table, aus, findings, FRAME)
    findings.raise_if_faulty()
    rows: dict[int, list[float]] = {}
    for row in table.rows:
        numbers = table.numbers(row, [FRAME, *columns], findings)
        if numbers is None:
            continue
        number, *values = numbers
        if number != int(number) or number < 1:
            findings.fault(table.at(row), f"frame: {number:g} is not the number of a frame", "the first is 1")
        elif int(number) - 1 in rows:
            findings.fault(table.at(row), f"frame: {number:g} has a line already")
        for column, value in zip(columns, values, strict=True):
            if not 0 <= value <= INTENSITY:
                findings.fault(table.at(row), f"{column}: {value:g} is outside 0..{INTENSITY:g}")
        rows[int(number) - 1] = values
    if not table.rows:
        findings.fault(str(path), "names no frames: there is no line below the header")
    if findings.faults:
        raise EfganError(*capped(findings.faults))
    frames = sorted(rows)
    intensities = np.array([rows[frame] for frame in frames]) / INTENSITY
    return ByFrame(np.array(frames), list(columns.values()), intensities)
