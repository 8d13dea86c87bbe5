"""Pictures of a person: rays through the pixels (Intel Embree), shaded."""

from __future__ import annotations

from typing import Any, Final

import attrs
import numpy as np
from embreex.mesh_construction import TriangleMesh
from embreex.rtcore_scene import EmbreeScene
from numpy.typing import NDArray

from .atlas import make_atlas
from .backdrop import paint_backdrop
from .camera import Camera, frame_camera
from .hair import HairMesh, grow_hair
from .heads import anatomy, neutral_head, pose_head
from .landmarks import VERTICES
from .lighting import Surface, camera_response, shade
from .materials import colour_surface
from .model import Floats, HeadModel
from .people import Person
from .skin import crease, paint_skin

OVERSAMPLING: Final = 2
"""Rays across a pixel, and down."""


@attrs.frozen(eq=False)
class Sitter:
    """A person, and what all pictures of them share."""

    model: HeadModel
    person: Person
    neutral: Floats
    skin: Floats
    hair: HairMesh | None
    camera: Camera
    backdrop: Floats


def seat(model: HeadModel, person: Person, size: int) -> Sitter:
    """Make ready for pictures of `size` x `size` pixels."""
    neutral = neutral_head(model, person)
    camera = frame_camera(person.shot, neutral[list(VERTICES)])
    return Sitter(
        model,
        person,
        neutral,
        paint_skin(person.skin, make_atlas(model)),
        grow_hair(person.hair, model, neutral),
        camera,
        paint_backdrop(person.shot.backdrop, size),
    )


def render(sitter: Sitter, aus: Floats, size: int) -> tuple[NDArray[np.uint8], Floats]:
    """The sitter under an AU vector `(17,)`: the picture `(size, size, 3)` and the landmarks `(68, 2)` in pixels."""
    model, person, camera = sitter.model, sitter.person, sitter.camera
    vertices = pose_head(model, person, sitter.neutral, aus)
    placed = camera.place(vertices)
    fine = size * OVERSAMPLING
    surface, hit, scene = _trace(sitter, placed, fine)
    skin = crease(sitter.skin, person.skin, make_atlas(model), aus)
    colour_surface(surface, model, person, skin)
    light = shade(surface, scene, person, camera, hit, fine)
    picture = np.zeros((fine * fine, 3), np.float32)
    picture[hit] = light
    _lay_lashes(picture, sitter, placed, surface, hit, fine)
    shape = (size, OVERSAMPLING, size, OVERSAMPLING)
    cover = hit.reshape(shape).mean((1, 3), dtype=np.float32)[..., None]
    mixed = picture.reshape(*shape, 3).mean((1, 3)) + (1 - cover) * sitter.backdrop
    return camera_response(mixed, person), camera.pixels(placed[list(VERTICES)], size)


def _trace(sitter: Sitter, placed: Floats, fine: int) -> tuple[Surface, NDArray[np.bool_], EmbreeScene]:
    parts = anatomy(sitter.model)
    scene = EmbreeScene()
    TriangleMesh(scene, placed, parts.solid)
    hair = None
    if sitter.hair is not None:
        hair = sitter.camera.place(sitter.hair.vertices)
        TriangleMesh(scene, hair, sitter.hair.faces)
    directions = sitter.camera.rays(fine)
    found = scene.run(np.zeros_like(directions), directions, output=True)
    hit = found["primID"] >= 0
    triangle, u, v = found["primID"][hit], found["u"][hit], found["v"][hit]
    is_hair = found["geomID"][hit] == 1
    weights = np.stack([1 - u - v, u, v], 1)
    corner_normals = _vertex_normals(placed, parts.solid, parts.normals)
    count = len(triangle)
    normals, rest = np.zeros((count, 3), np.float32), np.zeros((count, 3), np.float32)
    uv, part = np.zeros((count, 2), np.float32), np.full(count, -1, np.int32)
    body = ~is_hair
    corners = parts.solid[triangle[body]]
    normals[body] = _mix(corner_normals[corners], weights[body])
    rest[body] = _mix(sitter.model.neutral[corners], weights[body])
    uv[body] = _mix(parts.solid_uv[triangle[body]], weights[body])
    part[body] = parts.solid_part[triangle[body]]
    strands = np.ones(count, np.float32)
    if hair is not None and sitter.hair is not None:
        faces = sitter.hair.faces
        corners = faces[triangle[is_hair]]
        cross = np.cross(hair[faces[:, 1]] - hair[faces[:, 0]], hair[faces[:, 2]] - hair[faces[:, 0]])
        sums = np.zeros_like(hair)
        for k in range(3):
            for axis in range(3):
                sums[:, axis] += np.bincount(faces[:, k], cross[:, axis], len(hair)).astype(np.float32)
        normals[is_hair] = _mix(sums[corners], weights[is_hair])
        strands[is_hair] = (sitter.hair.shade[corners] * weights[is_hair]).sum(1)
    toward = -directions[hit]
    normals /= np.linalg.norm(normals, axis=1, keepdims=True) + 1e-9
    facing = (normals * toward).sum(1)
    normals[facing < 0] *= -1
    points = directions[hit] * found["tfar"][hit, None]
    surface = Surface(points=points, normals=normals, toward=toward, rest=rest, uv=uv, part=part, strands=strands)
    return surface, hit, scene


def _mix(corners: Floats, weights: Floats) -> Floats:
    return np.einsum("nkc,nk->nc", corners, weights).astype(np.float32)


def _vertex_normals(placed: Floats, faces: NDArray[np.int32], sums: Any) -> Floats:
    a, b, c = placed[faces[:, 0]], placed[faces[:, 1]], placed[faces[:, 2]]
    return (sums @ np.cross(b - a, c - a)).astype(np.float32)


def _lay_lashes(
    picture: Floats, sitter: Sitter, placed: Floats, surface: Surface, hit: NDArray[np.bool_], fine: int
) -> None:
    """Lashes darken what is behind them, more so at their roots."""
    parts = anatomy(sitter.model)
    if not len(parts.lashes):
        return
    scene = EmbreeScene()
    TriangleMesh(scene, placed, parts.lashes)
    near = np.flatnonzero(hit)
    directions = -surface.toward
    found = scene.run(np.zeros_like(directions), np.ascontiguousarray(directions), output=True)
    depth = np.linalg.norm(surface.points, axis=1)
    over = (found["primID"] >= 0) & (found["tfar"] < depth + 0.02)
    u, v = found["u"][over], found["v"][over]
    fade = (parts.lash_fade[parts.lashes[found["primID"][over]]] * np.stack([1 - u - v, u, v], 1)).sum(1)
    cover = (sitter.person.eyes.lashes * fade)[:, None]
    picture[near[over]] *= 1 - cover * 0.95
