"""A person's head under an expression: where its vertices are."""

from __future__ import annotations

import functools
from typing import Final

import attrs
import numpy as np
from scipy import sparse

from .action_units import AUS, shape_weights
from .landmarks import VERTICES
from .model import DROPPED, Floats, HeadModel, Ints
from .people import Person

LIP_PAIRS: Final = ((61, 67), (62, 66), (63, 65))
"""Landmarks of the upper and the lower lip that touch when the mouth is closed."""
EYES: Final = ("ScleraLeft", "ScleraRight")


@attrs.frozen(eq=False)
class Anatomy:
    """What is the same for all heads of a model."""

    solid: Ints
    """`(S, 3)`: the triangles that are drawn as they are; the lashes are not."""
    solid_part: Ints
    """`(S,)` into the model's parts."""
    solid_uv: Floats
    """`(S, 3, 2)`."""
    lashes: Ints
    lash_fade: Floats
    """`(V,)`: 1 at a lash's root, 0 at its tip."""
    normals: sparse.csr_matrix
    """`(V, S)`: sums triangles' normals at their corners."""
    eye_vertices: tuple[Ints, Ints]
    eye_centres: Floats
    """`(2, 3)`, left and right."""
    eye_axes: Floats
    """`(2, 3)`: where the neutral eyes look."""
    lip_gaps: Floats
    """`(E,)`: how much further each shape parts the lips."""
    lip_gap: float


@functools.lru_cache(2)
def anatomy(model: HeadModel) -> Anatomy:
    parts = [part.removeprefix("M_") for part in model.parts if part not in DROPPED and part != "M_EyeLashes"]
    solid = model.faces_of(*parts)
    triangles = np.ascontiguousarray(model.faces[solid])
    lashes = np.ascontiguousarray(model.faces[model.faces_of("EyeLashes")])
    count = len(triangles)
    sums = sparse.csr_matrix(
        (np.ones(3 * count, np.float32), (triangles.ravel(), np.repeat(np.arange(count), 3))),
        shape=(len(model.neutral), count),
    )
    vertices, centres, axes = [], [], []
    for name in EYES:
        own = np.unique(model.faces[model.faces_of(name)])
        points = model.neutral[own].astype(np.float64)
        fit = np.linalg.lstsq(np.c_[2 * points, np.ones(len(own))], (points**2).sum(1), rcond=None)[0]
        front = points[np.argsort(-points[:, 2])[: max(3, len(own) // 50)]].mean(0) - fit[:3]
        vertices.append(own.astype(np.int32))
        centres.append(fit[:3])
        axes.append(front / np.linalg.norm(front))
    return Anatomy(
        solid=triangles,
        solid_part=model.part[solid].astype(np.int32),
        solid_uv=model.uv[model.uvfaces[solid]],
        lashes=lashes,
        lash_fade=_lash_fade(model, lashes),
        normals=sums,
        eye_vertices=(vertices[0], vertices[1]),
        eye_centres=np.array(centres, np.float32),
        eye_axes=np.array(axes, np.float32),
        lip_gaps=_gap(model.expr),
        lip_gap=float(_gap(model.neutral[None])[0]),
    )


def _gap(shapes: Floats) -> Floats:
    """The mean height `(N,)` of the gap between the lips in shapes `(N, V, 3)`."""
    upper = [VERTICES[pair[0]] for pair in LIP_PAIRS]
    lower = [VERTICES[pair[1]] for pair in LIP_PAIRS]
    return (shapes[:, upper, 1] - shapes[:, lower, 1]).mean(1)


def _lash_fade(model: HeadModel, lashes: Ints) -> Floats:
    from scipy.spatial import cKDTree

    fade = np.zeros(len(model.neutral), np.float32)
    own = np.unique(lashes)
    if len(own):
        skin = np.unique(model.faces[model.faces_of("Face")])
        distance, _ = cKDTree(model.neutral[skin]).query(model.neutral[own])
        fade[own] = np.clip(1 - distance / (np.quantile(distance, 0.97) + 1e-6), 0, 1)
    return fade


def neutral_head(model: HeadModel, person: Person) -> Floats:
    """The person without expression, `(V, 3)`."""
    return model.neutral + np.tensordot(person.identity, model.iden[: len(person.identity)], 1)


def pose_head(model: HeadModel, person: Person, neutral: Floats, aus: Floats) -> Floats:
    """The person under an AU vector `(17,)` in the order of `AUS`, `(V, 3)`."""
    parts = anatomy(model)
    weights = shape_weights(model, aus, person.asymmetry, person.eyes.droop)
    _follow_gaze(model, weights, person.shot.gaze)
    _close_lips(model, parts, weights, aus, float(_gap(neutral[None])[0]))
    used = np.flatnonzero(weights)
    vertices = neutral + np.tensordot(weights[used], model.expr[used], 1)
    for own, centre, side in zip(parts.eye_vertices, eye_centres(model, neutral), (1, -1), strict=True):
        vertices[own] = (neutral[own] - centre) @ _turn(person.shot.gaze, side).T + centre
    return vertices.astype(np.float32)


def eye_centres(model: HeadModel, neutral: Floats) -> Floats:
    """The middles of a person's eyeballs, `(2, 3)`."""
    parts = anatomy(model)
    moved = [neutral[own].mean(0) - model.neutral[own].mean(0) for own in parts.eye_vertices]
    return parts.eye_centres + np.array(moved, np.float32)


def _turn(gaze: Floats, side: int) -> Floats:
    """The eyeball's rotation `(3, 3)`; both eyes turn alike, as to something far away."""
    left, up = np.radians(gaze)
    about_y = np.array([[np.cos(left), 0, np.sin(left)], [0, 1, 0], [-np.sin(left), 0, np.cos(left)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(up), np.sin(up)], [0, -np.sin(up), np.cos(up)]])
    return (about_y @ about_x).astype(np.float32)


def _follow_gaze(model: HeadModel, weights: Floats, gaze: Floats) -> None:
    """Lids move with the eye: a full look is about 30 degrees."""
    left, up = gaze / 30
    amounts = {
        "eyeLookUp_L": up, "eyeLookUp_R": up, "eyeLookDown_L": -up, "eyeLookDown_R": -up,
        "eyeLookOut_L": left, "eyeLookIn_R": left, "eyeLookIn_L": -left, "eyeLookOut_R": -left,
    }  # fmt: skip
    for name, amount in amounts.items():
        open_eye = 1 - weights[model.expression(f"eyeBlink_{name[-1]}")]
        weights[model.expression(name)] += max(0.0, float(amount)) * open_eye


def _close_lips(model: HeadModel, parts: Anatomy, weights: Floats, aus: Floats, gap: float) -> None:
    """AU25 alone says whether the lips part: without it they meet, whatever jaw, cheeks and nose do."""
    close = model.expression("mouthClose")
    opening = gap + float(weights @ parts.lip_gaps)
    parted = float(aus[AUS.index("AU25")])
    if parts.lip_gaps[close] < 0:
        weights[close] = np.clip((opening - parted * max(opening, 0.0)) / -parts.lip_gaps[close], -0.1, 1.0)
