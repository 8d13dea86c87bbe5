"""Labelled sheets of faces, to be looked at."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from efgan_kit.files import write_atomically

GAP = 4
HEADER = 18


def to_picture(tensor: Tensor) -> Image.Image:
    """A picture from a tensor: `(3, H, W)` in [-1, 1] as colours, `(1, H, W)` in [0, 1] as shades of grey."""
    tensor = tensor.detach().float().cpu()
    scaled = tensor.expand(3, -1, -1) if len(tensor) == 1 else (tensor + 1) / 2
    pixels = (scaled.clamp(0, 1) * 255).round().to(torch.uint8)
    return Image.fromarray(pixels.permute(1, 2, 0).contiguous().numpy())


def write_sheet(
    path: Path,
    columns: Mapping[str, Tensor],
    row_labels: Sequence[str] = (),
    cell: int = 128,
    title: str = "",
) -> None:
    """Write a PNG with a column for each entry of `columns` and a row for each face, complete or not at all.

    Args:
        columns: Pictures `(N, 3, H, W)` in [-1, 1] or maps `(N, 1, H, W)` in [0, 1], by the column's label.
        row_labels: A line of text for each row.
        cell: Side of a cell in pixels; faces smaller than that are enlarged without smoothing.
        title: A line above everything.

    Raises:
        OSError: It can't be written.
    """
    rows = len(next(iter(columns.values())))
    font = ImageFont.load_default(12)
    row_height = cell + GAP + (HEADER if row_labels else 0)
    top = HEADER * (2 if title else 1)
    sheet = Image.new("RGB", (len(columns) * (cell + GAP) + GAP, top + rows * row_height + GAP), "white")
    draw = ImageDraw.Draw(sheet)
    if title:
        draw.text((GAP, 2), title, fill="black", font=font)
    for number, (label, faces) in enumerate(columns.items()):
        left = GAP + number * (cell + GAP)
        draw.text((left, top - HEADER + 2), label, fill="black", font=font)
        for row, face in enumerate(faces):
            picture = to_picture(face)
            scaling = Image.Resampling.NEAREST if picture.width <= cell else Image.Resampling.LANCZOS
            sheet.paste(picture.resize((cell, cell), scaling), (left, top + row * row_height))
    for row, text in enumerate(row_labels):
        draw.text((GAP, top + row * row_height + cell + 2), text, fill="black", font=font)
    encoded = io.BytesIO()
    sheet.save(encoded, format="PNG")
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, encoded.getvalue())
