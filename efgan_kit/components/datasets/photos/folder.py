"""A photo folder, read and checked in full before anything is built on it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Final

import attrs
import numpy as np
from numpy.typing import NDArray

from efgan_kit.api import Fault

from .contents import Sound
from .findings import Findings
from .fit import check_fit
from .labels import INTENSITY, Label, read_labels
from .listing import Listing, list_files
from .naming import Naming
from .pairs import people_of, read_pairs
from .table import shown
from .verify import sound_pictures

PREPARATION: Final = "preparation.json"


@attrs.frozen(eq=False)
class Photo:
    """One labelled picture.

    Attributes:
        name: Its path relative to the root.
        person: Whose face it is.
        width: Pixels, upright.
        height: Pixels, upright.
        landmarks: float32 `(68, 2)`, pixels of the picture.
        aus: float32 `(A,)` in [0, 1].
        content: The hash of the file's bytes as they were checked, by which its faces are kept.
    """

    name: str
    person: str
    width: int
    height: int
    landmarks: NDArray[np.float32]
    aus: NDArray[np.float32]
    content: bytes | None


@attrs.frozen(eq=False)
class Folder:
    """A sound photo folder.

    Attributes:
        photos: The labelled pictures, in the order of the labels.
        pairs: (source, truth) by name, or None if the folder has no pairs.csv.
        warnings: What a careful user wants to know.
        preparation: The file beside the labels that says how the faces were found and measured, where there is one.
    """

    root: Path
    photos: tuple[Photo, ...]
    pairs: tuple[tuple[str, str], ...] | None
    warnings: tuple[Fault, ...]
    preparation: Path | None = None


def read_folder(
    root: str | Path, units: Sequence[str], pairs: str | None = None, naming: Naming | None = None
) -> Folder:
    """Everything a folder says, with the labels of the AUs `units`.

    Args:
        naming: Says whose faces the pictures show where their names do; the column `person` and pairs.csv are
            then not read.

    Raises:
        EfganError: With every fault of the folder; many faults are cut short and counted.
    """
    findings = Findings()
    listing = list_files(root, findings)
    if not listing.pictures:
        hint = "JPEG, PNG, BMP, WebP and TIFF are read"
        findings.fault(str(root), "there are no pictures in the folder", hint)
    if naming is not None:
        people = naming.people(listing, findings)
        findings.raise_if_faulty()  # labels of pictures that nobody chose would be faults of the same cause
        listing = listing.only(people)
    labels = read_labels(listing, units, findings)
    present = _present(listing, labels.faces, findings)
    sound = sound_pictures(listing.root, [face.image for face in present], findings)
    check_fit(present, {image: found.size for image, found in sound.items()}, findings)
    named = {face.image: face.person for face in labels.faces}
    pair_list: tuple[tuple[str, str], ...] | None
    if naming is not None:
        if not named and not findings.faults:
            what = f"none of the {len(people)} pictures that are used has labels"
            findings.fault(str(root), what, "run OpenFace's FaceLandmarkImg on them")
        pair_list = naming.pairs([image for image in named if image in people], findings)
    else:
        people, pair_list = _who(listing, named, labels.dropped, pairs, findings)
    findings.raise_if_faulty()
    _warn_of_unlabelled(listing, named, labels.dropped, findings)
    preparation = _preparation(listing, findings)
    return Folder(
        listing.root,
        tuple(_photo(face, people[face.image], sound[face.image]) for face in labels.faces),
        pair_list,
        tuple(findings.warnings),
        preparation,
    )


def _preparation(listing: Listing, findings: Findings) -> Path | None:
    """The preparation.json beside the labels; none if several that differ are beside several labels."""
    tables = [PurePosixPath(path) for path in listing.tables]
    folders = [listing.root / path.parent for path in tables if path.name == "labels.csv"]
    files = [folder / PREPARATION for folder in folders if (folder / PREPARATION).is_file()]
    if len({file.read_bytes() for file in files}) > 1:
        findings.warn(str(files[0]), f"{files[1]} is another preparation: neither is kept with a run")
        return None
    return files[0] if files else None


def _who(
    listing: Listing, named: dict[str, str], dropped: Sequence[str], given: str | None, findings: Findings
) -> tuple[Mapping[str, str], tuple[tuple[str, str], ...] | None]:
    """Each picture's person and the pairs by name, as labels and pairs.csv say; no pairs.csv, no pairs."""
    # Without labels, every pair would be one more fault of the same cause.
    pairs = read_pairs(listing, given, named, set(dropped), findings) if named else None
    people = people_of(named, pairs, findings)
    return people, None if pairs is None else tuple((pair.source, pair.truth) for pair in pairs)


def _photo(face: Label, person: str, found: Sound) -> Photo:
    aus = (face.aus / np.float32(INTENSITY)).clip(0, 1)
    return Photo(face.image, person, *found.size, face.landmarks, aus, found.content)


def _present(listing: Listing, faces: Sequence[Label], findings: Findings) -> list[Label]:
    """The faces whose picture is there; each other one is a fault that names the likely picture."""
    present: list[Label] = []
    loose: dict[str, str] | None = None
    for face in faces:
        path, name = listing.root / face.image, shown(face.image)
        if os.path.isfile(path):  # noqa: PTH113 - False, and no error, for names that no file can have
            present.append(face)
            continue
        if os.path.isdir(path):  # noqa: PTH112
            findings.fault(face.where, f"image: {name} is a folder, not a picture")
            continue
        if loose is None:  # by name alone: folder, case and suffix are what goes wrong
            loose = {PurePosixPath(picture).stem.lower(): picture for picture in listing.pictures}
        likely = loose.get(PurePosixPath(face.image).stem.lower())
        hint = f"did you mean '{likely}'?" if likely else ""
        findings.fault(face.where, f"image: there is no picture {name} in the folder", hint)
    return present


def _warn_of_unlabelled(
    listing: Listing, named: dict[str, str], dropped: Sequence[str], findings: Findings
) -> None:
    labelled = {*named, *dropped}
    unlabelled = [name for name in listing.pictures if name not in labelled]
    findings.warn_of_several(unlabelled, "has no labels: not used")
