"""What makes one rendered person, and the picture they are taken in: everything but the expression, by chance."""

from __future__ import annotations

from typing import Any, Final

import attrs
import numpy as np

from .action_units import AUS
from .model import Floats

Random = np.random.Generator

MELANIN: Final = np.array([2.35, 2.95, 3.25])
"""Absorbance of the darkest skin, over the lightest, in linear red, green and blue."""
BLOOD: Final = np.array([0.08, 0.44, 0.32])
CAROTENE: Final = np.array([0.02, 0.08, 0.45])
PALE: Final = np.array([0.86, 0.68, 0.57])

IRISES: Final = np.array(
    [[0.075, 0.030, 0.012], [0.14, 0.065, 0.022], [0.19, 0.125, 0.04], [0.12, 0.15, 0.07], [0.10, 0.18, 0.28],
     [0.17, 0.21, 0.24], [0.03, 0.014, 0.007]]
)  # fmt: skip
HAIRS: Final = np.array(
    [[0.008, 0.006, 0.005], [0.02, 0.011, 0.006], [0.05, 0.026, 0.012], [0.11, 0.062, 0.028], [0.27, 0.17, 0.075],
     [0.42, 0.31, 0.17], [0.17, 0.05, 0.015], [0.30, 0.30, 0.29], [0.62, 0.61, 0.58]]
)  # fmt: skip
"""Linear colours: black to brown, blond, red, grey, white."""


@attrs.frozen(eq=False)
class Skin:
    """Colours are linear; strengths in [0, 1] unless said."""

    seed: int
    melanin: float
    blood: float
    carotene: float
    blotches: float
    freckles: float
    spots: int
    flush: float
    """Redness of cheeks, nose and ears."""
    rings: float
    """Darkness below the eyes."""
    lids: float
    """Shadow or make-up on the upper lids."""
    liner: float
    lips: Floats
    """What the lips' colour is multiplied by, `(3,)`."""
    lipstick: float
    lip_colour: Floats
    brow_strength: float
    brow_width: float
    brow_shift: Floats
    """Higher, and inwards, in texels `(2,)`."""
    brow_colour: Floats
    stubble: float
    beard: float
    beard_shape: Floats
    """How far it reaches: up the cheeks, on the upper lip, on the chin `(3,)`."""
    age: float
    """How deep creases are."""
    gloss: float


@attrs.frozen(eq=False)
class Hair:
    style: str
    """"none", "cropped", "short" or "long"."""
    colour: Floats
    thickness: float
    volume: float
    line: Floats
    """The hairline's height in degrees above the head's centre, at the angles of `hair.ANGLES`."""
    length: float
    """How far long hair hangs below the ears, in the model's units."""
    curl: float
    seed: int


@attrs.frozen(eq=False)
class Eyes:
    iris: Floats
    iris_size: float
    pupil: float
    droop: float
    """How far the upper lids hang at rest; 1 closes the eye."""
    white: Floats
    lashes: float


@attrs.frozen(eq=False)
class Light:
    """Directions are unit vectors in the camera's space, towards the light; colours linear."""

    directions: Floats
    """`(L, 3)`; the first is the one that casts shadows."""
    colours: Floats
    """`(L, 3)`."""
    softness: float
    """Radius of the first light, as a share of its distance."""
    sky: Floats
    ground: Floats
    up: Floats
    """Which way the sky is."""
    exposure: float
    white_balance: Floats


@attrs.frozen(eq=False)
class Shot:
    """Pose, camera, light and background: what two pictures of one person may share."""

    yaw: float
    pitch: float
    roll: float
    """Degrees."""
    distance: float
    """From the camera to the head's centre, in the model's units; the head is 27 high."""
    jitter: Floats
    """`(3,)`: the frame's shift right and down, as a share of its side, and the log of its zoom."""
    gaze: Floats
    """Degrees to the person's left, and up, `(2,)`."""
    light: Light
    backdrop: int
    """Seed."""
    contrast: float
    noise: float
    blur: float
    seed: int


@attrs.frozen(eq=False)
class Person:
    identity: Floats
    """`(100,)` in standard deviations."""
    asymmetry: Floats
    """`(17,)`, see `shape_weights`."""
    skin: Skin
    hair: Hair
    eyes: Eyes
    cloth: Floats
    shot: Shot


def sample_person(random: Random, modes: int) -> Person:
    """Draw a person and a shot; `modes` is the number of identity modes."""
    melanin = float(np.clip(random.beta(0.95, 1.1), 0, 1))
    identity = random.normal(0, 0.85, modes).clip(-2.2, 2.2)
    manly = random.random() < 0.5
    hair_colour = _hair_colour(random, melanin)
    return Person(
        identity=identity.astype(np.float32),
        asymmetry=random.normal(0, 0.07, len(AUS)).clip(-0.2, 0.2).astype(np.float32),
        skin=_skin(random, melanin, manly, hair_colour),
        hair=_hair(random, manly, hair_colour),
        eyes=_eyes(random, melanin),
        cloth=_floats(
            random.uniform(0.01, 0.6) * random.dirichlet([20, 20, 20] if random.random() < 0.75 else [3, 3, 3]) * 3
        ),
        shot=sample_shot(random),
    )


def sample_shot(random: Random) -> Shot:
    turned = random.random() < 0.3
    spread = 16.0 if turned else 6.0
    return Shot(
        yaw=_near_zero(random, spread, 30),
        pitch=_near_zero(random, 5, 13),
        roll=_near_zero(random, 3.5, 10),
        distance=float(np.exp(random.uniform(np.log(48), np.log(190)))),
        jitter=_floats(random.normal(0, [0.012, 0.012, 0.03]).clip(-0.05, 0.05)),
        gaze=_floats(random.normal(0, [6, 3]).clip(-18, 18)),
        light=_light(random),
        backdrop=int(random.integers(2**31)),
        contrast=float(random.uniform(1.0, 1.4)),
        noise=float(random.choice([0.0, random.exponential(0.008)])),
        blur=float(random.choice([0.0, 0.35, random.uniform(0.2, 0.7)])),
        seed=int(random.integers(2**31)),
    )


def _near_zero(random: Random, deviation: float, limit: float) -> float:
    return float(np.clip(random.normal(0, deviation), -limit, limit))


def _floats(values: Any) -> Floats:
    return np.asarray(values, np.float32)


def _skin(random: Random, melanin: float, manly: bool, hair_colour: Floats) -> Skin:
    bearded = manly and random.random() < 0.28
    painted = not manly and random.random() < 0.45
    fair = 1 - melanin
    age = float(random.beta(1.3, 1.9))
    return Skin(
        seed=int(random.integers(2**31)),
        melanin=melanin,
        blood=float(random.uniform(0.3, 1.1) * (1 - 0.55 * melanin)),
        carotene=float(random.uniform(0.0, 1.0)),
        blotches=float(random.uniform(0.2, 1.0)),
        freckles=float(random.uniform(0.2, 1) * fair if random.random() < 0.3 else 0),
        spots=int(random.poisson(4)),
        flush=float(random.beta(1.5, 2)),
        rings=float(random.beta(1.3, 2.5)),
        lids=float(random.beta(1.2, 3) if not painted else random.uniform(0.3, 0.9)),
        liner=float(random.uniform(0.4, 1) if painted else random.uniform(0.0, 0.25)),
        lips=_floats(np.array([0.86, 0.58, 0.60]) ** random.uniform(0.6, 1.7)),
        lipstick=float(random.uniform(0.35, 0.9) if painted and random.random() < 0.7 else 0),
        lip_colour=_floats([random.uniform(0.2, 0.6), random.uniform(0.01, 0.13), random.uniform(0.02, 0.16)]),
        brow_strength=float(random.uniform(0.65, 1.0)),
        brow_width=float(random.uniform(0.7, 1.15) + (0.25 if manly else 0)),
        brow_shift=_floats(random.normal(0, [2.0, 1.5])),
        brow_colour=_floats(hair_colour * random.uniform(0.35, 1.0)),
        stubble=float(random.uniform(0.1, 0.9) if manly and random.random() < 0.7 else 0),
        beard=float(random.uniform(0.5, 1) if bearded else 0),
        beard_shape=_floats(random.uniform([0, 0, 0.5], [1, 1, 1])),
        age=age,
        gloss=float(random.uniform(0.4, 1.5)),
    )


def _hair_colour(random: Random, melanin: float) -> Floats:
    weights = np.array([3, 3, 3, 2, 2, 1, 0.8, 0.9, 0.6]) * (
        np.array([1.0, 1, 0.6, 0.2, 0.05, 0.02, 0.02, 0.6, 0.4]) ** (1.6 * melanin)
    )
    colour = HAIRS[random.choice(len(HAIRS), p=weights / weights.sum())]
    return _floats(colour * np.exp(random.normal(0, 0.2)) * np.exp(random.normal(0, 0.06, 3)))


def _hair(random: Random, manly: bool, colour: Floats) -> Hair:
    shares = [0.12, 0.28, 0.5, 0.1] if manly else [0.02, 0.04, 0.24, 0.7]
    style = str(random.choice(["none", "cropped", "short", "long"], p=shares))
    fringe = random.random() < (0.12 if manly else 0.25) and style != "cropped"
    receding = random.beta(1.2, 3) if manly else 0.0
    front = 21 + random.uniform(-4, 2) if fringe else 42 + random.normal(0, 4) + 16 * receding
    temple = front - 4 if fringe else 30 + random.normal(0, 4) + 22 * receding
    side = random.uniform(2, 10)
    line = [front, front + random.uniform(-1, 2), temple, side, random.uniform(-14, 2), 2, 3, -14, -33]
    return Hair(
        style=style,
        colour=colour,
        thickness=float(random.uniform(0.12, 0.3) if style == "cropped" else random.uniform(0.5, 1.5)),
        volume=float(random.beta(1.5, 2.5) * 2.5),
        line=_floats(line),
        length=float(random.uniform(7, 20)),
        curl=float(random.beta(1, 1.6)),
        seed=int(random.integers(2**31)),
    )


def _eyes(random: Random, melanin: float) -> Eyes:
    weights = np.array([3, 2.5, 1.5, 1.2, 2.2, 1.3, 1.5]) * (
        np.array([1, 0.6, 0.3, 0.1, 0.04, 0.05, 1.5]) ** (1.8 * melanin)
    )
    iris = IRISES[random.choice(len(IRISES), p=weights / weights.sum())]
    return Eyes(
        iris=_floats(iris * np.exp(random.normal(0, 0.2)) * np.exp(random.normal(0, 0.07, 3))),
        iris_size=float(random.uniform(27.5, 31)),
        pupil=float(random.uniform(0.28, 0.55)),
        droop=float(random.uniform(0.02, 0.3)),
        white=_floats(np.array([0.50, 0.47, 0.44]) * random.uniform(0.75, 1.1) * np.exp(random.normal(0, 0.03, 3))),
        lashes=float(random.uniform(0.15, 0.85)),
    )


def _light(random: Random) -> Light:
    studio = random.random() < 0.45
    azimuth = np.radians(random.normal(0, 28 if studio else 50))
    height = np.radians(random.uniform(5, 60))
    key = _direction(azimuth, height)
    fill = _direction(-azimuth + random.normal(0, 0.4), np.radians(random.uniform(-10, 40)))
    rim = _direction(np.pi + random.normal(0, 1.2), np.radians(random.uniform(0, 60)))
    strength = random.uniform(0.5, 1.7)
    tint = np.exp(random.normal(0, 0.05 if studio else 0.13))
    warm = np.array([tint, 1, 1 / tint])
    ambient = random.uniform(0.2, 0.9)
    sky_tint = np.exp(random.normal(0, 0.10))
    sky = ambient * np.array([1 / sky_tint, 1, sky_tint])
    ground = ambient * random.uniform(0.25, 0.8) * np.exp(random.normal(0, 0.08, 3))
    up = np.array([random.normal(0, 0.5), 1, random.normal(0.3, 0.4)])
    return Light(
        directions=_floats([key, fill, rim]),
        colours=_floats(
            [strength * warm, strength * random.uniform(0.0, 0.6) * np.ones(3), random.choice([0, 0.8]) * np.ones(3)]
        ),
        softness=float(random.uniform(0.03, 0.45)),
        sky=_floats(sky),
        ground=_floats(ground),
        up=_floats(up / np.linalg.norm(up)),
        exposure=float(np.exp(random.normal(0.0, 0.17))),
        white_balance=_floats(np.exp(random.normal(0, [0.05, 0.015, 0.06]))),
    )


def _direction(azimuth: float, height: float) -> Floats:
    return _floats([np.sin(azimuth) * np.cos(height), np.sin(height), np.cos(azimuth) * np.cos(height)])
