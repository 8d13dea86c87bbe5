"""The second pass over a clip: each frame's faces edited, a few frames at a time."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence

import attrs
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from efgan_kit.api import FaceSample
from efgan_kit.components.datasets.photos.framing import cut, into_frame
from efgan_kit.editing.editor import BATCH, Editor
from efgan_kit.editing.video.following import Track
from efgan_kit.editing.video.reading import ClipFrame


@attrs.frozen(eq=False)
class Asked:
    """A track and what it is edited to.

    Attributes:
        track: The face.
        targets: `(n, A)` in [0, 1], a row for each of its frames.
    """

    track: Track
    targets: NDArray[np.float64]


@attrs.frozen(eq=False)
class Part:
    """What an edit does to a face of a frame, in the face's own coordinates.

    Attributes:
        place: The frame's place in the face's track.
        landmarks: `(68, 2)` in pixels of the cut.
        residual: Edited minus input, `(3, size, size)`, both in [-1, 1].
        attention: `(1, size, size)` in [0, 1].
    """

    place: int
    landmarks: Tensor
    residual: Tensor
    attention: Tensor


@attrs.frozen(eq=False)
class Moment:
    """A frame with the edits of its faces, by the numbers of their tracks."""

    frame: ClipFrame
    parts: Mapping[int, Part]


def changed(
    editor: Editor, frames: Iterable[ClipFrame], asked: Sequence[Asked], steps: int | None = None
) -> Iterator[Moment]:
    """Frames with the edits of their faces, in order; `BATCH` frames are held at a time."""
    remaining = iter(frames)
    while chunk := list(itertools.islice(remaining, BATCH)):
        places = [(frame, ask, frame.number - ask.track.first) for frame in chunk for ask in asked]
        jobs = [job for job in places if 0 <= job[2] < len(job[1].track)]
        parts: dict[int, dict[int, Part]] = {frame.number: {} for frame in chunk}
        if jobs:
            samples = [_sample(editor.faces.size, *job) for job in jobs]
            targets = torch.from_numpy(np.stack([ask.targets[place] for _, ask, place in jobs])).float()
            edited = editor.edit_samples(samples, targets, steps)
            for number, ((frame, ask, place), sample) in enumerate(zip(jobs, samples, strict=True)):
                residual = edited.image[number] - (sample.image.float() / 127.5 - 1)
                part = Part(place, sample.landmarks, residual, edited.attention[number])
                parts[frame.number][ask.track.number] = part
        yield from (Moment(frame, parts[frame.number]) for frame in chunk)


def _sample(size: int, frame: ClipFrame, ask: Asked, place: int) -> FaceSample:
    track = ask.track
    box = track.frames[place]
    return FaceSample(
        cut(frame.pixels, box, size),
        into_frame(track.landmarks[place].astype(np.float32), box, size),
        torch.from_numpy(track.aus[place]).float(),
    )
