"""What lies behind a head: gradients, blurred colours, lights out of focus, indoor-like panels."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage

from .model import Floats
from .noise import smooth_noise

GRID = 64


def paint_backdrop(seed: int, size: int) -> Floats:
    """A linear picture `(size, size, 3)`."""
    random = np.random.default_rng(seed)
    kind = random.choice(["plain", "gradient", "noise", "lights", "panels"], p=[0.15, 0.25, 0.25, 0.15, 0.2])
    base = _colour(random)
    picture: Floats = np.broadcast_to(base, (GRID, GRID, 3)).astype(np.float32)
    if kind == "gradient":
        along = np.linspace(0, 1, GRID)[:, None] * random.normal() + np.linspace(0, 1, GRID)[None] * random.normal()
        along = (along - along.min()) / (np.ptp(along) + 1e-6)
        picture = base + along[..., None] * (_colour(random) - base)
    elif kind == "noise":
        for _ in range(random.integers(2, 5)):
            cover = 1 / (1 + np.exp(-3 * smooth_noise(random, (GRID, GRID), random.uniform(5, 40))))
            picture = picture * (1 - cover[..., None]) + cover[..., None] * _colour(random)
    elif kind == "lights":
        picture = picture * 0.3 + _discs(random)
    elif kind == "panels":
        picture = _panels(random, picture)
    picture = ndimage.gaussian_filter(picture, (random.uniform(0.3, 4), random.uniform(0.3, 4), 0), mode="nearest")
    picture = picture * np.exp(0.08 * smooth_noise(random, (GRID, GRID), 8))[..., None]
    planes = [
        np.asarray(Image.fromarray(plane).resize((size, size), Image.Resampling.BICUBIC))
        for plane in picture.astype(np.float32).transpose(2, 0, 1)
    ]
    return np.clip(np.stack(planes, -1), 0, 4)


def _colour(random: np.random.Generator) -> Floats:
    """Mostly dull, as rooms and walls are."""
    colour = np.exp(random.uniform(np.log(0.015), np.log(1.0))) * np.exp(
        random.normal(0, random.choice([0.08, 0.45]), 3)
    )
    return np.clip(colour, 0, 1.3).astype(np.float32)


def _discs(random: np.random.Generator) -> Floats:
    layer = np.zeros((GRID, GRID, 3), np.float32)
    rows, columns = np.mgrid[:GRID, :GRID]
    for _ in range(random.integers(5, 25)):
        row, column = random.uniform(0, GRID, 2)
        radius = random.uniform(1.5, 8)
        disc = np.clip(radius - np.hypot(rows - row, columns - column), 0, 1)
        layer += disc[..., None] * _colour(random) * random.uniform(0.5, 2)
    return layer


def _panels(random: np.random.Generator, picture: Floats) -> Floats:
    for _ in range(random.integers(2, 8)):
        mask = Image.new("F", (GRID, GRID))
        left, top = random.uniform(-0.3 * GRID, GRID, 2)
        width, height = random.uniform(4, GRID, 2)
        ImageDraw.Draw(mask).rectangle([left, top, left + width, top + height], fill=1.0)
        cover = np.asarray(mask)[..., None] * random.uniform(0.5, 1)
        picture = picture * (1 - cover) + cover * _colour(random)
    return picture
