"""What an AU labeller must hold: it says what it sees and what it doesn't, and measures that and nothing else."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from efgan_kit.api import AULabeller, EfganError, FoundFace, Picture, au_set
from efgan_kit.testing.contract import NotExaminedError, demand
from efgan_kit.testing.pictures import faces_of
from efgan_kit.testing.subject import Subject, global_randomness_stays

UNITS: Final = au_set("openface-17").names
GIVE: Final = "give faces that it can measure by `example_values`, {'faces': [(Picture(...), FoundFace(...)), ...]}"


def says_what_it_sees(subject: Subject) -> None:
    """`units` and `blind` share nothing and cover the AUs of `openface-17`; every blindness has its reason."""
    labeller = _made(subject)
    units, blind = list(labeller.units), dict(labeller.blind)
    demand(subject, len(set(units)) == len(units), "`units` names each AU once", units)
    unknown = [unit for unit in (*units, *blind) if unit not in UNITS]
    demand(subject, not unknown, "AUs are those of `openface-17`, written AU01", unknown)
    both = sorted(set(units) & set(blind))
    demand(subject, not both, "what it measures it is not blind to", both)
    missing = sorted(set(UNITS) - set(units) - set(blind))
    demand(subject, not missing, "what it does not measure it is blind to, with a reason", missing)
    silent = [unit for unit, reason in blind.items() if not str(reason).strip()]
    demand(subject, not silent, "every blindness has its reason", silent)


def measures_every_unit(subject: Subject) -> None:
    """Intensities in [0, 1] of all its units, by name; if it speaks of what it is blind to, that is 0."""
    labeller = _made(subject)
    for values in _measured(subject, labeller):
        seen = {unit for unit, value in values.items() if unit not in labeller.blind or value != 0}
        demand(subject, seen == set(labeller.units), "gives all its `units` and no others", sorted(values))
        odd = {unit: v for unit, v in values.items() if not (math.isfinite(float(v)) and 0 <= v <= 1)}
        demand(subject, not odd, "intensities lie in [0, 1]", odd)


def leaves_picture_and_face_alone(subject: Subject) -> None:
    """It measures; what it measures serves others afterwards."""
    labeller = _made(subject)
    for picture, face in faces_of(subject):
        before = (picture.pixels.copy(), face.landmarks.copy(), dict(face.signals))
        _try(labeller, picture, face)
        same = np.array_equal(before[0], picture.pixels) and np.array_equal(before[1], face.landmarks)
        demand(subject, same and before[2] == dict(face.signals), "picture and face stay as they are", "changed")


def answers_by_the_face_alone(subject: Subject) -> None:
    """The same intensities whatever was asked before, by another copy, too; no global random state is touched."""
    first, second = _made(subject), _made(subject)
    with global_randomness_stays(subject, "measuring a face"):
        onward = [_try(first, picture, face) for picture, face in faces_of(subject)]
        back = [_try(second, picture, face) for picture, face in reversed(faces_of(subject))][::-1]
    demand(subject, onward == back, "a face's AUs do not depend on what was asked before", "other intensities")


CHECKS: Final = (says_what_it_sees, measures_every_unit, leaves_picture_and_face_alone, answers_by_the_face_alone)


def _made(subject: Subject) -> AULabeller:
    labeller: AULabeller = subject.make()
    contract = "has `units` and `blind`, and is called with a picture and a face"
    demand(subject, isinstance(labeller, AULabeller), contract, type(labeller).__name__)
    return labeller


def _try(labeller: AULabeller, picture: Picture, face: FoundFace) -> Mapping[str, float] | None:
    """What it measures; None if it says that it can't."""
    try:
        return dict(labeller(picture, face))
    except EfganError:
        return None


def _measured(subject: Subject, labeller: AULabeller) -> list[Mapping[str, Any]]:
    answers = [_try(labeller, picture, face) for picture, face in faces_of(subject)]
    values = [answer for answer in answers if answer is not None]
    if not values and "faces" not in subject.values:
        raise NotExaminedError(f"it can't measure the drawn face, which it need not: {GIVE}")
    demand(subject, bool(values), "measures a face", f"EfganError for each of {len(answers)}")
    return values
