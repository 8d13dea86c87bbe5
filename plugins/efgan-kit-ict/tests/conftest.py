"""A head that any test can render: an ellipsoid with the model's vertices, parts and shapes, made in a moment."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))  # the plugin need not be installed to be tested
from efgan_kit_ict.action_units import SHAPES
from efgan_kit_ict.landmarks import VERTICES

SIDED = {shape for shapes in SHAPES.values() for shape in shapes} - {
    "browInnerUp", "jawOpen", "mouthShrugLower", "mouthShrugUpper", "mouthRollLower", "mouthRollUpper", "mouthPucker",
}  # fmt: skip
LOOKS = {f"eyeLook{way}" for way in ("Up", "Down", "In", "Out")}
UNSIDED = {
    "jawOpen",
    "mouthClose",
    "mouthShrugLower",
    "mouthShrugUpper",
    "mouthRollLower",
    "mouthRollUpper",
    "mouthPucker",
}
NAMES = sorted([f"{shape}_{side}" for shape in SIDED | LOOKS | {"browInnerUp"} for side in "LR"] + list(UNSIDED))


def places():
    """Rough places of the 68 landmarks on the front of the head, x and y."""
    jaw = [(7.5 * np.sin(a), 1 - 9 * np.cos(a)) for a in np.linspace(-1.6, 1.6, 17)]
    brows = [(x, 6) for x in (-5, -4, -3.2, -2.4, -1.6, 1.6, 2.4, 3.2, 4, 5)]
    nose = [(0, y) for y in (4, 3, 2, 0.5)] + [(x, -1) for x in (-1.4, -0.7, 0, 0.7, 1.4)]
    eye = np.array([(-1.4, 0), (-0.6, 0.5), (0.6, 0.5), (1.4, 0), (0.6, -0.5), (-0.6, -0.5)])
    outer = [(2.4 * np.cos(a), -4 + 1.1 * np.sin(a)) for a in np.pi - np.arange(12) * np.pi / 6]
    inner = [
        (x, -4 + y) for x, y in ((-1.8, 0), (-1, 0.2), (0, 0.2), (1, 0.2), (1.8, 0), (1, -0.2), (0, -0.2), (-1, -0.2))
    ]
    return np.array([*jaw, *brows, *nose, *(eye + np.array([-3, 3.5])), *(eye + np.array([3, 3.5])), *outer, *inner])


def ball(centre, radii, rows, columns):
    """Vertices, triangles and uv of an ellipsoid seen from outside; u = 0.5 is its front."""
    height, angle = np.meshgrid(np.linspace(-1.55, 1.55, rows), np.linspace(-np.pi, np.pi, columns), indexing="ij")
    out = np.stack([np.cos(height) * np.sin(angle), np.sin(height), np.cos(height) * np.cos(angle)], -1).reshape(-1, 3)
    a = (np.arange(rows - 1)[:, None] * columns + np.arange(columns - 1)).ravel()
    triangles = np.concatenate(
        [np.stack([a, a + 1, a + columns], 1), np.stack([a + 1, a + columns + 1, a + columns], 1)]
    )
    uv = np.stack([angle.ravel() / (2 * np.pi) + 0.5, height.ravel() / np.pi + 0.5], 1)
    return out * radii + centre, triangles, uv


def write_model(path):
    shapes = {
        "M_Face": ball((0, 1, 0), (8, 13, 10), 80, 84),
        "M_BackHead": ball((0, -16, -2), (10, 4, 6), 8, 12),
        "M_GumsTongue": ball((0, -4, 6), (1.5, 1, 1.5), 6, 8),
        "M_Teeth": ball((0, -4, 7.5), (1.5, 0.5, 0.5), 6, 8),
        "M_ScleraLeft": ball((3, 3.5, 8.2), (1.5, 1.5, 1.5), 12, 24),
        "M_ScleraRight": ball((-3, 3.5, 8.2), (1.5, 1.5, 1.5), 12, 24),
        "M_EyeLashes": ball((3, 4.3, 9.4), (1, 0.1, 0.1), 4, 6),
    }
    vertices, faces, uvs, part = [], [], [], []
    for number, (points, triangles, uv) in enumerate(shapes.values()):
        faces.append(triangles + sum(map(len, vertices)))
        vertices.append(points)
        uvs.append(uv)
        part.append(np.full(len(triangles), number, np.int16))
    neutral, faces, uv = np.concatenate(vertices), np.concatenate(faces), np.concatenate(uvs)
    order = np.arange(len(neutral))
    front = np.flatnonzero((neutral[:, 2] > 0) & (order < len(vertices[0])))
    free = set(front.tolist())
    for vertex, place in zip(VERTICES, places(), strict=True):
        known = [order[v] for v in VERTICES[: VERTICES.index(vertex)]]
        near = min(free - set(known), key=lambda v: np.sum((neutral[v, :2] - place) ** 2))
        at = int(np.flatnonzero(order == near)[0])
        order[vertex], order[at] = order[at], order[vertex]
    moved_to = np.argsort(order)
    neutral, uv, faces = neutral[order], uv[order], moved_to[faces]
    points = neutral[list(VERTICES)]
    expr = np.zeros((len(NAMES), len(neutral), 3), np.float16)

    def bump(name, centre, step, width=1.5):
        near = np.exp(-((neutral[:, :2] - np.asarray(centre)[:2]) ** 2).sum(1) / width**2) * (neutral[:, 2] > 0)
        expr[NAMES.index(name)] += (near[:, None] * step).astype(np.float16)

    for name in NAMES:
        side = {"L": 1, "R": -1}.get(name[-1], 0)
        region = (3 * side, 4.2) if name.startswith(("eye", "brow", "cheek")) else (1.6 * side, -4)
        bump(name, region, [0.1 * side, 0.4, 0.1])
    lower = (57, 58, 56, 65, 66, 67)
    for name, step in (("jawOpen", -2.0), ("mouthClose", 2.0)):
        for vertex in lower:
            expr[NAMES.index(name), VERTICES[vertex]] = [0, step, 0]
    random = np.random.default_rng(0)
    iden = (
        np.stack([np.outer(np.sin(neutral @ random.normal(size=3) / 6), random.normal(size=3)) for _ in range(4)]) * 0.2
    )
    np.savez(
        path, neutral=neutral.astype(np.float32), faces=faces.astype(np.int32), uvfaces=faces.astype(np.int32),
        uv=uv.astype(np.float32), mat=np.concatenate(part), mats=np.array(list(shapes)), expr=expr,
        expr_names=np.array(NAMES), iden=iden.astype(np.float16),
    )  # fmt: skip
    assert len(points) == 68


@pytest.fixture(scope="session")
def model_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "head.npz"
    write_model(path)
    return path


@pytest.fixture(autouse=True)
def kept_apart(tmp_path_factory, monkeypatch):
    """Pictures are kept for all tests of a session, not for the user who runs them."""
    monkeypatch.setenv("EFGAN_CACHE_DIR", str(tmp_path_factory.getbasetemp() / "kept"))
