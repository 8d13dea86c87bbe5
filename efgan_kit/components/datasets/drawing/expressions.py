"""The action units a drawn face can show, and the drawing of AU vectors by chance.

The statistics imitate posed-expression sets: some neutral faces, the EMFACS prototypes at any intensity,
and sparse combinations that no emotion names, so that no action unit can be guessed from the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from efgan_kit.faces.aus import EXPRESSIONS

DRAWN_AUS: Final[tuple[str, ...]] = (
    "AU01", "AU02", "AU04", "AU05", "AU06", "AU07", "AU09", "AU10", "AU12",
    "AU14", "AU15", "AU17", "AU20", "AU23", "AU25", "AU26", "AU45",
)  # fmt: skip
"""The order of every AU vector in this package: OpenFace's own."""

_PROTOTYPES: Final = [intensities for intensities in EXPRESSIONS.values() if intensities]
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
        # the last, AU45, has its own odds
        chosen = rng.choice(len(DRAWN_AUS) - 1, size=strays, replace=False)
        aus[chosen] = np.maximum(aus[chosen], rng.uniform(0.15, 1.0, strays))
    _close_eyes_sometimes(aus, rng)
    return np.clip(aus, 0.0, 1.0).astype(np.float32)


def _add_prototype(aus: NDArray[np.float64], rng: np.random.Generator) -> None:
    prototype = au_vector(_PROTOTYPES[int(rng.integers(len(_PROTOTYPES)))])
    aus += prototype * rng.uniform(0.35, 1.3) * rng.uniform(0.65, 1.3, len(aus))


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
