"""What a landmarker must hold: sound faces in order, none where there is none, the same ones every time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from efgan_kit.api import EfganError, FoundFace, Landmarker, Picture
from efgan_kit.testing.contract import NotExaminedError, demand
from efgan_kit.testing.pictures import blank_pictures, pictures_of
from efgan_kit.testing.subject import Subject, global_randomness_stays

GIVE: Final = "give pictures with faces by `example_values`, {'pictures': [Picture(...), ...]}"


def gives_sound_faces(subject: Subject) -> None:
    """68 finite points in pixels, float32; a confidence in [0, 1]; a pose of three degrees or none; named signals.

    In each of the pictures given it must find one. Without any, a drawn face is shown, which it need not find.
    """
    landmarker, given = _made(subject), "pictures" in subject.values
    for picture in pictures_of(subject):
        faces = landmarker(picture)
        if not faces and not given:
            raise NotExaminedError(f"it finds no face in the drawn one, which it need not: {GIVE}")
        demand(subject, bool(faces), "finds a face in each of the pictures given", "none")
        for face in faces:
            _demand_sound(subject, face)


def gives_the_largest_first(subject: Subject) -> None:
    """By the area of the landmarks' box."""
    for picture in pictures_of(subject):
        areas = [face.area for face in _made(subject)(picture)]
        demand(subject, areas == sorted(areas, reverse=True), "the largest face comes first", areas)


def finds_nothing_in_a_blank_picture(subject: Subject) -> None:
    """An empty list, also for a picture of one pixel; an EfganError if it can't look at a picture that is no file."""
    landmarker = _made(subject)
    for picture in blank_pictures():
        try:
            faces = landmarker(picture)
        except EfganError:
            continue
        demand(subject, len(faces) == 0, f"finds no face in a blank picture of {picture.size}", len(faces))


def leaves_the_picture_alone(subject: Subject) -> None:
    """Pixels are read, not written: they may be read-only, and serve others afterwards."""
    landmarker = _made(subject)
    for picture in pictures_of(subject):
        before = picture.pixels.copy()
        landmarker(picture)
        demand(subject, np.array_equal(before, picture.pixels), "the picture's pixels stay as they are", "changed")


def answers_by_the_picture_alone(subject: Subject) -> None:
    """The same faces whatever was asked before, by another copy, too; and no global random state is touched."""
    pictures = pictures_of(subject)
    first, second = _made(subject), _made(subject)
    with global_randomness_stays(subject, "looking at a picture"):
        onward = [_plain(first(picture)) for picture in pictures]
        for blank in blank_pictures():
            _try(second, blank)
        back = [_plain(second(picture)) for picture in reversed(pictures)][::-1]
        again = [_plain(first(picture)) for picture in pictures]
    contract = "a picture's faces do not depend on what was asked before"
    demand(subject, onward == back == again, contract, "other faces")


def can_be_closed(subject: Subject) -> None:
    """`close()`, where there is one, works, and another can be made afterwards."""
    for _ in range(2):
        landmarker = _made(subject)
        landmarker(pictures_of(subject)[0])
        closing = getattr(landmarker, "close", None)
        if closing is not None:
            closing()


CHECKS: Final = (
    gives_sound_faces,
    gives_the_largest_first,
    finds_nothing_in_a_blank_picture,
    leaves_the_picture_alone,
    answers_by_the_picture_alone,
    can_be_closed,
)


def _made(subject: Subject) -> Landmarker:
    landmarker: Landmarker = subject.make()
    demand(subject, isinstance(landmarker, Landmarker), "is called with a picture", type(landmarker).__name__)
    return landmarker


def _try(landmarker: Landmarker, picture: Picture) -> None:
    try:
        landmarker(picture)
    except EfganError:
        return


def _demand_sound(subject: Subject, face: Any) -> None:
    demand(subject, isinstance(face, FoundFace), "gives FoundFaces", type(face).__name__)
    form = (face.landmarks.shape, str(face.landmarks.dtype))
    demand(subject, form == ((68, 2), "float32"), "landmarks are float32 (68, 2)", form)
    demand(subject, bool(np.isfinite(face.landmarks).all()), "landmarks are finite", "nan or infinity")
    demand(subject, 0 <= face.confidence <= 1, "the confidence lies in [0, 1]", face.confidence)
    pose = face.pose
    sound = pose is None or (len(pose) == 3 and all(math.isfinite(angle) for angle in pose))
    demand(subject, sound, "the pose is pitch, yaw and roll in degrees, or None", pose)
    odd = {name: value for name, value in face.signals.items() if not math.isfinite(float(value))}
    demand(subject, not odd, "signals are finite numbers", odd)


def _plain(faces: Sequence[FoundFace]) -> list[Any]:
    return [(face.landmarks.tolist(), face.confidence, face.pose, dict(face.signals)) for face in faces]
