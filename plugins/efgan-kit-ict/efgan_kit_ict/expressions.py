"""AU vectors by chance, as faces show them.

Some faces rest, some show a prototype (EMFACS: Friesen and Ekman 1983; compound ones: Du, Tao and Martinez, PNAS 2014)
at any strength, and some a sparse combination that no emotion names, so that no unit can be guessed from the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from .action_units import AUS
from .model import Floats

PROTOTYPES: Final[tuple[Mapping[str, float], ...]] = (
    {"AU06": 0.7, "AU12": 0.9, "AU25": 0.6},  # happy
    {"AU06": 0.9, "AU12": 1.0, "AU25": 0.9, "AU26": 0.5},  # laughing
    {"AU12": 0.6},  # a polite smile
    {"AU01": 0.8, "AU04": 0.5, "AU15": 0.8, "AU17": 0.4},  # sad
    {"AU01": 0.8, "AU02": 0.8, "AU05": 0.7, "AU25": 0.8, "AU26": 0.8},  # surprised
    {"AU01": 0.8, "AU02": 0.5, "AU04": 0.5, "AU05": 0.8, "AU20": 0.7, "AU25": 0.6, "AU26": 0.3},  # fearful
    {"AU04": 0.9, "AU05": 0.4, "AU07": 0.7, "AU23": 0.7},  # angry
    {"AU04": 0.8, "AU07": 0.7, "AU10": 0.6, "AU25": 0.8, "AU26": 0.4},  # shouting
    {"AU04": 0.3, "AU07": 0.4, "AU09": 0.9, "AU10": 0.6, "AU17": 0.4},  # disgusted
    {"AU10": 0.8, "AU25": 0.5, "AU06": 0.3},  # appalled
    {"AU12": 0.3, "AU14": 0.8},  # contemptuous
    {"AU01": 0.6, "AU02": 0.6, "AU12": 0.8, "AU25": 0.7, "AU26": 0.4},  # happily surprised
    {"AU04": 0.6, "AU07": 0.5},  # concentrating
    {"AU17": 0.8, "AU15": 0.4, "AU23": 0.3},  # doubtful
)
NEUTRAL: Final = 0.10
PROTOTYPE: Final = 0.42
BLINKS: Final = 0.10


def sample_aus(random: np.random.Generator) -> Floats:
    """One expression: `(17,)` in [0, 1], in the order of `AUS`."""
    aus = random.uniform(0, 0.05, len(AUS)) * (random.random(len(AUS)) < 0.5)
    kind = random.random()
    if kind >= NEUTRAL:
        strays = int(random.integers(2, 6))
        if kind < NEUTRAL + PROTOTYPE:
            prototype = PROTOTYPES[int(random.integers(len(PROTOTYPES)))]
            strength = random.uniform(0.3, 1.25)
            for name, amount in prototype.items():
                aus[AUS.index(name)] += amount * strength * random.uniform(0.7, 1.3)
            strays = int(random.integers(0, 3))
        chosen = random.choice(len(AUS) - 1, size=strays, replace=False)
        aus[chosen] = np.maximum(aus[chosen], random.uniform(0.15, 1.0, strays))
    aus = np.clip(aus, 0, 1)
    _make_coherent(aus, random)
    return aus.astype(np.float32)


def _make_coherent(aus: Floats, random: np.random.Generator) -> None:
    """A dropped jaw mostly parts the lips; pressed lips are not wide apart; closed eyes show no other lid movement."""
    part, drop, press, chin = (AUS.index(name) for name in ("AU25", "AU26", "AU23", "AU17"))
    if aus[drop] > 0.2 and random.random() < 0.85:
        aus[part] = max(aus[part], min(1.0, aus[drop] * random.uniform(0.7, 1.2)))
    if aus[press] > 0.3 or aus[chin] > 0.5:
        aus[drop] *= 0.4
        aus[part] *= 0.5
    chance = random.random()
    if chance < BLINKS + 0.06:
        aus[AUS.index("AU45")] = random.uniform(0.9, 1.0) if chance < BLINKS else random.uniform(0.3, 0.7)
        aus[[AUS.index("AU05"), AUS.index("AU07")]] = 0
