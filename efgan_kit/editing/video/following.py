"""Faces followed from frame to frame: tracks of one face each, their gaps bridged and their trembling smoothed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import attrs
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from efgan_kit.components.datasets.photos.framing import Frame, face_box
from efgan_kit.editing.video.looking import Seen, Sighting
from efgan_kit.editing.video.smoothing import bridged, eased, smoothed

SAME_FACE: Final = 0.35
"""A face is the same if its landmarks have moved by less than this share of its size from a frame to the next."""
LONGEST_GAP: Final = 0.4
"""Seconds for which a face may be missed: beyond, where it was is a guess."""
SHORTEST: Final = 0.2
"""Seconds below which a track is a false alarm."""
FADE: Final = 0.2
"""Seconds over which an edit comes and goes where a track begins or ends in the middle of a shot."""
LANDMARKS: Final = 0.2
"""Seconds on either side from which landmarks are smoothed: enough for their trembling, too little to still a mouth."""
FRAMES: Final = 0.36
"""Heads move more slowly than mouths, and what trembles most visibly is where an edit lies."""
AUS: Final = 0.16
"""A blink takes a third of a second."""


@attrs.frozen(eq=False)
class Track:
    """A face over `n` frames.

    Attributes:
        number: From 1, in the order of appearance, the larger first.
        first: Its first frame.
        landmarks: `(n, 68, 2)` in pixels, smoothed.
        aus: `(n, A)` in [0, 1], smoothed.
        frames: Where it is cut from, `n` of them, smoothed.
        steady: The same where `frames` were not to be smoothed: flicker is seen from there.
        presence: `(n,)` in [0, 1]: how much of an edit is shown.
        missed: In how many of its frames the face was not found.
    """

    number: int
    first: int
    landmarks: NDArray[np.float64]
    aus: NDArray[np.float64]
    frames: Sequence[Frame]
    steady: Sequence[Frame]
    presence: NDArray[np.float64]
    missed: int

    def __len__(self) -> int:
        return len(self.presence)

    @property
    def size(self) -> float:
        """The summed area of its frames, in pixels: what it takes up of the clip."""
        return float(sum(frame.side**2 for frame in self.frames))


@attrs.define(eq=False)
class _Trail:
    places: list[int]
    sightings: list[Sighting]

    def distance(self, other: Sighting) -> float:
        """How far another face is, over this one's size."""
        mine, theirs = self.sightings[-1].found, other.found
        size = max(mine.area, 1.0) ** 0.5
        return float(np.linalg.norm(mine.landmarks - theirs.landmarks, axis=1).mean()) / size


def follow(seen: Seen, *, level: bool, smooth: bool = True) -> list[Track]:
    """The tracks of a clip, in the order of their numbers; short ones are left out.

    Args:
        level: Frames are turned with the head.
        smooth: Without, everything is as it was measured, for comparisons.
    """
    tracks: list[Track] = []
    for shot in seen.shots:
        for trail in sorted(_trails(seen, shot), key=lambda trail: (trail.places[0], -trail.sightings[0].found.area)):
            lasts = seen.times[trail.places[-1]] - seen.times[trail.places[0]]
            if lasts >= min(SHORTEST, seen.times[shot[-1]] - seen.times[shot[0]]):
                tracks.append(_track(len(tracks) + 1, trail, seen.times, shot, level, smooth))
    return tracks


def _trails(seen: Seen, shot: range) -> list[_Trail]:
    done: list[_Trail] = []
    live: list[_Trail] = []
    for place in shot:
        now = seen.times[place]
        done += [trail for trail in live if now - seen.times[trail.places[-1]] > LONGEST_GAP]
        live = [trail for trail in live if now - seen.times[trail.places[-1]] <= LONGEST_GAP]
        faces = list(seen.faces[place])
        for trail, face in _matches(live, faces):
            trail.places.append(place)
            trail.sightings.append(face)
            faces.remove(face)
        live += [_Trail([place], [face]) for face in faces]
    return done + live


def _matches(live: Sequence[_Trail], faces: Sequence[Sighting]) -> list[tuple[_Trail, Sighting]]:
    """Which trail goes on with which face, so that faces move as little as they can altogether."""
    if not live or not faces:
        return []
    far = 10.0 * SAME_FACE
    costs = np.array([[min(trail.distance(face), far) for face in faces] for trail in live])
    pairs = zip(*linear_sum_assignment(costs), strict=True)
    return [(live[i], faces[j]) for i, j in pairs if costs[i, j] <= SAME_FACE]


def _track(number: int, trail: _Trail, times: NDArray[np.float64], shot: range, level: bool, smooth: bool) -> Track:
    first, last = trail.places[0], trail.places[-1]
    now = times[first : last + 1]
    known = np.zeros(len(now), dtype=np.bool_)
    known[np.array(trail.places) - first] = True
    landmarks = np.zeros((len(now), 68, 2))
    landmarks[known] = [sighting.found.landmarks for sighting in trail.sightings]
    aus = np.zeros((len(now), len(trail.sightings[0].aus)))
    aus[known] = [sighting.aus for sighting in trail.sightings]
    landmarks, aus = bridged(now, landmarks, known), bridged(now, aus, known)
    boxes = np.array([_box(points, level) for points in landmarks])
    boxes[:, 3] = np.unwrap(boxes[:, 3])
    steady = [_frame(box) for box in smoothed(now, boxes, FRAMES)]
    frames = steady if smooth else [_frame(box) for box in boxes]
    if smooth:
        landmarks, aus = smoothed(now, landmarks, LANDMARKS), smoothed(now, aus, AUS).clip(0, 1)
    presence = np.ones(len(now))
    if first > shot[0]:
        presence *= eased((now - times[first - 1]) / FADE)
    if last < shot[-1]:
        presence *= eased((times[last + 1] - now) / FADE)
    return Track(number, first, landmarks, aus, frames, steady, presence, int((~known).sum()))


def _box(landmarks: NDArray[np.float64], level: bool) -> tuple[float, float, float, float]:
    """Centre, logarithm of the side and angle of a face's frame: what may be averaged over time."""
    angle = 0.0
    if level:
        along = landmarks[45] - landmarks[36]
        angle = float(np.arctan2(along[1], along[0]))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    centre, side = face_box(landmarks @ turn)
    x, y = turn @ (centre - 0.5) + 0.5
    return float(x), float(y), float(np.log(max(side, 1.0))), angle


def _frame(box: NDArray[np.float64]) -> Frame:
    side = float(np.exp(box[2]))
    return Frame(float(box[0] - side / 2), float(box[1] - side / 2), side, float(np.degrees(box[3])))
