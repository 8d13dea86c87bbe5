"""From blendshapes to action units.

MediaPipe's blendshapes have the names of ARKit's; which action unit each depicts follows from what both say they do
(Apple, *ARFaceAnchor.BlendShapeLocation*; Ekman, Friesen and Hager, *Facial Action Coding System*, 2002): `browInnerUp`
raises the inner brows as AU01 does, `mouthSmile` pulls the lip corners as AU12 does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SHAPES: Final[dict[str, tuple[str, ...]]] = {
    "AU01": ("browInnerUp",),
    "AU02": ("browOuterUpLeft", "browOuterUpRight"),
    "AU04": ("browDownLeft", "browDownRight"),
    "AU05": ("eyeWideLeft", "eyeWideRight"),
    "AU07": ("eyeSquintLeft", "eyeSquintRight"),
    "AU10": ("mouthUpperUpLeft", "mouthUpperUpRight"),
    "AU12": ("mouthSmileLeft", "mouthSmileRight"),
    "AU14": ("mouthDimpleLeft", "mouthDimpleRight"),
    "AU15": ("mouthFrownLeft", "mouthFrownRight"),
    "AU17": ("mouthShrugLower",),
    "AU20": ("mouthStretchLeft", "mouthStretchRight"),
    "AU25": ("mouthLowerDownLeft", "mouthLowerDownRight", "mouthUpperUpLeft", "mouthUpperUpRight"),
    "AU26": ("jawOpen",),
    "AU45": ("eyeBlinkLeft", "eyeBlinkRight"),
}
"""The blendshapes whose mean is the unit's intensity: both sides', since the unit has but one number."""

BLIND: Final[dict[str, str]] = {
    "AU06": "the model's score of cheekSquint stays at 0 on any face",
    "AU09": "the model's score of noseSneer stays at 0 on any face",
    "AU23": "no blendshape depicts it",
}
"""The units of `openface-17` that blendshapes can't tell, each with the reason."""


def intensities(blendshapes: Mapping[str, float]) -> dict[str, float]:
    """AUs in [0, 1] from blendshape scores in [0, 1]; those of `BLIND` are 0."""
    seen = {unit: sum(blendshapes[name] for name in names) / len(names) for unit, names in SHAPES.items()}
    return dict(sorted({**seen, **dict.fromkeys(BLIND, 0.0)}.items()))
