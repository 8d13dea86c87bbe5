"""Everything that holds still: background, neck, hair, ears, and the modelled skin of the head."""

from __future__ import annotations

import numpy as np
from attrs import frozen
from PIL import Image, ImageChops, ImageFilter

from .canvas import Canvas, mirrored, mix, smooth
from .geometry import ACROSS, DOWN, TEMPLE, Curve, Geometry, curve
from .identity import Colour, Identity


@frozen
class Tones:
    """The skin in light and shade."""

    skin: Colour
    shade: Colour
    deep: Colour
    light: Colour


def tones(identity: Identity) -> Tones:
    """Shade turns warm and dark, light pale; dark skins keep enough contrast for creases to be seen."""
    r, g, b = identity.skin
    shade = (r * 0.72, g * 0.62, b * 0.58)
    deep = (r * 0.42, g * 0.31, b * 0.28)
    return Tones(skin=identity.skin, shade=shade, deep=deep, light=mix(identity.skin, (255, 246, 232), 0.42))


def paint_background(canvas: Canvas) -> None:
    """A soft gradient across the whole picture."""
    identity = canvas.identity
    ramp = np.linspace(-0.5, 0.5, 16)
    across = np.cos(identity.background_angle) * ramp + np.sin(identity.background_angle) * ramp[:, None]
    share = (across / 1.42 + 0.5)[..., None]
    one, other = np.array(identity.background[0]), np.array(identity.background[1])
    pixels = Image.fromarray(np.clip(one + (other - one) * share, 0, 255).astype(np.uint8))
    canvas.picture.paste(pixels.resize(canvas.picture.size, Image.Resampling.BILINEAR))


def paint_behind(canvas: Canvas, tone: Tones) -> None:
    """Hair at the back, shoulders and neck."""
    identity = canvas.identity
    w = identity.face_width
    if identity.hair_length > 0.35:
        end = -0.1 + 1.15 * identity.hair_length
        fall = smooth([(-w - 0.22, -0.7), (-w - 0.26, 0.0), (-w - 0.2, end), (-w + 0.12, end + 0.1)])
        behind = np.concatenate([fall, fall[::-1] * (-1, 1)])
        canvas.fill(behind, mix(identity.hair, (0, 0, 0), 0.25), soft=0.015)
    shoulders = smooth([(-1.7, 1.3), (-0.9, 0.86), (-0.4, 0.86), (0.4, 0.86), (0.9, 0.86), (1.7, 1.3)])
    canvas.fill(shoulders, identity.shirt, soft=0.01)
    neck = [(-0.36, 0.4), (-0.34, 0.8), (-0.4, 1.05), (0.4, 1.05), (0.34, 0.8), (0.36, 0.4)]
    canvas.fill(np.array(neck), mix(tone.skin, tone.shade, 0.75), soft=0.01)


def outline(identity: Identity, geometry: Geometry) -> Curve:
    """The whole head: the jaw closed over the crown."""
    angle = np.linspace(0, np.pi, 25)[1:-1]
    crown = curve(identity.face_width * np.cos(angle), TEMPLE - 0.74 * np.sin(angle) ** 0.9)
    return np.concatenate([geometry.jaw, crown])


def paint_ears(canvas: Canvas, tone: Tones) -> None:
    """Ears at eye level; long hair covers them later."""
    identity = canvas.identity
    x = identity.face_width + 0.015
    centres = [(-x, -0.07), (x, -0.07)]
    radii = (0.075 * identity.ears, 0.145 * identity.ears)
    canvas.blob(centres, radii, tone.skin, soft=0.006)
    canvas.blob(centres, (radii[0] * 0.55, radii[1] * 0.65), tone.shade, 0.6, soft=0.02)


def paint_skin(canvas: Canvas, geometry: Geometry, tone: Tones) -> Image.Image:
    """The head with its roundness and light; returns its mask."""
    identity = canvas.identity
    contour = outline(identity, geometry)
    head = canvas.mask(contour)
    chin = float(geometry.jaw[32, 1])
    canvas.fill(contour * (0.93, 1) + 0.07 * DOWN, tone.deep, 0.35, soft=0.05)
    canvas.picture.paste(tuple(int(c) for c in tone.skin), (0, 0), head)
    small = head.resize((64, 64), Image.Resampling.BOX).filter(ImageFilter.GaussianBlur(6))
    rim = ImageChops.invert(small).point(lambda v: min(v, 150)).resize(head.size, Image.Resampling.BICUBIC)
    canvas.picture.paste(tuple(int(c) for c in tone.shade), (0, 0), ImageChops.multiply(rim, head))

    side, strength = identity.light, identity.contrast
    canvas.blob((-0.75 * side, 0.05), (0.38, 0.9), tone.shade, 0.55 * strength * abs(side), 0.16, head)
    canvas.blob((0.22 * side, -0.58), (0.32, 0.14), tone.light, 0.40 * strength, 0.10, head)
    canvas.blob((0.40 * side, 0.12), (0.18, 0.16), tone.light, 0.32 * strength, 0.09, head)
    canvas.blob((0.05 * side, chin - 0.09), (0.13, 0.06), tone.light, 0.30 * strength, 0.04, head)
    flush = mix(tone.skin, (205, 70, 70), 0.5)
    canvas.blob([(-0.38, 0.17), (0.38, 0.17)], (0.13, 0.09), flush, identity.blush, 0.07, head)
    if identity.freckles:
        canvas.blob(identity.freckles, (0.012, 0.012), tone.shade, 0.7, 0.004)
    return head


def paint_hair(canvas: Canvas) -> None:
    """Hair over the forehead's edge and down the sides."""
    identity = canvas.identity
    if identity.hair_length < 0:
        return
    w, line, part = identity.face_width, identity.hairline, identity.parting
    side_end = -0.32 + 0.18 * min(identity.hair_length, 0.35) / 0.35
    inner = smooth(
        [(-w * 0.99, side_end), (-w * 0.93, -0.62), (part - 0.30, line - 0.02), (part + 0.25, line - 0.05),
         (w * 0.93, -0.62), (w * 0.99, side_end)], 25
    )  # fmt: skip
    angle = np.linspace(0, np.pi, 25)
    puff = 0.05 + 0.05 * identity.hair_length
    outer = curve((w + puff) * np.cos(angle), side_end - (0.78 + puff) * np.sin(angle) ** 0.75)
    canvas.fill(np.concatenate([inner, outer]), identity.hair, soft=0.012)
    if identity.hair_length > 0.35:
        end = -0.1 + 1.1 * identity.hair_length
        lock = [*smooth([(w + puff, -0.75), (w + 0.22, 0.0), (w + 0.12, end)]),
                *smooth([(w - 0.02, end), (w + 0.02, 0.0), (w * 0.90, -0.45), (w * 0.6, -0.8)])]  # fmt: skip
        canvas.fill(mirrored(lock), identity.hair, soft=0.012)
    sheen, gloom = mix(identity.hair, (255, 240, 215), 0.28), mix(identity.hair, (0, 0, 0), 0.35)
    roots, ends = inner[3:24:3], outer[21:0:-3]
    bends = (roots + ends) / 2 + 0.05 * identity.light * ACROSS
    strands = smooth(np.stack([roots, bends, ends], 1))
    canvas.stroke(strands[::2], 0.035, gloom, 0.45, 0.012)
    canvas.stroke(strands[1::2], 0.035, sheen, 0.45, 0.012)
