"""From blendshapes and measures of the mesh to action units.

MediaPipe's blendshapes have the names of ARKit's; which action unit each depicts follows from what both say they do
(Apple, *ARFaceAnchor.BlendShapeLocation*; Ekman, Friesen and Hager, *Facial Action Coding System*, 2002): `browInnerUp`
raises the inner brows as AU01 does, `mouthSmile` pulls the lip corners as AU12 does. Where a blendshape says little
and the mesh more, the mesh is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import attrs

from efgan_kit_mediapipe.geometry import LIDS_RAISED, LIPS_APART


@attrs.frozen
class Scale:
    """A measure as an intensity: 0 at rest, 1 at its full, and linear between.

    Attributes:
        names: The signals whose mean it is: of both sides, since a unit has but one number.
        rest: What half of the neutral faces stay below (80 photographs of the Face Research Lab London Set).
        full: What is usual where the unit is at 0.8 or more (ICT-FaceKit's rendered faces, the unit exact by
            construction); 1 where these show the unit too faintly.
    """

    names: tuple[str, ...]
    rest: float
    full: float

    def of(self, signals: Mapping[str, float]) -> float:
        """The intensity in [0, 1]."""
        mean = sum(signals[name] for name in self.names) / len(self.names)
        return min(1.0, max(0.0, (mean - self.rest) / (self.full - self.rest)))


def _sides(name: str) -> tuple[str, str]:
    return f"{name}Left", f"{name}Right"


SCALES: Final[dict[str, Scale]] = {
    "AU01": Scale(("browInnerUp",), 0.017, 0.86),
    "AU02": Scale(_sides("browOuterUp"), 0.04, 0.87),
    "AU04": Scale(_sides("browDown"), 0.05, 1.0),
    "AU05": Scale(_sides("eyeWide"), 0.007, 0.13),
    "AU10": Scale(_sides("mouthUpperUp"), 0.0, 0.63),
    "AU12": Scale(_sides("mouthSmile"), 0.002, 0.85),
    "AU17": Scale(("mouthShrugLower",), 0.1, 1.0),
    "AU20": Scale(_sides("mouthStretch"), 0.002, 0.27),
    "AU25": Scale((LIPS_APART,), 0.004, 0.2),
    "AU26": Scale(("jawOpen",), 0.002, 0.58),
    "AU45": Scale(_sides("eyeBlink"), 0.09, 0.5),
}
"""The units that one measure tells."""
SQUINT: Final = Scale(_sides("eyeSquint"), 0.25, 1.0)
LIDS: Final = Scale((LIDS_RAISED,), -0.037, 0.0)
"""Lower lids raised to the line of the eyes' corners are as high as they get."""

BLIND: Final[dict[str, str]] = {
    "AU09": "the model's noseSneer stays at 0 on any face, and in the mesh it drowns in differences between people",
    "AU14": "the model's mouthDimple is at 0.02 where the dimpler is at its full",
    "AU15": "the model's mouthFrown is at 0.02 where the lip corners are pulled down fully",
    "AU23": "no blendshape depicts it",
}
"""The units of `openface-17` that can't be told, each with the reason."""

UNITS: Final = tuple(sorted({*SCALES, "AU06", "AU07", *BLIND}))
SIGNALS: Final = frozenset(name for scale in (*SCALES.values(), SQUINT, LIDS) for name in scale.names)
"""What a face must bring along."""


def intensities(signals: Mapping[str, float]) -> dict[str, float]:
    """AUs in [0, 1] from a face's `SIGNALS`; those of `BLIND` are 0.

    The model's cheekSquint stays at 0 on any face. Raised cheeks push up the lower lids, as tightened lids do without
    a smile: AU06 is the geometric mean of raised lids and AU12, AU07 the mean of raised lids and eyeSquint.
    """
    seen = {unit: scale.of(signals) for unit, scale in SCALES.items()}
    lids = LIDS.of(signals)
    seen["AU06"] = (lids * seen["AU12"]) ** 0.5
    seen["AU07"] = (lids + SQUINT.of(signals)) / 2
    return {unit: seen.get(unit, 0.0) for unit in UNITS}
