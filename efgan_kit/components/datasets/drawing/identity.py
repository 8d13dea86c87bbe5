"""Everything about a drawn person that no expression changes: build, colours, hair, light and pose."""

from __future__ import annotations

from typing import Final

import numpy as np
from attrs import frozen

Colour = tuple[float, float, float]
"""Red, green and blue in 0..255."""

Point = tuple[float, float]

_SKINS: Final = np.array(
    [
        (250, 222, 204),
        (240, 200, 172),
        (224, 176, 140),
        (198, 146, 108),
        (160, 108, 76),
        (118, 76, 54),
        (84, 54, 42),
    ],
    np.float64,
)
_HAIRS: Final[tuple[Colour, ...]] = (
    (28, 24, 26), (48, 34, 28), (84, 56, 38), (124, 84, 50), (190, 150, 92), (150, 74, 40), (150, 148, 150),
)  # fmt: skip
_IRISES: Final[tuple[Colour, ...]] = (
    (70, 44, 28), (98, 64, 36), (110, 106, 56), (76, 120, 84), (78, 122, 164), (104, 118, 132),
)  # fmt: skip


@frozen
class Identity:
    """One person. Lengths are in face units: the picture spans [-1, 1] in both directions, y downwards."""

    skin: Colour
    lips: Colour
    iris: Colour
    hair: Colour
    brow: Colour
    shirt: Colour
    background: tuple[Colour, Colour]
    """Colours at the two ends of the gradient behind the head."""
    background_angle: float

    face_width: float
    jaw_squareness: float
    chin: float
    ears: float
    eye_spacing: float
    eye_width: float
    eye_height: float
    eye_tilt: float
    iris_radius: float
    lid_crease: float
    brow_height: float
    brow_thickness: float
    brow_arch: float
    brow_slant: float
    nose_length: float
    nose_width: float
    mouth_height: float
    mouth_width: float
    upper_lip: float
    lower_lip: float

    hair_length: float
    """0 is cropped at the ears, 1 falls past the chin; negative is bald."""
    hairline: float
    parting: float
    blush: float
    freckles: tuple[Point, ...]

    light: float
    """Where the light stands: -1 is the viewer's left, 1 the right."""
    contrast: float
    roll: float
    """Radians, in the image plane."""
    shift: Point
    scale: float
    yaw: float
    pitch: float


def _mix(one: Colour, other: Colour, share: float) -> Colour:
    r, g, b = (a + (z - a) * share for a, z in zip(one, other, strict=True))
    return (r, g, b)


def _jittered(colour: Colour, rng: np.random.Generator, spread: float) -> Colour:
    r, g, b = (float(np.clip(c + rng.uniform(-spread, spread), 0, 255)) for c in colour)
    return (r, g, b)


def _skin(rng: np.random.Generator) -> Colour:
    depth = rng.uniform(0, len(_SKINS) - 1)
    r, g, b = (float(np.interp(depth, np.arange(len(_SKINS)), channel)) for channel in _SKINS.T)
    return _jittered((r, g, b), rng, 7)


def sample_identity(rng: np.random.Generator) -> Identity:
    """Draw one person; the same generator state gives the same person."""

    def within(low: float, high: float) -> float:
        return float(rng.uniform(low, high))

    skin = _skin(rng)
    hair = _jittered(_HAIRS[int(rng.integers(len(_HAIRS)))], rng, 10)
    rouge: Colour = (within(150, 200), within(50, 80), within(60, 90))
    darkest: Colour = (34, 26, 24)
    wall = _mix((within(50, 220), within(50, 220), within(50, 220)), (128, 128, 128), 0.4)
    freckled = rng.random() < 0.15
    spots = rng.normal(0.0, 1.0, (14, 2)) * (0.22, 0.05) + (0.0, 0.05) if freckled else ()
    return Identity(
        skin=skin,
        lips=_mix(_mix(skin, rouge, within(0.35, 0.6)), darkest, within(0.0, 0.12)),
        iris=_jittered(_IRISES[int(rng.integers(len(_IRISES)))], rng, 12),
        hair=hair,
        brow=_mix(hair, darkest, within(0.3, 0.7)),
        shirt=(within(30, 230), within(30, 230), within(30, 230)),
        background=(wall, _mix(wall, (within(0, 255),) * 3, within(0.1, 0.5))),
        background_angle=within(0, 2 * np.pi),
        face_width=within(0.57, 0.67),
        jaw_squareness=within(2.1, 2.75),
        chin=within(0.73, 0.79),
        ears=within(0.8, 1.2),
        eye_spacing=within(0.275, 0.315),
        eye_width=within(0.145, 0.18),
        eye_height=within(0.068, 0.088),
        eye_tilt=within(-0.015, 0.03),
        iris_radius=within(0.068, 0.082),
        lid_crease=within(0.02, 0.042),
        brow_height=within(-0.43, -0.385),
        brow_thickness=within(0.022, 0.042),
        brow_arch=within(0.015, 0.055),
        brow_slant=within(-0.02, 0.02),
        nose_length=within(0.12, 0.19),
        nose_width=within(0.10, 0.15),
        mouth_height=within(0.41, 0.45),
        mouth_width=within(0.205, 0.255),
        upper_lip=within(0.035, 0.058),
        lower_lip=within(0.045, 0.075),
        hair_length=-1.0 if rng.random() < 0.06 else within(0.0, 1.0),
        hairline=within(-0.82, -0.74),
        parting=within(-0.5, 0.5),
        blush=within(0.0, 0.35),
        freckles=tuple((float(x), float(y)) for x, y in spots),
        light=within(-1, 1),
        contrast=within(0.35, 1.0),
        roll=within(-0.08, 0.08),
        shift=(within(-0.04, 0.04), within(-0.03, 0.02)),
        scale=within(0.96, 1.05),
        yaw=within(-0.07, 0.07),
        pitch=within(-0.03, 0.03),
    )
