"""From a person and an AU vector to a picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .canvas import Canvas
from .creases import paint_creases
from .expressions import DRAWN_AUS
from .eyes import paint_brows, paint_eyes
from .geometry import face_geometry, project
from .head import paint_background, paint_behind, paint_ears, paint_hair, paint_skin, tones
from .identity import Identity
from .mouth import paint_mouth, paint_nose


def draw_face(
    identity: Identity, aus: NDArray[np.float32], size: int
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Draw ``identity`` under ``aus``; the same arguments give the same bytes.

    Args:
        identity: the person, with light, background and pose.
        aus: ``(17,)`` in [0, 1], in the order of `DRAWN_AUS`.
        size: the picture's side in pixels.

    Returns:
        The picture ``(size, size, 3)`` in RGB, and the landmarks ``(68, 2)`` in pixels, x then y.
    """
    au = dict(zip(DRAWN_AUS, map(float, aus), strict=True))
    geometry = face_geometry(identity, aus)
    tone = tones(identity)
    canvas = Canvas(identity, size)
    paint_background(canvas)
    paint_behind(canvas, tone)
    paint_ears(canvas, tone)
    head = paint_skin(canvas, geometry, tone)
    paint_creases(canvas, geometry, tone, au, head)
    paint_nose(canvas, geometry, tone, au)
    paint_mouth(canvas, geometry, tone, au)
    paint_eyes(canvas, geometry, tone, au)
    paint_hair(canvas)
    paint_brows(canvas, geometry)
    landmarks = project(identity, geometry.landmarks(), size)
    return canvas.result(), landmarks.astype(np.float32)
