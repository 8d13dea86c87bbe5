"""Whole photos: the faces in them, chosen by number, and the photo again with all of its edits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import attrs
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from efgan_kit.api import FaceSpec, FoundFace
from efgan_kit.editing.blending import SEAMLESS
from efgan_kit.editing.edited import EditedFace
from efgan_kit.editing.editor import Editor
from efgan_kit.editing.faces import Face
from efgan_kit.editing.pasting import add
from efgan_kit.editing.photo_files import Photo, Values, open_photo
from efgan_kit.errors import fail
from efgan_kit.preparation import FaceFinder, pose_of

__all__ = ["Photo", "faces_in_photo", "find_faces", "measured_faces", "open_photo", "pasted"]

SMALLEST: Final = 40
"""Pixels that a face's landmarks must span: below, there is nothing for an edit to move."""
SMALL: Final = 0.5
"""A face of less than this share of the run's size is edited from pixels that were mostly made up."""
PROFILE: Final = 55.0
"""Degrees from which on half of a face is out of sight,"""
TURNED: Final = 35.0
"""and from which on an edit is likely to look wrong."""


@attrs.frozen(eq=False)
class NumberedFace:
    """A face that was found in a photo.

    Attributes:
        number: Its place from the left, from 1.
        found: Its landmarks.
        flaw: Why it can't be edited; empty if it can.
    """

    number: int
    found: FoundFace
    flaw: str

    @property
    def span(self) -> float:
        """The longer side of the landmarks' box, in pixels."""
        left, top, right, bottom = self.found.box
        return max(right - left, bottom - top)


def find_faces(photo: Photo, finder: FaceFinder) -> list[NumberedFace]:
    """All faces of a photo, numbered from the left. Raises EfganError if there are none."""
    found = sorted(finder.find(photo.picture), key=lambda face: face.box[0] + face.box[2])
    if not found:
        what = "no face was found in it"
        raise fail(_where(photo), what, "a face is found from the front, in a photograph, and not too small")
    return [NumberedFace(number, face, _flaw(face)) for number, face in enumerate(found, start=1)]


def faces_in_photo(photo: Photo, editor: Editor, finder: FaceFinder, which: str = "largest") -> list[Face]:
    """The chosen faces of an unlabelled photo, measured by `finder`, in the order of their numbers.

    Args:
        which: `largest`, `all`, or numbers such as `2` or `1,3`, counted from the left from 1.

    Raises:
        EfganError: There is no face, none of such a number, or a chosen one can't be edited. Of `all`, those that
            can't be are left out as long as there are others; of several, `largest` is the largest that can be.
    """
    return measured_faces(photo, editor.faces, finder, which)


def measured_faces(photo: Photo, faces: FaceSpec, finder: FaceFinder, which: str = "largest") -> list[Face]:
    """`faces_in_photo` for any run whose faces are `faces`."""
    numbered = find_faces(photo, finder)
    sound = [face for face in numbered if not face.flaw]
    if which in ("largest", "all"):
        if not sound:
            largest = max(numbered, key=lambda face: face.found.area)
            what = largest.flaw if len(numbered) == 1 else f"none of its faces can be edited: {largest.flaw}"
            raise fail(_where(photo), what)
        chosen = sound if which == "all" else [max(sound, key=lambda face: face.found.area)]
    else:
        chosen = [_of_number(photo, numbered, number) for number in numbers_of(which)]
    left_out = tuple(f"face {f.number} is left out: {f.flaw}" for f in numbered if f.flaw) if which == "all" else ()
    first, *others = [_measured(photo, faces, finder, face) for face in chosen]
    return [attrs.evolve(first, warnings=(*left_out, *first.warnings)), *others]


def drawn_numbers(photo: Photo, faces: Sequence[NumberedFace]) -> NDArray[np.uint8]:
    """The photo with a numbered box around each face, RGB uint8 `(H, W, 3)`; grey boxes can't be edited."""
    picture = Image.fromarray(photo.pixels)
    draw = ImageDraw.Draw(picture)
    width = max(2, max(picture.size) // 500)
    for face in faces:
        colour = (130, 130, 130) if face.flaw else (255, 210, 0)
        left, top, right, bottom = face.found.box
        size = max(14.0, face.span / 4)
        draw.rectangle((left, top, max(left, right), max(top, bottom)), outline=colour, width=width)
        text = str(face.number)
        at = (left, max(0.0, top - 1.2 * size))
        draw.text(at, text, fill=colour, font=ImageFont.load_default(size), stroke_width=width, stroke_fill="black")
    return np.asarray(picture)


def numbers_of(which: str) -> list[int]:
    """The numbers of `1,3`, sorted. Raises EfganError if it is neither that nor `all` or `largest`."""
    words = [word.strip() for word in which.split(",")]
    if not all(word.isdecimal() and int(word) > 0 for word in words):
        what = "is neither all, largest, list nor numbers such as 1,3"
        raise fail(f"--faces {which}", what, "1 is the leftmost face")
    return sorted({int(word) for word in words})


def pasted(photo: Photo, edits: Sequence[EditedFace], step: int = -1) -> Values:
    """The photo with all of its edits, of the type and shape of `photo.values`.

    Args:
        edits: Of faces of this photo; where they overlap, their changes add up.
        step: After which step of the edits; the last by itself.
    """
    values = photo.values.copy()
    for edit in edits:
        add(values, edit.patch(photo.size, step))
    return values


def _measured(photo: Photo, faces: FaceSpec, finder: FaceFinder, numbered: NumberedFace) -> Face:
    measured = finder.measure(photo.picture, numbered.found)
    warnings: list[str] = []
    yaw = abs(pose_of(numbered.found)[1])
    if measured.frame.side < SMALL * faces.size:
        what = f"its frame is {measured.frame.side:.0f} pixels wide and the run edits {faces.size}"
        warnings.append(f"face {numbered.number} is small, {what}: the edit will be faint or coarse")
    if yaw > TURNED:
        warnings.append(f"face {numbered.number} is turned away by {yaw:.0f} degrees: the edit may look wrong")
    return Face(
        photo.name,
        measured.sample(photo.picture, faces),
        measured.frame,
        lambda: photo.pixels,
        SEAMLESS,
        numbered.number,
        tuple(warnings),
    )


def _of_number(photo: Photo, numbered: Sequence[NumberedFace], number: int) -> NumberedFace:
    if number > len(numbered):
        count = "one face" if len(numbered) == 1 else f"{len(numbered)} faces"
        raise fail(_where(photo), f"has {count}, and none of number {number}", "--faces list shows them")
    face = numbered[number - 1]
    if face.flaw:
        raise fail(_where(photo), f"face {number}: {face.flaw}")
    return face


def _flaw(face: FoundFace) -> str:
    """Why a face can't be edited; empty if it can."""
    left, top, right, bottom = face.box
    span = max(right - left, bottom - top)
    if span < SMALLEST:
        return f"the face is {span:.0f} pixels large, and an edit needs {SMALLEST}"
    yaw = abs(pose_of(face)[1])
    if yaw > PROFILE:
        return f"the face is a profile, turned away by {yaw:.0f} degrees: only half of it can be seen"
    return ""


def _where(photo: Photo) -> str:
    return str(photo.path or photo.name)
