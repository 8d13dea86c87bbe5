"""Light on surfaces, and what a camera makes of it."""

from __future__ import annotations

from typing import Final

import attrs
import numpy as np
from embreex.rtcore_scene import EmbreeScene
from numpy.typing import NDArray
from scipy import ndimage

from .camera import Camera
from .model import Floats
from .people import Person
from .skin import skin_tone

AMBIENT_RAYS: Final = 6
SHADOW_RAYS: Final = 3
TILE: Final = 4
"""Neighbouring rays look in TILE x TILE different directions, and their findings are averaged over as many."""
REACH: Final = 7.0
"""How far away, in the model's units, something still darkens a place."""
OFFSET: Final = 0.03


@attrs.define(eq=False)
class Surface:
    """What N rays met, in the camera's space. The second group is filled by `materials`."""

    points: Floats
    """`(N, 3)`."""
    normals: Floats
    toward: Floats
    """`(N, 3)`: unit, to the camera."""
    rest: Floats
    """`(N, 3)`: the place on the model's neutral mean head."""
    uv: Floats
    part: NDArray[np.int32]
    """`(N,)` into the model's parts; -1 for hair."""
    strands: Floats

    albedo: Floats = attrs.field(init=False)
    """`(N, 3)`, linear."""
    gloss: Floats = attrs.field(init=False)
    """`(N,)`: strength of the mirror-like part."""
    sharpness: Floats = attrs.field(init=False)
    """`(N,)`: exponent of the highlight."""
    bleeding: Floats = attrs.field(init=False)
    """`(N, 3)`: how far light creeps round, as in skin."""


def shade(
    surface: Surface, scene: EmbreeScene, person: Person, camera: Camera, hit: NDArray[np.bool_], fine: int
) -> Floats:
    """Linear light `(N, 3)` towards the camera."""
    light = person.shot.light
    random = np.random.default_rng(person.shot.seed)
    places = np.flatnonzero(hit)
    tile = (places // fine % TILE) * TILE + places % fine % TILE
    origins = surface.points + OFFSET * surface.normals
    openness = _openness(surface.normals, origins, scene, tile, random)
    lit = _lit(light.directions[0], light.softness, origins, scene, tile, random)
    openness, lit = (_averaged(values, hit, fine) for values in (openness, lit))
    height = 0.5 + 0.5 * surface.normals @ light.up
    ambient = height[:, None] * light.sky + (1 - height[:, None]) * light.ground
    diffuse = ambient * openness[:, None] ** np.array([0.92, 1.0, 1.0])
    mirrored = np.zeros_like(diffuse)
    for number, (direction, colour) in enumerate(zip(light.directions, light.colours, strict=True)):
        reached = lit if number == 0 else openness
        cosine = (surface.normals @ direction)[:, None]
        wrapped = np.clip((cosine + surface.bleeding) / (1 + surface.bleeding), 0, 1) ** 1.2
        diffuse += colour * wrapped * reached[:, None]
        half = surface.toward + direction
        half /= np.linalg.norm(half, axis=1, keepdims=True)
        peak = np.clip((surface.normals * half).sum(1), 0, 1) ** surface.sharpness
        peak *= (surface.sharpness + 2) / 8 * np.clip(cosine[:, 0], 0, 1) * reached
        mirrored += peak[:, None] * colour
    grazing = (1 - np.clip((surface.normals * surface.toward).sum(1), 0, 1)) ** 4
    mirrored += (ambient * openness[:, None]) * (0.4 + 3.0 * grazing[:, None])
    return surface.albedo * diffuse + surface.gloss[:, None] * mirrored


def _openness(
    normals: Floats, origins: Floats, scene: EmbreeScene, tile: NDArray[np.int64], random: np.random.Generator
) -> Floats:
    """The share of the sky `(N,)` that nothing near hides."""
    spin = random.permutation(TILE * TILE)[tile] * (2 * np.pi / (TILE * TILE))
    side = np.where(np.abs(normals[:, :1]) < 0.7, [[1.0, 0, 0]], [[0, 1.0, 0]])
    first = np.cross(normals, side)
    first /= np.linalg.norm(first, axis=1, keepdims=True)
    second = np.cross(normals, first)
    free = np.zeros(len(normals), np.float32)
    for ray in range(AMBIENT_RAYS):
        radius = np.sqrt((ray + 0.5) / AMBIENT_RAYS)
        angle = spin + 2.4 * ray
        direction = (
            first * (radius * np.cos(angle))[:, None]
            + second * (radius * np.sin(angle))[:, None]
            + normals * np.sqrt(1 - radius**2)
        )
        free += _unhindered(scene, origins, direction, REACH)
    return free / AMBIENT_RAYS


def _lit(
    direction: Floats,
    softness: float,
    origins: Floats,
    scene: EmbreeScene,
    tile: NDArray[np.int64],
    random: np.random.Generator,
) -> Floats:
    """The share of the first light `(N,)` that reaches a place."""
    jitter = random.normal(size=(SHADOW_RAYS, TILE * TILE, 3)) * softness
    lit = np.zeros(len(origins), np.float32)
    for ray in range(SHADOW_RAYS):
        towards = direction + jitter[ray][tile]
        lit += _unhindered(scene, origins, towards / np.linalg.norm(towards, axis=1, keepdims=True), 60.0)
    return lit / SHADOW_RAYS


def _unhindered(scene: EmbreeScene, origins: Floats, directions: Floats, reach: float) -> Floats:
    met = scene.run(
        origins.astype(np.float32),
        directions.astype(np.float32),
        dists=np.full(len(origins), reach, np.float32),
        query="OCCLUDED",
    )
    return (met != 0).astype(np.float32)


def _averaged(values: Floats, hit: NDArray[np.bool_], fine: int) -> Floats:
    """Each value averaged with its neighbours'."""
    field = np.zeros(fine * fine, np.float32)
    field[hit] = values
    total = ndimage.uniform_filter(field.reshape(fine, fine), TILE)
    count = ndimage.uniform_filter(hit.reshape(fine, fine).astype(np.float32), TILE)
    return (total.ravel() / np.maximum(count.ravel(), 1e-6))[hit]


def camera_response(linear: Floats, person: Person) -> NDArray[np.uint8]:
    """Exposure, white balance, blur, noise and tone curve: linear `(H, W, 3)` to a picture."""
    shot = person.shot
    # A camera opens up for dark skin, by less than half of what is missing.
    brightness = float(skin_tone(person.skin).mean())
    gain = shot.light.exposure * (brightness / 0.35) ** -0.35
    light = shot.light
    level = float((light.sky + light.ground).mean() / 2 + 0.55 * light.colours[0].mean())
    seen = linear * (gain / level) * light.white_balance
    if shot.blur:
        seen = ndimage.gaussian_filter(seen, (shot.blur, shot.blur, 0))
    toned = 1 - np.exp(-1.45 * seen)
    encoded = np.where(toned < 0.0031308, 12.92 * toned, 1.055 * np.maximum(toned, 1e-6) ** (1 / 2.4) - 0.055)
    encoded = 0.45 + shot.contrast * (encoded - 0.45)
    if shot.noise:
        encoded = encoded + shot.noise * np.random.default_rng(shot.seed).normal(size=encoded.shape)
    return np.clip(np.rint(encoded * 255), 0, 255).astype(np.uint8)
