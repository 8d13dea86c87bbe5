"""A person's skin as a texture of the face, and one tone for what the texture does not cover."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from .action_units import AUS
from .atlas import CREASES, SIDE, Atlas
from .model import Floats
from .noise import smooth_noise
from .people import BLOOD, CAROTENE, MELANIN, PALE, Skin


def skin_tone(skin: Skin) -> Floats:
    """Linear colour `(3,)` of the skin on average."""
    return _tone(skin, np.zeros(1), np.zeros(1))[0]


def _tone(skin: Skin, melanin: Floats, blood: Floats) -> Floats:
    """Colours `(..., 3)` by what lies above the average of melanin and blood."""
    absorbed = (
        MELANIN * np.clip(skin.melanin + melanin, 0, 1.15)[..., None]
        + BLOOD * np.clip(skin.blood + blood, 0, 3)[..., None]
        + CAROTENE * skin.carotene
    )
    return (PALE * np.exp(-absorbed)).astype(np.float32)


def paint_skin(skin: Skin, atlas: Atlas) -> Floats:
    """The face's colour without creases, linear, `(SIDE, SIDE, 3)`."""
    random = np.random.default_rng(skin.seed)
    shape = (SIDE, SIDE)
    coarse, fine = smooth_noise(random, shape, 70), smooth_noise(random, shape, 12)
    grain = smooth_noise(random, shape, 2)
    melanin = skin.blotches * (0.022 * coarse + 0.012 * fine) + 0.010 * grain + 0.10 * skin.rings * atlas.rings
    melanin += 0.05 * skin.lids * atlas.lids + 0.16 * _freckles(skin, atlas, random)
    blood = skin.blotches * (0.14 * smooth_noise(random, shape, 40) + 0.10 * fine) + 0.15 * grain
    blood += skin.flush * (0.75 * atlas.cheeks + 0.6 * atlas.nose) + 0.25 * skin.rings * atlas.rings
    blood += 1.3 * _spots(skin, random)
    skin_map = _tone(skin, melanin * atlas.inside, blood * atlas.inside)
    skin_map *= 1 - (0.35 * skin.lids * atlas.lids + 0.55 * skin.liner * atlas.liner)[..., None]
    _paint_lips(skin_map, skin, atlas, grain)
    _paint_beard(skin_map, skin, atlas, random)
    _paint_brows(skin_map, skin, atlas, random)
    return skin_map


def crease(skin_map: Floats, skin: Skin, atlas: Atlas, aus: Floats) -> Floats:
    """The face's colour with the creases of an AU vector `(17,)`, deeper with age."""
    depth = np.array([aus[AUS.index(name)] for name in CREASES], np.float32) * (0.55 + 0.6 * skin.age)
    if not depth.any():
        return skin_map
    dark = np.clip(np.tensordot(depth, atlas.creases, 1), 0, 0.6)
    reddened = dark[..., None] * np.array([0.85, 1.0, 1.0], np.float32)
    return skin_map * (1 - reddened)


def _freckles(skin: Skin, atlas: Atlas, random: np.random.Generator) -> Floats:
    if skin.freckles == 0:
        return np.zeros((SIDE, SIDE), np.float32)
    dots = (random.random((SIDE, SIDE)) < 0.012) * random.uniform(0.3, 1.6, (SIDE, SIDE))
    dots = ndimage.gaussian_filter(dots, 1.1) * 8
    return skin.freckles * np.clip(dots, 0, 1.5) * np.clip(0.25 + atlas.cheeks + atlas.nose, 0, 1)


def _spots(skin: Skin, random: np.random.Generator) -> Floats:
    dots = np.zeros((SIDE, SIDE), np.float32)
    for _ in range(skin.spots):
        row, column = random.integers(60, SIDE - 60, 2)
        dots[row, column] = random.uniform(20, 60)
    return ndimage.gaussian_filter(dots, random.uniform(1.5, 2.5))


def _paint_lips(skin_map: Floats, skin: Skin, atlas: Atlas, grain: Floats) -> None:
    natural = skin_map * skin.lips * (1 - 0.06 * grain[..., None])
    natural = (1 - skin.lipstick) * natural + skin.lipstick * skin.lip_colour * (1 - 0.5 * skin.melanin)
    cover = atlas.lips[..., None]
    skin_map[:] = (1 - cover) * skin_map + cover * natural
    skin_map *= 1 - 0.45 * atlas.lip_line[..., None]


def _paint_beard(skin_map: Floats, skin: Skin, atlas: Atlas, random: np.random.Generator) -> None:
    if not skin.stubble and not skin.beard:
        return
    cheeks, lip, chin = skin.beard_shape
    area = np.clip(
        atlas.jaw * (0.35 + 0.65 * cheeks) + atlas.moustache * atlas.jaw * lip + atlas.chin * atlas.jaw * chin, 0, 1
    )
    dots = ndimage.gaussian_filter((random.random((SIDE, SIDE)) < 0.25).astype(np.float32), 0.7) * 4
    shade = np.clip(0.45 * skin.stubble * (0.35 + 0.25 * dots), 0, 0.8) * atlas.jaw
    skin_map *= 1 - shade[..., None] * np.array([0.95, 0.85, 0.75], np.float32)
    if skin.beard:
        strands = smooth_noise(random, (SIDE, SIDE), 3)
        cover = np.clip(skin.beard * 2.2 * area - 0.55 + 0.22 * strands, 0, 0.95)[..., None]
        hair = skin.brow_colour * np.clip(1 + 0.35 * strands, 0.3, 2)[..., None]
        skin_map[:] = (1 - cover) * skin_map + cover * hair


def _paint_brows(skin_map: Floats, skin: Skin, atlas: Atlas, random: np.random.Generator) -> None:
    shift, inward = skin.brow_shift
    above = np.roll(atlas.brow_above, -round(float(shift)), 0)
    along = np.roll(atlas.brow_along, -round(float(shift)), 0) + 0.006 * inward
    half = 8.5 * skin.brow_width * np.clip(1.15 - 0.8 * np.clip(along - 0.25, 0, 1), 0.12, 1.2)
    wisps = ndimage.gaussian_filter(random.normal(size=(SIDE, SIDE)), (2.2, 0.8))
    wisps /= wisps.std()
    edge = np.clip((half * (1 + 0.18 * wisps) - np.abs(above)) / (0.45 * half + 0.8), 0, 1)
    ends = np.clip(along / 0.10, 0, 1) * np.clip((1 - along) / 0.12, 0, 1)
    cover = (np.clip(edge * (1.0 + 0.25 * wisps), 0, 1) * ends**0.5 * skin.brow_strength)[..., None]
    colour = np.minimum(skin.brow_colour, 0.7 * skin_tone(skin))
    skin_map[:] = (1 - 0.92 * cover) * skin_map + 0.92 * cover * colour
