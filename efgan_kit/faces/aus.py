"""Action units: the sets that recipes name, what each unit does, and the expressions composed of them.

Sources: Ekman, Friesen and Hager, *Facial Action Coding System* (2002) for units and names; Friesen and Ekman,
*EMFACS-7* (1983) for the expressions; Baltrusaitis et al., *OpenFace 2.0* (FG 2018) for the 17 units measured
as intensities from 0 to 5, here divided by 5.
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from efgan_kit.errors import EfganError, Fault, fail, nearest

DESCRIPTIONS: dict[str, str] = {
    "AU01": "inner brow raiser",
    "AU02": "outer brow raiser",
    "AU04": "brow lowerer",
    "AU05": "upper lid raiser",
    "AU06": "cheek raiser",
    "AU07": "lid tightener",
    "AU09": "nose wrinkler",
    "AU10": "upper lip raiser",
    "AU12": "lip corner puller",
    "AU14": "dimpler",
    "AU15": "lip corner depressor",
    "AU17": "chin raiser",
    "AU20": "lip stretcher",
    "AU23": "lip tightener",
    "AU25": "lips part",
    "AU26": "jaw drop",
    "AU45": "blink",
}

EXPRESSIONS: dict[str, dict[str, float]] = {
    "neutral": {},
    "happy": {"AU06": 0.7, "AU12": 0.9, "AU25": 0.5},
    "sad": {"AU01": 0.8, "AU04": 0.5, "AU15": 0.8, "AU17": 0.4},
    "surprised": {"AU01": 0.8, "AU02": 0.8, "AU05": 0.7, "AU25": 0.7, "AU26": 0.8},
    "fearful": {"AU01": 0.8, "AU02": 0.5, "AU04": 0.5, "AU05": 0.8, "AU20": 0.6, "AU25": 0.5, "AU26": 0.4},
    "angry": {"AU04": 0.9, "AU05": 0.4, "AU07": 0.7, "AU23": 0.7},
    "disgusted": {"AU04": 0.3, "AU07": 0.4, "AU09": 0.9, "AU10": 0.6, "AU17": 0.4},
    "contemptuous": {"AU12": 0.3, "AU14": 0.8},
}


@attrs.frozen
class AUSet:
    """The action units that a recipe works with, in order: the A columns of every AU vector `(B, A)` in [0, 1]."""

    name: str
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.names)

    def index(self, unit: str) -> int:
        """The column of `unit`, which may be written `AU12`, `au12`, `AU1` or `12`. Raises EfganError if absent."""
        digits = unit.strip().upper().removeprefix("AU").removesuffix("_R")
        number = digits.isascii() and digits.isdecimal()
        canonical = f"AU{digits.lstrip('0'):0>2}" if number else unit
        if canonical not in self.names:
            raise fail(unit, f"not an action unit of the set {self.name}", nearest(canonical, self.names))
        return self.names.index(canonical)

    def vector(self, values: Mapping[str, float]) -> list[float]:
        """AU intensities by name, as a list in this set's order; units not named are 0.

        Raises:
            EfganError: A unit is not in the set, or an intensity lies outside [0, 1].
        """
        vector = [0.0] * len(self)
        faults: list[Fault] = []
        for unit, value in values.items():
            try:
                column = self.index(unit)
            except EfganError as error:
                faults += error.faults
                continue
            if not 0.0 <= value <= 1.0:
                openface = f"OpenFace's 0..5 intensities are divided by 5: {value:g} becomes {value / 5:g}"
                faults.append(
                    Fault(unit, f"an intensity of {value:g} is outside 0..1", openface if 1 < value <= 5 else "")
                )
                continue
            vector[column] = float(value)
        if faults:
            raise EfganError(*faults)
        return vector

    def expression(self, name: str) -> list[float]:
        """The preset expression `name` as an AU vector; units that the set lacks are left out."""
        if name not in EXPRESSIONS:
            raise fail(name, "not a known expression", nearest(name, EXPRESSIONS))
        return self.vector({unit: v for unit, v in EXPRESSIONS[name].items() if unit in self.names})


AU_SETS: dict[str, AUSet] = {
    "openface-17": AUSet("openface-17", tuple(DESCRIPTIONS)),
}


def au_set(names: str | list[str]) -> AUSet:
    """The AU set a recipe asks for: a known set's name, or a list of units such as `[AU06, AU12, AU25]`."""
    if isinstance(names, str):
        if names not in AU_SETS:
            raise fail("faces.aus", f"'{names}' is not a known AU set", nearest(names, AU_SETS))
        return AU_SETS[names]
    whole = AU_SETS["openface-17"]
    units = tuple(whole.names[whole.index(name)] for name in names)
    if not units or len(set(units)) != len(units):
        raise fail("faces.aus", "needs one or more action units, each once")
    return AUSet("+".join(units), units)
