"""The square box that a face is cut from.

Coordinates follow OpenFace and OpenCV: landmark (0, 0) is the centre of the first pixel. A frame's `left` and
`top` are positions of edges: pixel i covers [i, i + 1).
"""

from __future__ import annotations

import math
from typing import Final

import attrs
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

OUTER_EYE_CORNERS: Final = (36, 45)
NOSE_BASE: Final = 33
EYES_TO_SIDE: Final = 0.42
"""Distance of the outer eye corners, as a share of the frame: brows to chin then take two thirds of its
height."""
NOSE_TO_EYES: Final = 0.57
"""Eye line to nose base, over the distance of the outer eye corners, for a face seen from the front (5 % are
above)."""
CENTRE: Final = 0.92
"""Where on the way from the eye line to the nose base the middle of brows and chin lies."""


@attrs.frozen
class Frame:
    """A square box in pixels of the original picture. It may reach beyond the picture.

    Attributes:
        left: The left edge, before the box is turned.
        top: The top edge, before the box is turned.
        side: The length of its sides.
        angle: Degrees, clockwise as the picture is seen, by which the box is turned about its own centre.
    """

    left: float
    top: float
    side: float
    angle: float = 0.0

    def is_exact(self, size: int) -> bool:
        """Whether the box is `size` whole pixels, so that cutting it out is a copy."""
        whole = float(self.left).is_integer() and float(self.top).is_integer()
        return self.side == size and whole and not self.angle

    @property
    def centre(self) -> NDArray[np.float64]:
        """The middle of the box, (x, y), as a position of edges."""
        return np.array([self.left + self.side / 2, self.top + self.side / 2])

    @property
    def axes(self) -> NDArray[np.float64]:
        """The box's own directions in the picture, the columns of `(2, 2)`: to its right, and down."""
        turn = math.radians(self.angle)
        return np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])


def whole_frame(width: int, height: int) -> Frame:
    """The frame of a picture that is a face already: all of it, centred if it is not square."""
    side = max(width, height)
    return Frame((width - side) // 2, (height - side) // 2, side)


def face_frame(landmarks: NDArray[np.float32]) -> Frame:
    """The frame around a face of a larger picture, in whole pixels, from landmarks `(68, 2)`.

    It rests on the eyes' corners and the nose's base alone. Brows, mouth and chin move with the expression,
    and a frame that moved with them would show two expressions of one person as two positions. In a turned
    head the eyes come closer together: the length of the nose then keeps the size.
    """
    centre, width = face_box(landmarks)
    side = max(1, round(width))
    corner = centre - side / 2
    return Frame(round(corner[0]), round(corner[1]), side)


def face_box(landmarks: NDArray[np.float32] | NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Centre (x, y), as a position of edges, and side of `face_frame` of landmarks `(68, 2)`, not rounded."""
    right, left, nose = landmarks[[*OUTER_EYE_CORNERS, NOSE_BASE]].astype(np.float64)
    middle = (right + left) / 2
    down = nose - middle
    width = max(float(np.linalg.norm(left - right)), float(np.linalg.norm(down)) / NOSE_TO_EYES)
    return middle + CENTRE * down + 0.5, width / EYES_TO_SIDE


def level_frame(landmarks: NDArray[np.float32]) -> Frame:
    """`face_frame`, turned so that the outer eye corners of landmarks `(68, 2)` lie level in it."""
    right, left = landmarks[[*OUTER_EYE_CORNERS]].astype(np.float64)
    along = left - right
    angle = math.degrees(math.atan2(along[1], along[0]))
    turned = Frame(0.0, 0.0, 0.0, angle)
    upright = landmarks.astype(np.float64) @ turned.axes
    box = face_frame(upright.astype(np.float32))
    centre = turned.axes @ (box.centre - 0.5) + 0.5
    left, top = (centre - box.side / 2).tolist()
    return Frame(left, top, box.side, angle)


def into_frame(landmarks: NDArray[np.float32], frame: Frame, size: int) -> Tensor:
    """Landmarks `(68, 2)` of the picture as pixels of the frame's `size` x `size` cut, float32 `(68, 2)`."""
    if not frame.angle:
        corner = np.array([frame.left, frame.top])
        moved = (landmarks.astype(np.float64) + 0.5 - corner) * (size / frame.side) - 0.5
    else:
        inside = (landmarks.astype(np.float64) + 0.5 - frame.centre) @ frame.axes
        moved = (inside + frame.side / 2) * (size / frame.side) - 0.5
    return torch.from_numpy(moved.astype(np.float32))


def cut(picture: Image.Image | NDArray[np.uint8], frame: Frame, size: int) -> Tensor:
    """The frame's contents as uint8 `(3, size, size)`, antialiased; beyond the picture its edge is repeated.

    Args:
        picture: RGB, as a Pillow picture or `(H, W, 3)`.
    """
    pixels = np.asarray(picture)
    if frame.angle:
        return _turned_cut(pixels, frame, size)
    exact = frame.is_exact(size)
    # Around the frame, as much as the filter reaches: bicubic, two pixels of whichever grid is coarser.
    margin = 0 if exact else 2 * math.ceil(max(1.0, frame.side / size))
    x0, y0 = math.floor(frame.left) - margin, math.floor(frame.top) - margin
    x1, y1 = math.ceil(frame.left + frame.side) + margin, math.ceil(frame.top + frame.side) + margin
    columns = np.clip(np.arange(x0, x1), 0, pixels.shape[1] - 1)
    rows = np.clip(np.arange(y0, y1), 0, pixels.shape[0] - 1)
    window = pixels[rows][:, columns]
    if not exact:
        left, top = frame.left - x0, frame.top - y0
        box = (left, top, left + frame.side, top + frame.side)
        window = np.asarray(Image.fromarray(window).resize((size, size), Image.Resampling.BICUBIC, box=box))
    return torch.from_numpy(window.transpose(2, 0, 1).copy())


def _turned_cut(pixels: NDArray[np.uint8], frame: Frame, size: int) -> Tensor:
    """A turned frame's contents: levelled at about twice the cut's size, or the picture's own, then reduced."""
    fine = min(max(size, math.ceil(frame.side)), 2 * size)
    reach = math.ceil(frame.side * 0.75) + 2  # half a diagonal, and the filter's own
    cx, cy = (math.floor(at) for at in frame.centre)
    columns = np.clip(np.arange(cx - reach, cx + reach), 0, pixels.shape[1] - 1)
    rows = np.clip(np.arange(cy - reach, cy + reach), 0, pixels.shape[0] - 1)
    window = Image.fromarray(pixels[rows][:, columns])
    shrink = max(1.0, frame.side / fine)
    if shrink > 1:
        wanted = round(2 * reach / shrink)
        window = window.resize((wanted, wanted), Image.Resampling.BICUBIC)
        shrink = 2 * reach / wanted
    step = frame.side / fine / shrink
    (ax, bx), (ay, by) = frame.axes * step
    x, y = (frame.centre - (cx - reach, cy - reach)) / shrink
    affine = (ax, bx, x - (ax + bx) * fine / 2, ay, by, y - (ay + by) * fine / 2)
    level = window.transform((fine, fine), Image.Transform.AFFINE, affine, Image.Resampling.BICUBIC)
    if fine != size:
        level = level.resize((size, size), Image.Resampling.BICUBIC)
    return torch.from_numpy(np.asarray(level).transpose(2, 0, 1).copy())
