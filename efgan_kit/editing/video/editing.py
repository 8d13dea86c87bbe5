"""A clip edited from its first frame to its last: read, changed, settled, pasted, measured, written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import attrs
import numpy as np
from numpy.typing import NDArray

from efgan_kit.editing.blending import SEAMLESS, Pasting
from efgan_kit.editing.editor import Editor
from efgan_kit.editing.pasting import add, patch_of
from efgan_kit.editing.unseen import is_unseen
from efgan_kit.editing.video.changing import Asked, Moment, changed
from efgan_kit.editing.video.coding import Form
from efgan_kit.editing.video.flicker import Flicker, FlickerMeter
from efgan_kit.editing.video.looking import Progress
from efgan_kit.editing.video.reading import Clip
from efgan_kit.editing.video.settling import REACH, settled
from efgan_kit.editing.video.writing import ClipWriter

COMPARED: Final = (64, 256)
"""Flicker is measured about as finely as the clip shows the face, within these sizes in pixels."""


@attrs.frozen
class TrackReport:
    """What became of a face.

    Attributes:
        number: The track's.
        first: Its first frame, from 0.
        frames: How many it has.
        missed: In how many of them the face was not found, and its place was guessed from those around.
        change: Mean absolute change of its cuts by the edit, on a scale from 0 to 1.
        visible: In how many of its frames somebody will see the edit.
        flicker: As measured.
    """

    number: int
    first: int
    frames: int
    missed: int
    change: float
    visible: int
    flicker: Flicker


@attrs.frozen
class ClipReport:
    """What was written.

    Attributes:
        frames: How many.
        edited: How many of them show an edit.
        encoder: FFmpeg's name of what coded them.
        size: Width and height.
        sound: `copied`, `recoded` or `none`.
        tracks: The faces that were edited.
    """

    frames: int
    edited: int
    encoder: str
    size: tuple[int, int]
    sound: str
    tracks: tuple[TrackReport, ...]


def edit_clip(
    editor: Editor,
    clip: Clip,
    asked: Sequence[Asked],
    out: Path,
    *,
    form: Form,
    progress: Progress,
    total: int,
    pasting: Pasting = SEAMLESS,
    steps: int | None = None,
    reach: float = REACH,
    tags: Mapping[str, str] | None = None,
) -> ClipReport:
    """Edit a clip's faces and write it, with its sound, to `out`.

    Args:
        asked: Which faces, and to what.
        form: How the pictures are coded.
        total: How many frames there are.
        pasting: How edits are put back.
        steps: As in `Editor`.
        reach: Seconds on either side over which changes settle; 0 for none.
        tags: Metadata of the file.

    Raises:
        EfganError: A frame can't be decoded, or the file can't be written. An older file of the name is then still
            there.
    """
    paster = _Paster(pasting, asked)
    written = edited = 0
    with ClipWriter(out, form, sound=clip.path, tags=tags) as writer:
        for moment in settled(changed(editor, clip.frames(), asked, steps), reach):
            picture = paster.picture(moment)
            writer.write(picture, moment.frame.pts, moment.frame.duration)
            written, edited = written + 1, edited + bool(moment.parts)
            progress("editing", written, max(total, written))
    return ClipReport(written, edited, writer.coding.encoder, writer.coding.size, writer.sound, tuple(paster.reports()))


class _Paster:
    """Puts parts back into their frames and measures what comes of it."""

    def __init__(self, pasting: Pasting, asked: Sequence[Asked]) -> None:
        self.pasting = pasting
        self.tracks = {ask.track.number: ask.track for ask in asked}
        sides = {number: float(np.median([f.side for f in track.frames])) for number, track in self.tracks.items()}
        self.meters = {number: FlickerMeter(int(np.clip(side, *COMPARED))) for number, side in sides.items()}
        self.changes: dict[int, list[float]] = {number: [] for number in self.tracks}
        self.visible = dict.fromkeys(self.tracks, 0)

    def picture(self, moment: Moment) -> NDArray[np.uint8]:
        """The frame with the edits of its faces."""
        source = moment.frame.pixels
        if not moment.parts:
            return source
        result = source.copy()
        for number, part in moment.parts.items():
            track = self.tracks[number]
            change = self.pasting.change(part.residual, part.landmarks, part.attention) * track.presence[part.place]
            difference = change.abs().mean(dim=0) / 2
            self.changes[number].append(difference.mean().item())
            self.visible[number] += not is_unseen(difference)
            add(result, patch_of(change, track.frames[part.place], (source.shape[1], source.shape[0])))
        for number, part in moment.parts.items():
            track = self.tracks[number]
            self.meters[number].look(source, result, track.steady[part.place], track.landmarks[part.place])
        return result

    def reports(self) -> list[TrackReport]:
        return [
            TrackReport(
                number,
                track.first,
                len(track),
                track.missed,
                float(np.mean(self.changes[number])),
                self.visible[number],
                self.meters[number].result(),
            )
            for number, track in self.tracks.items()
        ]
