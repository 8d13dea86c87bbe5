"""What each part of the head is made of: skin, teeth, gums, eyes, hair, cloth."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from .atlas import SIDE
from .heads import EYES, anatomy
from .lighting import Surface
from .model import Floats, HeadModel
from .people import Eyes, Person
from .skin import skin_tone

TEETH: Final = np.array([0.66, 0.60, 0.50])
GUMS: Final = np.array([0.40, 0.13, 0.13])
COLLAR: Final = -13.0
"""Below this height, in the model's units, the body is clothed."""
SKIN_BLEEDING: Final = np.array([0.34, 0.16, 0.12])


def colour_surface(surface: Surface, model: HeadModel, person: Person, skin: Floats) -> None:
    """Give a surface its colours and gloss; `skin` is the face's texture."""
    count = len(surface.part)
    surface.albedo = np.broadcast_to(skin_tone(person.skin), (count, 3)).copy()
    surface.gloss = np.full(count, 0.035 * person.skin.gloss, np.float32)
    surface.sharpness = np.full(count, 16.0, np.float32)
    surface.bleeding = (
        np.broadcast_to(SKIN_BLEEDING * (1 - 0.5 * person.skin.melanin), (count, 3)).astype(np.float32).copy()
    )

    face = _of(surface, model, "Face")
    surface.albedo[face] = _sample(skin, surface.uv[face])
    clothed = surface.rest[:, 1] < COLLAR
    clothed &= surface.part >= 0
    _set(surface, clothed, person.cloth, 0.005, 8, 0.0)
    _set(surface, _of(surface, model, "Teeth"), TEETH, 0.05, 60, 0.1)
    _set(surface, _of(surface, model, "GumsTongue"), GUMS, 0.05, 40, 0.2)
    hair = surface.part < 0
    _set(surface, hair, person.hair.colour * surface.strands[hair, None], 0.03, 14, 0.25)
    for number, name in enumerate(EYES):
        eye = _of(surface, model, name)
        parts = anatomy(model)
        away = surface.rest[eye] - parts.eye_centres[number]
        _set(surface, eye, _eye_colour(person.eyes, away, parts.eye_axes[number]), 0.035, 350, 0.1)


def _of(surface: Surface, model: HeadModel, part: str) -> NDArray[np.bool_]:
    return surface.part == model.parts.index(f"M_{part}")


def _set(
    surface: Surface, where: NDArray[np.bool_], colour: Floats, gloss: float, sharpness: float, bleeding: float
) -> None:
    surface.albedo[where] = colour
    surface.gloss[where] = gloss
    surface.sharpness[where] = sharpness
    surface.bleeding[where] = bleeding


def _sample(texture: Floats, uv: Floats) -> Floats:
    """Colours of a texture `(SIDE, SIDE, 3)` at places `(N, 2)`, bilinear."""
    at = np.stack([(1 - uv[:, 1]) * SIDE - 0.5, uv[:, 0] * SIDE - 0.5])
    return np.stack(
        [ndimage.map_coordinates(texture[..., c], at, order=1, mode="nearest") for c in range(3)], 1
    ).astype(np.float32)


def _eye_colour(eyes: Eyes, away: Floats, axis: Floats) -> Floats:
    """Pupil, iris with its darker rim, and white `(N, 3)`, by the angle from where the eye looks."""
    away = away / (np.linalg.norm(away, axis=1, keepdims=True) + 1e-9)
    angle = np.degrees(np.arccos(np.clip(away @ axis, -1, 1)))
    across = away - (away @ axis)[:, None] * axis
    round_about = np.arctan2(across[:, 1], across[:, 0])
    share = angle / eyes.iris_size
    spokes = 1 + 0.22 * np.sin(17 * round_about + 2 * np.sin(5 * round_about)) + 0.15 * np.sin(41 * round_about)
    iris = eyes.iris * (spokes * (1.15 - 0.35 * share))[:, None]
    iris = iris * (1 - 0.75 * np.clip((share - 0.78) / 0.2, 0, 1))[:, None]
    pupil = np.clip((eyes.pupil + 0.04 - share) / 0.08, 0, 1)[:, None]
    iris = iris * (1 - pupil) + 0.004 * pupil
    white = eyes.white * (1 - np.clip((angle - 40) / 60, 0, 0.6)[:, None] * np.array([0.25, 0.6, 0.6]))
    outside = np.clip((share - 0.97) / 0.08, 0, 1)[:, None]
    return (iris * (1 - outside) + white * outside).astype(np.float32)
