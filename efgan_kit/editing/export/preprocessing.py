"""How a picture becomes an input of the network, and its output a picture: `preprocessing.json`."""

from __future__ import annotations

from typing import Any, Final

from efgan_kit.components.datasets.photo_folder import FILLS_PICTURE
from efgan_kit.components.datasets.photos import framing
from efgan_kit.components.datasets.photos.labels import INTENSITY
from efgan_kit.editing.faces import LEEWAY
from efgan_kit.editing.sources import framing_of
from efgan_kit.faces import landmarks
from efgan_kit.faces.aus import DESCRIPTIONS
from efgan_kit.recipe import Recipe

FILE: Final = "preprocessing.json"


def preprocessing(recipe: Recipe) -> dict[str, Any]:
    """All that a program must know to prepare a face as the run's training did, as plain data."""
    faces, filled = recipe.faces, LEEWAY * FILLS_PICTURE
    return {
        "size": faces.size,
        "picture": {
            "channels": "RGB",
            "layout": "batch, channel, row, column",
            "range": [-1, 1],
            "from_bytes": "value / 127.5 - 1",
            "to_bytes": "round((value + 1) * 127.5)",
        },
        "framing": {
            "rule": framing_of(recipe),
            "whole": "the picture is a face: a centred square of its longer side",
            "face": (
                "w = the larger of |l45 - l36| and |l33 - m| / nose_to_eyes, with m the middle of l36 and l45;"
                " side = round(w / eyes_to_side); left, top = round(m + centre * (l33 - m) + 0.5 - side / 2)"
            ),
            "auto": f"whole if the picture is square and |l45 - l36| >= {filled:g} of its width, else face",
            "outer_eye_corners": list(framing.OUTER_EYE_CORNERS),
            "nose_base": framing.NOSE_BASE,
            "eyes_to_side": framing.EYES_TO_SIDE,
            "nose_to_eyes": framing.NOSE_TO_EYES,
            "centre": framing.CENTRE,
            "resampling": "bicubic, antialiased (Pillow); beyond the picture its edge is repeated",
        },
        "landmarks": {
            "scheme": "68 points as OpenFace writes them (300-W)",
            "count": landmarks.COUNT,
            "unit": "pixels of the cut, x then y; (0, 0) is the centre of the first pixel",
            "from_picture": "(landmark + 0.5 - (left, top)) * size / side - 0.5",
        },
        "aus": {
            "names": list(faces.aus.names),
            "meaning": {name: DESCRIPTIONS[name] for name in faces.aus.names if name in DESCRIPTIONS},
            "range": [0, 1],
            "unit": f"OpenFace's intensity (AU12_r, ...) divided by {INTENSITY:g}",
        },
        "put_back": "add (image - source) * 127.5, resized to the frame (bicubic), to the picture",
    }
