"""pairs.csv: which two pictures of one person are source and truth."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path, PurePosixPath
from typing import Final

import attrs

from .findings import Findings
from .labels import relative_image
from .listing import Listing
from .table import read_table, shown

COLUMNS: Final = ("source", "truth")


@attrs.frozen
class Pair:
    """Two pictures by their paths relative to the root, and the line that names them."""

    where: str
    source: str
    truth: str


def read_pairs(
    listing: Listing, given: str | None, known: Collection[str], dropped: Collection[str], findings: Findings
) -> tuple[Pair, ...] | None:
    """The pairs of the file `given`, or of every pairs.csv below the root; None if there is none of them.

    Args:
        given: A path, taken from here or else from the root; its images are relative to the root.
        known: The labelled pictures.
        dropped: Pictures whose labels are not trusted: pairs with these are left out with a warning.
    """
    if given is None:
        files = [path for path in listing.tables if PurePosixPath(path).name == "pairs.csv"]
        sources = [(listing.root / path, path, PurePosixPath(path).parent) for path in files]
    else:
        path = Path(given).expanduser()
        path = path if path.exists() else listing.root / path
        if not path.exists():
            findings.fault(given, "there is no such file")
            return None
        sources = [(path, given, PurePosixPath())]
    if not sources:
        return None
    pairs: list[Pair] = []
    left_out: list[str] = []
    for path, where, base in sources:
        _read(path, where, base, known, dropped, pairs, left_out, findings)
    findings.warn_of_several(left_out, "the pair is left out: a picture's labels are not trusted")
    return tuple(pairs)


def _read(
    path: Path,
    where: str,
    base: PurePosixPath,
    known: Collection[str],
    dropped: Collection[str],
    pairs: list[Pair],
    left_out: list[str],
    findings: Findings,
) -> None:
    table = read_table(path, where, findings)
    if table is None:
        return
    missing = [column for column in COLUMNS if column not in table.columns]
    if missing:
        findings.fault(f"{where}:1", f"there is no column {' and no column '.join(missing)}")
        return
    if not table.rows:
        findings.fault(where, "names no pairs: there is no line below the header")
    for row in table.rows:
        place = table.at(row)
        images: list[str] = []
        for column in COLUMNS:
            text = table.text(row, column)
            image, problem = relative_image(text, base)
            if not problem and image not in known and image not in dropped:
                problem = f"{shown(text)} is not among the labelled pictures"
            if problem:
                findings.fault(place, f"{column}: {problem}")
            images.append(image)
        if any(image in dropped for image in images):
            left_out.append(place)
        elif all(image in known for image in images):
            pairs.append(Pair(place, images[0], images[1]))


def people_of(named: Mapping[str, str], pairs: tuple[Pair, ...] | None, findings: Findings) -> dict[str, str]:
    """Whose face each picture is, from `named` (picture to the labels' `person`, empty if they do not say).

    A picture that nobody is named for is a person of its own; two of them that a pair joins are one person,
    called by the first. A pair of two different people is a fault.
    """
    leader = {image: image for image in named}

    def find(image: str) -> str:
        while leader[image] != image:
            leader[image] = leader[leader[image]]
            image = leader[image]
        return image

    for pair in pairs or ():
        source, truth = named[pair.source], named[pair.truth]
        if not source and not truth:
            first, second = sorted((find(pair.source), find(pair.truth)))
            leader[second] = first
        elif source != truth:
            first, second = source or "nobody named", truth or "nobody named"
            what = f"{pair.source} is of {first}, {pair.truth} of {second}"
            findings.fault(pair.where, what, "a pair is two pictures of one person")
    return {image: person or find(image) for image, person in named.items()}
