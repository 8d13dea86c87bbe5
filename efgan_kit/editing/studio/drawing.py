"""A small drawing of each action unit and each expression, by the code that draws the faces of `drawn-faces`."""

from __future__ import annotations

import io
from collections.abc import Mapping
from functools import cache
from typing import Final

import attrs
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from efgan_kit.components.datasets.drawing import Identity, au_vector, draw_face, sample_identity
from efgan_kit.faces.aus import EXPRESSIONS

FRAMES: Final = 5
"""Frames of a unit's drawing, from rest to 1: the page shows the one of its slider's value while it moves."""
SIDE: Final = 80
"""Of a drawing on the page's finest screens, in pixels."""
DRAWN: Final = 176
"""The face is drawn at this size, and cropped."""
MOVED: Final = 24
"""A pixel whose colour changes by this much of 255 belongs to what moves."""
LEAST: Final = 0.46
"""The crop is at least this share of the face wide: an eye without its face says little."""


@cache
def drawing_of(name: str) -> bytes:
    """The drawing of an action unit or of an expression; WebP."""
    return expression_drawing(name) if name in EXPRESSIONS else unit_drawing(name)


def unit_drawing(unit: str) -> bytes:
    """A strip of `FRAMES` pictures of `SIDE` pixels, a unit growing from 0 to 1, cropped to what moves; WebP."""
    faces = [_at_rest(), *(_face(au_vector({unit: step / (FRAMES - 1)})) for step in range(1, FRAMES))]
    left, top, side = _moving_part(faces[0], faces[-1])
    strip = Image.new("RGB", (SIDE * FRAMES, SIDE))
    for number, face in enumerate(faces):
        part = Image.fromarray(face[top : top + side, left : left + side])
        strip.paste(part.resize((SIDE, SIDE), Image.Resampling.LANCZOS), (number * SIDE, 0))
    return _webp(strip)


def expression_drawing(name: str) -> bytes:
    """A picture of `SIDE` pixels of the drawn person with a preset expression; WebP."""
    face = _face(au_vector(_drawn(EXPRESSIONS[name])))
    edge = DRAWN // 8
    head = Image.fromarray(face[edge : DRAWN - edge // 2, edge * 3 // 4 : DRAWN - edge * 3 // 4])
    return _webp(head.resize((SIDE, SIDE), Image.Resampling.LANCZOS))


def _drawn(intensities: Mapping[str, float]) -> Mapping[str, float]:
    """Shown small, an expression needs to be a strong one."""
    return {unit: min(1.0, 1.15 * value) for unit, value in intensities.items()}


@cache
def _at_rest() -> NDArray[np.uint8]:
    return _face(au_vector({}))


def _face(aus: NDArray[np.float32]) -> NDArray[np.uint8]:
    return draw_face(_model(), aus, DRAWN)[0]


@cache
def _model() -> Identity:
    """The drawn person who shows every unit: seen straight on, evenly lit, with plain brows and lips."""
    return attrs.evolve(
        sample_identity(np.random.default_rng(7)),
        skin=(232, 190, 160),
        lips=(190, 96, 96),
        iris=(86, 108, 128),
        hair=(84, 58, 44),
        brow=(66, 46, 38),
        shirt=(120, 136, 168),
        background=((226, 230, 238), (208, 214, 226)),
        brow_thickness=0.038,
        brow_slant=0.0,
        blush=0.0,
        freckles=(),
        hair_length=0.25,
        light=0.2,
        contrast=0.8,
        roll=0.0,
        shift=(0.0, 0.0),
        scale=1.0,
        yaw=0.0,
        pitch=0.0,
    )


def _moving_part(rest: NDArray[np.uint8], moved: NDArray[np.uint8]) -> tuple[int, int, int]:
    """Left, top and side of the square around what differs between two pictures `(H, W, 3)`, with some room."""
    change = np.abs(rest.astype(int) - moved.astype(int)).max(axis=2)
    rows, columns = np.nonzero(change > min(MOVED, int(change.max()) // 2))
    size = rest.shape[0]
    extent = max(np.ptp(rows), np.ptp(columns)) + 1
    side = min(size, max(round(1.15 * extent), round(LEAST * size)))
    corner = [round((int(places.min()) + int(places.max()) - side) / 2) for places in (columns, rows)]
    left, top = (min(max(0, place), size - side) for place in corner)
    return left, top, side


def _webp(image: Image.Image) -> bytes:
    content = io.BytesIO()
    image.save(content, format="WEBP", quality=82, method=6)
    return content.getvalue()
