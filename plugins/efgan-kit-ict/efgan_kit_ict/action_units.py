"""What each action unit does to the head, in the ARKit-named shapes of ICT-FaceKit.

The correspondence of units and shapes is that of the shapes' own definitions (Apple, ARKit,
`ARFaceAnchor.BlendShapeLocation`) and of FACS (Ekman, Friesen and Hager 2002): browInnerUp is AU1, browOuterUp AU2,
browDown AU4, eyeWide AU5, cheekSquint AU6, eyeSquint AU7, noseSneer AU9, mouthUpperUp AU10, mouthSmile AU12,
mouthDimple AU14, mouthFrown AU15, mouthShrugLower AU17, mouthStretch AU20, mouthRoll and mouthPress AU23,
mouthLowerDown AU25, jawOpen AU26, eyeBlink AU45. The amounts are this package's own, chosen by eye so that 1 is as
much as FACS calls E (maximum); every shape moves linearly with its unit.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from .model import Floats, HeadModel

AUS: Final = (
    "AU01", "AU02", "AU04", "AU05", "AU06", "AU07", "AU09", "AU10", "AU12",
    "AU14", "AU15", "AU17", "AU20", "AU23", "AU25", "AU26", "AU45",
)  # fmt: skip
"""The order of every AU vector in this package: OpenFace's own."""

SHAPES: Final[dict[str, dict[str, float]]] = {
    "AU01": {"browInnerUp": 1.35},
    "AU02": {"browOuterUp": 1.15},
    "AU04": {"browDown": 1.25},
    "AU05": {"eyeWide": 1.7, "eyeLookUp": 0.2},
    "AU06": {"cheekSquint": 0.8, "cheekRaiser": 0.6, "eyeSquint": 0.15},
    "AU07": {"eyeSquint": 1.5, "eyeBlink": 0.22},
    "AU09": {"noseSneer": 1.15, "browDown": 0.3},
    "AU10": {"mouthUpperUp": 1.1, "noseSneer": 0.15},
    "AU12": {"mouthSmile": 1.0},
    "AU14": {"mouthDimple": 1.25, "mouthPress": 0.4},
    "AU15": {"mouthFrown": 1.7},
    "AU17": {"mouthShrugLower": 0.95, "mouthShrugUpper": 0.25},
    "AU20": {"mouthStretch": 1.25},
    "AU23": {"mouthRollLower": 0.45, "mouthRollUpper": 0.4, "mouthPucker": 0.2, "mouthPress": 0.3},
    "AU25": {"mouthLowerDown": 0.9, "mouthUpperUp": 0.35, "jawOpen": 0.05},
    "AU26": {"jawOpen": 0.55},
    "AU45": {"eyeBlink": 1.0},
}
"""Weight of each shape at AU = 1; a name stands for its left and right shape where there are two."""


def shape_weights(model: HeadModel, aus: Floats, asymmetry: Floats, droop: float = 0.0) -> Floats:
    """The expression `(E,)` of an AU vector `(17,)`.

    Args:
        model: The head.
        aus: In [0, 1], in the order of `AUS`.
        asymmetry: `(17,)`: how much stronger the left side is, as a share; the right is weaker by as much.
        droop: How much of `eyeBlink` the person's lids show at rest.
    """
    weights = np.zeros(len(model.expr_names), np.float32)
    for unit, amount, lean in zip(AUS, aus, asymmetry, strict=True):
        for shape, weight in SHAPES[unit].items():
            if shape in model.expr_names:
                weights[model.expression(shape)] += weight * amount
            else:
                weights[model.expression(f"{shape}_L")] += weight * amount * (1 + lean)
                weights[model.expression(f"{shape}_R")] += weight * amount * (1 - lean)
    _lids_meet_once(model, weights, droop)
    return weights


def _lids_meet_once(model: HeadModel, weights: Floats, droop: float) -> None:
    """Lids that are closed can't be closed further, nor opened."""
    for side in "LR":
        blink = model.expression(f"eyeBlink_{side}")
        weights[blink] = min(weights[blink] + droop * (1 - min(1.0, weights[blink])), 1.0)
        for other in ("eyeSquint", "eyeWide", "eyeLookUp"):
            weights[model.expression(f"{other}_{side}")] *= 1 - 0.85 * max(0.0, weights[blink] - droop)
