"""The action units a drawn face can show, and the drawing of AU vectors by chance.

The statistics imitate posed-expression sets: some neutral faces, the EMFACS prototypes at any intensity,
and sparse combinations that no emotion names, so that no action unit can be guessed from the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

DRAWN_AUS: Final[tuple[str, ...]] = (
    "AU01", "AU02", "AU04", "AU05", "AU06", "AU07", "AU09", "AU10", "AU12",
    "AU14", "AU15", "AU17", "AU20", "AU23", "AU25", "AU26", "AU45",
)  # fmt: skip
"""The order of every AU vector in this package: OpenFace's own."""

PROTOTYPES: Final[Mapping[str, tuple[str, ...]]] = {
    "happy": ("AU06", "AU12", "AU25"),
    "sad": ("AU01", "AU04", "AU15", "AU17"),
    "surprised": ("AU01", "AU02", "AU05", "AU25", "AU26"),
    "afraid": ("AU01", "AU02", "AU04", "AU05", "AU20", "AU25", "AU26"),
    "angry": ("AU04", "AU05", "AU07", "AU23"),
    "disgusted": ("AU09", "AU10", "AU15", "AU17"),
    "contemptuous": ("AU12", "AU14"),
}
"""Emotions as sets of action units (after EMFACS: Friesen & Ekman, 1983)."""

_NEUTRAL, _PROTOTYPE = 0.12, 0.40  # the remainder are sparse combinations
_BLINKS = 0.10


def au_vector(intensities: Mapping[str, float]) -> NDArray[np.float32]:
    """The ``(17,)`` vector in [0, 1] with the named action units set and all others at rest."""
    vector = np.zeros(len(DRAWN_AUS), np.float32)
    for name, value in intensities.items():
        vector[DRAWN_AUS.index(name)] = value
    return vector


def sample_aus(rng: np.random.Generator) -> NDArray[np.float32]:
    """Draw one expression: a ``(17,)`` float32 vector in [0, 1], in the order of `DRAWN_AUS`."""
    aus = rng.uniform(0.0, 0.06, len(DRAWN_AUS))
    kind = rng.random()
    if kind >= _NEUTRAL:
        if kind < _NEUTRAL + _PROTOTYPE:
            _add_prototype(aus, rng)
            strays = int(rng.integers(0, 3))
        else:
            strays = int(rng.integers(2, 7))
        chosen = rng.choice(len(DRAWN_AUS) - 1, size=strays, replace=False)  # the last, AU45, has its own odds
        aus[chosen] = np.maximum(aus[chosen], rng.uniform(0.15, 1.0, strays))
    _close_eyes_sometimes(aus, rng)
    return np.clip(aus, 0.0, 1.0).astype(np.float32)


def _add_prototype(aus: NDArray[np.float64], rng: np.random.Generator) -> None:
    prototype = list(PROTOTYPES.values())[int(rng.integers(len(PROTOTYPES)))]
    members = [DRAWN_AUS.index(name) for name in prototype]
    aus[members] = rng.uniform(0.25, 1.0) * rng.uniform(0.6, 1.2, len(members))


def _close_eyes_sometimes(aus: NDArray[np.float64], rng: np.random.Generator) -> None:
    """Blink in one face of ten, droop in a few more; a closing lid leaves nothing of AU05 and AU07 to see."""
    chance = rng.random()
    blink = DRAWN_AUS.index("AU45")
    if chance < _BLINKS:
        aus[blink] = rng.uniform(0.9, 1.0)
        aus[[DRAWN_AUS.index("AU05"), DRAWN_AUS.index("AU07")]] = 0.0
    elif chance < _BLINKS + 0.06:
        aus[blink] = rng.uniform(0.3, 0.7)
        aus[[DRAWN_AUS.index("AU05"), DRAWN_AUS.index("AU07")]] = 0.0
