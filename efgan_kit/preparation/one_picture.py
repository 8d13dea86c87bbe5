"""What is done with one picture: look at it, choose its faces, measure them, cut them out."""

from __future__ import annotations

import hashlib
import io
import os
import re
import unicodedata
import warnings
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Final

import attrs
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from efgan_kit.api import EfganError, FoundFace, Picture, fail
from efgan_kit.components.datasets.photos.decode import decode
from efgan_kit.files import writing
from efgan_kit.preparation.choosing import choose
from efgan_kit.preparation.crops import SUFFIXES, crop, encode
from efgan_kit.preparation.finding import FaceFinder
from efgan_kit.preparation.outcomes import Outcome, PreparedFace
from efgan_kit.preparation.plan import WORK, Plan
from efgan_kit.preparation.pose import pose_of
from efgan_kit.preparation.quality import brightness, difference_hash, grey_face, sharpness

FACES: Final = "faces"
"""The folder of the crops."""
THUMBNAILS: Final = "skipped"
"""Below the work folder: small pictures of what was skipped."""
PARTS: Final = "parts"
"""Below the work folder: files that are being written."""
THUMBNAIL: Final = 144
ANIMATED: Final = frozenset({"GIF", "PNG", "WEBP"})
"""Formats whose further pictures are an animation; those of a TIFF or a telephone's JPEG are something else."""


def prepare_picture(plan: Plan, finder: FaceFinder, name: str, digest: str) -> Outcome:
    """Cut the faces out of the picture of that name below the photos, and write them.

    Whatever is wrong with the picture, or goes wrong in the parts that look at it, is a reason in the outcome.

    Raises:
        EfganError: The crops can't be written.
    """
    path = plan.photos.expanduser() / name
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of sizes and metadata; what matters becomes a reason
        try:
            _refuse_animation(path)
            picture = Picture(np.asarray(decode(path)), path)
        except EfganError as error:
            return Outcome(name, digest, skipped=[_reason(error)])
    seen = _look(plan, finder, picture, name)
    for face, content in seen.faces:
        _write(plan, face.image, content)
    thumbnail = f"{THUMBNAILS}/{_plain_name(name)}.png" if seen.skipped else ""
    if thumbnail:
        _write(plan, f"{WORK}/{thumbnail}", _thumbnail(picture.pixels, seen.blamed))
    return Outcome(name, digest, [face for face, _ in seen.faces], seen.skipped, thumbnail)


@attrs.frozen
class _Seen:
    """What there is in a picture: faces with the files of their crops, and what is skipped."""

    faces: list[tuple[PreparedFace, bytes]] = attrs.field(factory=list)
    skipped: list[str] = attrs.field(factory=list)
    blamed: list[FoundFace] = attrs.field(factory=list)


def _look(plan: Plan, finder: FaceFinder, picture: Picture, name: str) -> _Seen:
    seen = _Seen()
    try:
        found = [_sound(face) for face in finder.find(picture)]
        taken, refused = choose(found, picture.size, plan.choice)
        seen.skipped.extend([entry.why for entry in refused] or ([] if found else ["no face was found"]))
        seen.blamed.extend(entry.face for entry in refused)
        for face in taken:
            try:
                place = f"{_plain_name(name)}{_number(len(seen.faces))}"
                seen.faces.append(_prepared(plan, finder, picture, face, place))
            except EfganError as error:
                seen.skipped.append(_reason(error))
                seen.blamed.append(face)
    except EfganError as error:
        seen.skipped.append(_reason(error))
    except Exception as error:  # a plugin's own fault: one picture's, until it turns out to be all of them's
        parts = " or ".join({plan.preparation.landmarker.use: 0, plan.preparation.labeller.use: 0})
        seen.skipped.append(f"{parts} failed: {type(error).__name__}: {_line(error)}")
    return seen


def _prepared(
    plan: Plan, finder: FaceFinder, picture: Picture, face: FoundFace, name: str
) -> tuple[PreparedFace, bytes]:
    measured = finder.measure(picture, face)
    pixels, landmarks = crop(picture.pixels, face.landmarks, measured.frame, plan.cropping)
    grey = grey_face(picture.pixels, measured.frame)
    pitch, yaw, roll = (round(float(angle), 2) for angle in pose_of(face))
    prepared = PreparedFace(
        f"{FACES}/{name}{SUFFIXES[plan.cropping.form]}",
        [(round(x, 4), round(y, 4)) for x, y in landmarks.tolist()],
        {unit: round(value, 6) for unit, value in measured.aus.items()},
        round(float(face.confidence), 4),
        int(measured.frame.side),
        round(sharpness(grey), 2),
        round(brightness(grey), 4),
        (pitch, yaw, roll),
        difference_hash(grey),
    )
    return prepared, encode(pixels, plan.cropping.form)


def _sound(face: FoundFace) -> FoundFace:
    if face.landmarks.shape != (68, 2) or not np.isfinite(face.landmarks).all():
        raise ValueError(f"landmarks of shape {face.landmarks.shape} are not 68 finite points")
    return face


def _refuse_animation(path: Path) -> None:
    try:
        with Image.open(path) as image:
            frames = getattr(image, "n_frames", 1) if image.format in ANIMATED else 1
    except Exception:  # `decode` says what is wrong
        return
    if frames > 1:
        raise fail("", f"an animation of {frames} pictures: give them as files of their own")


def _reason(error: EfganError) -> str:
    return "; ".join(" ".join(str(attrs.evolve(fault, where="")).split()) for fault in error.faults)


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]


def _number(earlier: int) -> str:
    return f"-{earlier + 1}" if earlier else ""


def _plain_name(name: str) -> str:
    """A file name for any path: what any system and any CSV file can hold, and no other picture's."""
    path = unicodedata.normalize("NFC", str(PurePosixPath(name).with_suffix("")))
    plain = re.sub(r"[^\w.-]+", "_", path.encode("utf-8", "replace").decode())[-40:].strip("._-")
    digest = hashlib.blake2b(os.fsencode(name), digest_size=6).hexdigest()
    return f"{plain}-{digest}" if plain else digest


def _thumbnail(pixels: NDArray[np.uint8], blamed: Iterable[FoundFace]) -> bytes:
    """A small picture of what was skipped, its refused faces in boxes, as a PNG file."""
    image = Image.fromarray(pixels)
    scale = THUMBNAIL / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    small = image.resize(size, Image.Resampling.BICUBIC, reducing_gap=2)
    draw = ImageDraw.Draw(small)
    for face in blamed:
        draw.rectangle([edge * scale for edge in face.box], outline=(255, 64, 64), width=2)
    file = io.BytesIO()
    small.save(file, format="png")
    return file.getvalue()


def _write(plan: Plan, place: str, content: bytes) -> None:
    """Write a file below the folder, complete or not at all; unlike a checkpoint, it can be made again."""
    target = plan.out / place
    part = plan.work / PARTS / f"{os.getpid()}-{target.name}"
    with writing(target):
        for folder in (target.parent, part.parent):
            folder.mkdir(parents=True, exist_ok=True)
        part.write_bytes(content)
        part.replace(target)
