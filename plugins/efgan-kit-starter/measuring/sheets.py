"""Sheets of edits beside the true photographs, to be looked at."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import torch
from editing_photos import EXPRESSIONS, INTENSITIES, OWN, UNITS, Edits
from numpy.typing import NDArray
from people import Person
from PIL import Image
from smile_meter import read_pixels
from torch import Tensor

from efgan_kit.components.datasets.photos.framing import cut, level_frame
from efgan_kit.training.sheets import write_sheet

CELL: Final = 256
ROWS: Final = 10


def write_sheets(out: Path, people: Sequence[Person], edits: Sequence[Edits]) -> None:
    """Expressions, intensities and single units, a row a person; and the first whole photographs as JPEG files."""
    columns = {
        "expressions": EXPRESSIONS,
        "intensities": [OWN, *INTENSITIES],
        "units": list(UNITS),
    }
    for title, names in columns.items():
        for first in range(0, len(people), ROWS):
            some, theirs = people[first : first + ROWS], edits[first : first + ROWS]
            shown = {"source": _cuts([e.pixels for e in theirs], [p.neutral.landmarks for p in some])}
            for name in names:
                shown[name] = _cuts([e.pictures[name] for e in theirs], [p.neutral.landmarks for p in some])
            smiling = [read_pixels(p.smiling.path) for p in some]
            shown["true smile"] = _cuts(smiling, [p.smiling.landmarks for p in some])
            write_sheet(out / f"{title}-{first // ROWS + 1}.png", shown, [p.name for p in some], CELL, title)
    for person, edit in list(zip(people, edits, strict=True))[:4]:
        both = np.concatenate([edit.pixels, edit.pictures["happy"]], axis=1)
        Image.fromarray(both).save(out / f"photo-{person.name}.jpg", quality=92)


def _cuts(pictures: Sequence[NDArray[np.uint8]], landmarks: Sequence[NDArray[np.float32]]) -> Tensor:
    faces = [cut(each, level_frame(points), CELL) for each, points in zip(pictures, landmarks, strict=True)]
    return torch.stack(faces).float() / 127.5 - 1
