"""Hair as a thick shell over the scalp: it dives below the skin where the face begins, and may hang at the sides."""

from __future__ import annotations

import functools
from typing import Final

import attrs
import numpy as np
from embreex.mesh_construction import TriangleMesh
from embreex.rtcore_scene import EmbreeScene

from .model import Floats, HeadModel, Ints
from .noise import smooth_noise
from .people import Hair

ANGLES: Final = (0, 22, 45, 64, 78, 92, 110, 126, 180)
"""Degrees from the front at which a `Hair.line` is given; the same on both sides."""
CENTRE: Final = np.array([0.0, 4.0, 0.5], np.float32)
AROUND: Final = 144
DOWN: Final = 56
HANGING: Final = 18
LOWEST: Final = -36.0
"""Degrees: how far down the scalp is looked for."""


@attrs.frozen(eq=False)
class Scalp:
    """Points of the head, by angle around (0 = front, to the left) and height, as places in its triangles."""

    triangles: Ints
    """`(DOWN * AROUND,)`."""
    weights: Floats
    """`(DOWN * AROUND, 3)`: barycentric."""
    heights: Floats
    """`(DOWN,)` degrees, from the crown down."""
    angles: Floats
    """`(AROUND,)` degrees, 0 to 360."""


@functools.lru_cache(2)
def find_scalp(model: HeadModel) -> Scalp:
    """Where rays from outside to the head's centre meet it."""
    skin = model.faces_of("Face", "BackHead")
    scene = EmbreeScene()
    TriangleMesh(scene, model.neutral, np.ascontiguousarray(model.faces[skin]))
    heights = np.linspace(89.5, LOWEST, DOWN).astype(np.float32)
    angles = (np.arange(AROUND) * 360 / AROUND).astype(np.float32)
    directions = _directions(heights, angles)
    found = scene.run(CENTRE + 40 * directions, -directions, output=True)
    triangles = np.flatnonzero(skin)[found["primID"]]
    u, v = found["u"], found["v"]
    return Scalp(triangles.astype(np.int32), np.stack([1 - u - v, u, v], 1), heights, angles)


def _directions(heights: Floats, angles: Floats) -> Floats:
    height, angle = np.radians(np.meshgrid(heights, angles, indexing="ij"))
    out = np.stack([np.sin(angle) * np.cos(height), np.sin(height), np.cos(angle) * np.cos(height)], -1)
    return np.ascontiguousarray(out.reshape(-1, 3).astype(np.float32))


@attrs.frozen(eq=False)
class HairMesh:
    vertices: Floats
    """`(N, 3)`."""
    faces: Ints
    shade: Floats
    """`(N,)`: light and dark strands, about 1."""


def grow_hair(hair: Hair, model: HeadModel, vertices: Floats) -> HairMesh | None:
    """The hair of a head with these vertices `(V, 3)`, or None."""
    if hair.style == "none":
        return None
    random = np.random.default_rng(hair.seed)
    scalp = find_scalp(model)
    corners = vertices[model.faces[scalp.triangles]]
    roots = np.einsum("nkc,nk->nc", corners, scalp.weights).reshape(DOWN, AROUND, 3)
    out = _directions(scalp.heights, scalp.angles).reshape(DOWN, AROUND, 3)
    off_centre = np.minimum(scalp.angles, 360 - scalp.angles)
    line = (
        np.interp(off_centre, ANGLES, hair.line)
        + 1.3 * random.normal(size=AROUND)
        + 1.5 * smooth_noise(random, (1, AROUND), 9)[0]
    )
    if hair.style == "long":
        behind = np.clip((off_centre - 60) / 25, 0, 1)
        line = line * (1 - behind) + (LOWEST - 6) * behind
    above = scalp.heights[:, None] - line[None]
    cover = np.clip(above / (5 + 4 * min(hair.thickness, 1)), -1, 1)
    lumps = smooth_noise(random, (DOWN, AROUND), 12) * (0.10 + 0.35 * hair.curl) + hair.curl * 0.18 * smooth_noise(
        random, (DOWN, AROUND), 3
    )
    crown = np.clip(np.sin(np.radians(scalp.heights)), 0, 1)[:, None] ** 2
    thick = hair.thickness * (1 + 0.35 * lumps) + hair.volume * crown * (hair.style != "cropped")
    lift = np.where(cover > 0, thick * np.sqrt(np.maximum(cover, 0)), 0.9 * cover)
    shell = roots + out * lift[..., None]
    strands = smooth_noise(random, (4, AROUND * 3), 2)
    shade = np.exp(0.22 * np.repeat(strands[:1, :AROUND], DOWN, 0) + 0.16 * smooth_noise(random, (DOWN, AROUND), 3))
    if hair.style == "long":
        shell, shade = _hang(hair, shell, shade, off_centre, random)
        hangs = np.broadcast_to(off_centre > 62, (len(shell) - DOWN, AROUND))
        cover = np.concatenate([np.where(off_centre > 62, 1.0, cover), np.where(hangs, 1.0, -1.0)])
    # What lies deep below the skin would be seen through an open mouth.
    faces = _quads(len(shell))
    faces = np.ascontiguousarray(faces[(cover.ravel()[faces] > -0.6).any(1)])
    return HairMesh(np.ascontiguousarray(shell.reshape(-1, 3), np.float32), faces, shade.reshape(-1).astype(np.float32))


def _hang(
    hair: Hair, shell: Floats, shade: Floats, off_centre: Floats, random: np.random.Generator
) -> tuple[Floats, Floats]:
    """Below the ears' height the shell leaves the head and hangs down."""
    behind = np.clip((off_centre - 62) / 14, 0, 1)[:, None]
    start = int(DOWN * 0.62)
    fall = np.arange(1, DOWN - start + HANGING + 1)[:, None, None] / HANGING
    edge = shell[start - 1][None]
    flare = 1 + 0.10 * np.sqrt(fall) * np.array([1, 0, 1]) + 0.03 * hair.curl * np.sin(9 * fall)
    hanging = edge * flare - np.array([0, 1, 0]) * fall * hair.length * 0.5
    hanging += 0.12 * smooth_noise(random, (len(fall), AROUND), 5)[..., None] * np.array([1, 0, 1])
    kept = np.concatenate([shell[start:], np.repeat(shell[-1:] * [0.8, 1, 0.6], HANGING, 0)])
    low = behind * hanging + (1 - behind) * kept
    streaks = np.repeat(shade[start - 1 : start], len(fall), 0)
    return np.concatenate([shell[:start], low]), np.concatenate([shade[:start], streaks])


@functools.lru_cache(4)
def _quads(rows: int) -> Ints:
    row, column = np.meshgrid(np.arange(rows - 1), np.arange(AROUND), indexing="ij")
    after = (column + 1) % AROUND
    a, b, c, d = row * AROUND + column, row * AROUND + after, (row + 1) * AROUND + column, (row + 1) * AROUND + after
    quads = np.concatenate([np.stack([a, c, b], -1).reshape(-1, 3), np.stack([b, c, d], -1).reshape(-1, 3)])
    return np.ascontiguousarray(quads, np.int32)
