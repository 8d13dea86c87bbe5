"""A contact sheet of faces with what their labels say: landmarks, region boxes, AUs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import torch
from PIL import Image, ImageDraw, ImageFont

from efgan_kit.api import AUSet, FaceDataset, FaceSample, FaceSpec, region_corners

CELL: Final = 256
"""Pixels of a face on the sheet."""
CAPTION: Final = 46
MARGIN: Final = 8
COLOURS: Final = {"eyes": "#ffd166", "nose": "#06d6a0", "mouth": "#ef476f"}
OTHER: Final = "#ffffff"
VISIBLE: Final = 0.05
"""AUs from this intensity on are named in the caption."""


def contact_sheet(
    dataset: FaceDataset, faces: FaceSpec, indices: Sequence[int], columns: int = 6
) -> Image.Image:
    """The faces of `indices` in rows, each under its name and its strongest AUs."""
    columns = max(1, min(columns, len(indices)))
    rows = -(-len(indices) // columns)
    width, height = CELL + MARGIN, CELL + CAPTION + MARGIN
    sheet = Image.new("RGB", (columns * width + MARGIN, rows * height + MARGIN), "#1d1f21")
    draw = ImageDraw.Draw(sheet)
    title, text = ImageFont.load_default(13), ImageFont.load_default(12)
    for place, index in enumerate(indices):
        row, column = divmod(place, columns)
        x, y = MARGIN + column * width, MARGIN + row * height
        sample = dataset[index]
        sheet.paste(marked_face(sample, faces), (x, y))
        draw.text((x, y + CELL + 4), _fitting(draw, str(dataset.names[index]), title), "#f0f0f0", title)
        draw.text((x, y + CELL + 23), _fitting(draw, strongest(sample, faces.aus), text), "#b8c4ce", text)
    return sheet


def marked_face(sample: FaceSample, faces: FaceSpec) -> Image.Image:
    """One face, `CELL` pixels wide, with its landmarks as dots and its local regions as boxes."""
    picture = Image.fromarray(sample.image.permute(1, 2, 0).numpy())
    picture = picture.resize((CELL, CELL), Image.Resampling.LANCZOS)
    draw = ImageDraw.Draw(picture)
    scale = CELL / faces.size
    for name, region in faces.local.items():
        top, left = region_corners(sample.landmarks[None], region, faces.size)[0].tolist()
        box = [
            left * scale,
            top * scale,
            (left + region.width) * scale - 1,
            (top + region.height) * scale - 1,
        ]
        draw.rectangle(box, outline=COLOURS.get(name, OTHER), width=2)
    for x, y in ((sample.landmarks + 0.5) * scale).tolist():
        draw.ellipse([x - 1.5, y - 1.5, x + 1.5, y + 1.5], fill="#4cc9f0", outline="#10202a")
    return picture


def strongest(sample: FaceSample, aus: AUSet, count: int = 4) -> str:
    """The strongest AUs with their intensities in [0, 1]: `AU12 0.64, AU25 0.31`."""
    order = torch.argsort(sample.aus, descending=True, stable=True)[:count].tolist()
    shown = [f"{aus.names[i]} {sample.aus[i]:.2f}" for i in order if sample.aus[i] >= VISIBLE]
    return ", ".join(shown) or f"no AU above {VISIBLE}"


def _fitting(draw: ImageDraw.ImageDraw, text: str, font: ImageFont.ImageFont | ImageFont.FreeTypeFont) -> str:
    """The text, its beginning left out where it is wider than a face: the end of a path says more."""
    text = text.encode("ascii", "replace").decode()  # the built-in font has few letters
    if draw.textlength(text, font) <= CELL:
        return text
    while text and draw.textlength("..." + text, font) > CELL:
        text = text[1:]
    return "..." + text
