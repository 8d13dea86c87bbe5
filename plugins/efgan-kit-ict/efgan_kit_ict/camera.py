"""Head pose, perspective, and the frame: where a face lies in its picture.

The frame is the one that the project cuts around a face of a photograph: the outer eye corners are 0.42 of its side
apart (or, in a turned head, the nose's base lies 0.57 of that below them), and its middle lies 0.92 of the way from
the eye line to the nose's base.
"""

from __future__ import annotations

from typing import Final

import attrs
import numpy as np
from numpy.typing import NDArray

from .model import Floats
from .people import Shot

EYES_TO_SIDE: Final = 0.42
NOSE_TO_EYES: Final = 0.57
CENTRE: Final = 0.92
OUTER_EYE_CORNERS: Final = (36, 45)
NOSE_BASE: Final = 33
PIVOT: Final = np.array([0.0, -1.0, 2.0], np.float32)
"""The point the head turns about, and that the camera looks at."""


@attrs.frozen(eq=False)
class Camera:
    """Looks along -z from the origin; image-plane coordinates are x / -z and y / -z."""

    turn: Floats
    """`(3, 3)`: the head's rotation."""
    distance: float
    left: float
    top: float
    side: float
    """The frame on the image plane, y up: its left and upper edges, and its side."""

    def place(self, points: Floats) -> Floats:
        """The head's points `(N, 3)` in the camera's space."""
        placed = (points - PIVOT) @ self.turn.T
        placed[:, 2] -= self.distance
        return placed.astype(np.float32)

    def pixels(self, placed: Floats, size: int) -> Floats:
        """Where placed points fall in a picture of `size` x `size`; (0, 0) is the centre of the first pixel."""
        plane = placed[:, :2] / -placed[:, 2:]
        x = (plane[:, 0] - self.left) / self.side * size - 0.5
        y = (self.top - plane[:, 1]) / self.side * size - 0.5
        return np.stack([x, y], 1).astype(np.float32)

    def rays(self, size: int) -> Floats:
        """Directions through the pixels' centres, unit `(size * size, 3)`, row by row."""
        steps = (np.arange(size) + 0.5) / size * self.side
        x, y = np.meshgrid(self.left + steps, self.top - steps)
        directions = np.stack([x, y, -np.ones_like(x)], -1).reshape(-1, 3)
        return (directions / np.linalg.norm(directions, axis=1, keepdims=True)).astype(np.float32)


def frame_camera(shot: Shot, landmarks: Floats) -> Camera:
    """The camera of a shot, framed on the person's neutral landmarks `(68, 3)`: the same for every expression."""
    camera = Camera(_rotation(shot), shot.distance, 0, 0, 1)
    placed = camera.place(landmarks)
    plane = placed[:, :2] / -placed[:, 2:]
    right, left, nose = plane[[*OUTER_EYE_CORNERS, NOSE_BASE]].astype(np.float64)
    middle = (right + left) / 2
    down = nose - middle
    width = max(np.linalg.norm(left - right), np.linalg.norm(down) / NOSE_TO_EYES)
    side = width / EYES_TO_SIDE * np.exp(shot.jitter[2])
    centre = middle + CENTRE * down + side * np.array([shot.jitter[0], -shot.jitter[1]])
    return attrs.evolve(camera, left=float(centre[0] - side / 2), top=float(centre[1] + side / 2), side=float(side))


def _rotation(shot: Shot) -> Floats:
    yaw, pitch, roll = np.radians([shot.yaw, shot.pitch, shot.roll])
    return (_about(2, roll) @ _about(0, -pitch) @ _about(1, yaw)).astype(np.float32)


def _about(axis: int, angle: float) -> NDArray[np.float64]:
    """A rotation about x (0), y (1) or z (2)."""
    cos, sin = np.cos(angle), np.sin(angle)
    matrix = np.eye(3)
    first, second = [(1, 2), (2, 0), (0, 1)][axis]
    matrix[first, first] = matrix[second, second] = cos
    matrix[first, second], matrix[second, first] = -sin, sin
    return matrix
