"""Edits of whole photographs, made as `efgan edit PHOTO` makes them: found, cut, edited, put back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import attrs
import numpy as np
import torch
from numpy.typing import NDArray

from efgan_kit.api import AUSet, Picture
from efgan_kit.editing import Editor, pasted
from efgan_kit.editing.faces import Face
from efgan_kit.editing.photos import measured_faces, open_photo
from efgan_kit.editing.targets import Change, expression, named_aus
from efgan_kit.preparation import FaceFinder

INTENSITIES: Final = {"happy x0.5": 0.5, "happy": 1.0, "happy x1.5": 1.5}
OWN: Final = "own smile"
"""To the AUs of the person's own smiling photograph: a smile as large as theirs, as `--like` makes it."""
EXPRESSIONS: Final = ("happy", "surprised", "sad", "angry")
UNITS: Final = {
    "lips part": {"AU25": 0.7},
    "brow lowerer": {"AU04": 0.9},
    "brow raiser": {"AU01": 0.8, "AU02": 0.8},
    "eyes closed": {"AU45": 1.0},
}
"""Edits of single units beside the expressions."""


def wishes(aus: AUSet) -> dict[str, Change]:
    """What every neutral face is edited to, by name."""
    happy = expression(aus, "happy")
    strengths = {name: attrs.evolve(happy, intensity=times) for name, times in INTENSITIES.items()}
    relative = {"happy, relative": expression(aus, "happy", relative=True)}
    others = {name: expression(aus, name) for name in EXPRESSIONS[1:]}
    units = {
        name: named_aus(aus, [f"{unit}={value}" for unit, value in values.items()]) for name, values in UNITS.items()
    }
    return {**strengths, **relative, **others, **units}


@attrs.frozen(eq=False)
class Edits:
    """A photograph and its edits.

    Attributes:
        pixels: The photograph, RGB `(H, W, 3)`.
        face: The face that was found in it.
        pictures: The whole photograph after each edit, by the wish's name.
    """

    pixels: NDArray[np.uint8]
    face: Face
    pictures: Mapping[str, NDArray[np.uint8]]


def edit_photo(editor: Editor, finder: FaceFinder, path: Path, changes: Mapping[str, Change]) -> Edits:
    """Edit the largest face of a photograph in several ways. Raises EfganError if there is none."""
    photo = open_photo(path)
    face = measured_faces(photo, editor.faces, finder)[0]
    targets = torch.stack([change.target(face.sample.aus) for change in changes.values()])
    edits = editor.edit([face] * len(targets), targets)
    pictures = {name: pasted(photo, [edit]).astype(np.uint8) for name, edit in zip(changes, edits, strict=True)}
    return Edits(photo.pixels, face, pictures)


def read_aus(finder: FaceFinder, pixels: NDArray[np.uint8], names: Sequence[str]) -> dict[str, float]:
    """AUs in [0, 1] that the finder's labeller sees in a picture's largest face; none if it finds no face."""
    found = finder.faces(Picture(pixels))
    return {name: found[0].aus.get(name, 0.0) for name in names} if found else {}
