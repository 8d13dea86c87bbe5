"""The first picture that a finished training shows: one face, before and after."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import torch
from torch import Tensor

from efgan_kit.editing.editor import Editor
from efgan_kit.editing.sources import Sources
from efgan_kit.training.sheets import write_sheet

FILE: Final = "edited.png"
TRIED: Final = ("happy", "surprised", "sad")
"""Expressions that anyone recognises."""
CELL: Final = 256


def edit_one_face(run: str | Path, device: str = "auto") -> tuple[Path, str]:
    """Edit the run's first test face to the expression of `TRIED` that is farthest from its own.

    Returns:
        The sheet that was written, RUN/edited.png, and the expression's name.
    """
    editor = Editor.load(run, device)
    face = Sources(editor.trained.recipe).find("test:0")
    targets = {name: torch.tensor(editor.aus.expression(name)) for name in TRIED}

    def distance(name: str) -> float:
        return float((targets[name] - face.sample.aus).abs().sum())

    chosen = max(targets, key=distance)
    edited = editor.edit([face], targets[chosen][None])[0]
    columns: dict[str, Tensor] = {
        f"{face.name} as it is": (face.sample.image.float() / 127.5 - 1)[None],
        chosen: edited.image[None],
    }
    path = Path(run) / FILE
    write_sheet(path, columns, cell=CELL)
    return path, chosen
