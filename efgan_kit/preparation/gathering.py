"""The pictures of a stranger's folder: which are looked at, which not and why, and which are the same file twice."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath
from typing import Final

import attrs

from efgan_kit.api import Fault
from efgan_kit.components.datasets.photos.findings import Findings
from efgan_kit.components.datasets.photos.listing import Listing, list_files

Progress = Callable[[str, int, int], None]

PHOTOGRAPHS: Final = frozenset(
    {".gif", ".heic", ".heif", ".avif", ".jxl", ".jp2", ".psd", ".svg", ".tga", ".dng", ".raw", ".cr2", ".cr3", ".nef",
     ".arw", ".orf", ".raf"}
)  # fmt: skip
VIDEOS: Final = frozenset({".mp4", ".mov", ".avi", ".mkv", ".webm", ".m4v", ".mpg", ".mpeg"})
PIECE: Final = 1 << 20


@attrs.frozen
class Skipped:
    """A file or folder that nothing comes of, and why."""

    name: str
    why: str


@attrs.frozen
class Gathered:
    """What lies below the photos' folder.

    Attributes:
        digests: SHA-256 by picture, relative to the folder and in order; each content once.
        skipped: What is not looked at.
    """

    digests: dict[str, str]
    skipped: tuple[Skipped, ...]


def gather(photos: Path, out: Path, progress: Progress) -> Gathered:
    """Find the pictures and read each once. `out` may lie among them: what is below it is passed over.

    Raises:
        EfganError: There is no such folder, or it can't be read.
    """
    findings = Findings()
    listing = list_files(photos, findings)
    skipped = [Skipped(_below(photos, fault), fault.what) for fault in findings.faults]
    skipped += [Skipped(name, why) for name in listing.others if (why := _unfit(name))]
    within = _within(listing.root, out)
    painted = _painted(listing)
    names = [name for name in listing.pictures if not within(name)]
    skipped += [Skipped(n, "OpenFace's copy with the landmarks painted in") for n in names if n in painted]
    names = [name for name in names if name not in painted]
    first: dict[str, str] = {}
    digests: dict[str, str] = {}
    for name, (digest, why) in zip(names, _read_all(listing.root, names, progress), strict=True):
        if why:
            skipped.append(Skipped(name, why))
        elif digest in first:
            skipped.append(Skipped(name, f"the same file as {first[digest]}"))
        else:
            first[digest] = name
            digests[name] = digest
    return Gathered(digests, tuple(sorted(skipped, key=lambda entry: entry.name)))


def _below(photos: Path, fault: Fault) -> str:
    """The place of a folder that can't be read, relative to the photos."""
    try:
        return Path(fault.where).relative_to(photos.expanduser()).as_posix()
    except ValueError:
        return fault.where


def _unfit(name: str) -> str:
    suffix = PurePosixPath(name).suffix.lower()
    if suffix in VIDEOS:
        return "a video: give its frames as pictures"
    return f"{suffix[1:].upper()} files are not read: convert it to JPEG or PNG" if suffix in PHOTOGRAPHS else ""


def _within(root: Path, out: Path) -> Callable[[str], bool]:
    """Whether a picture lies below the folder that is written."""
    target = out.expanduser().resolve()
    known: dict[PurePosixPath, bool] = {}

    def within(name: str) -> bool:
        folder = PurePosixPath(name).parent
        if folder not in known:
            known[folder] = (root / folder).resolve().is_relative_to(target)
        return known[folder]

    return within


def _painted(listing: Listing) -> frozenset[str]:
    """Pictures beside the `NAME_of_details.txt` that tells of a picture elsewhere."""
    stems: dict[str, int] = {}
    for name in listing.pictures:
        stem = PurePosixPath(name).stem
        stems[stem] = stems.get(stem, 0) + 1
    return frozenset(
        name
        for name in listing.pictures
        if stems[PurePosixPath(name).stem] > 1
        and str(PurePosixPath(name).with_suffix("")) + "_of_details.txt" in listing.details
    )


def _read_all(root: Path, names: Sequence[str], progress: Progress) -> list[tuple[str, str]]:
    """Each file's digest, or why there is none."""
    answers = []
    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        for done, answer in enumerate(pool.map(lambda name: _digest(root / name), names), start=1):
            answers.append(answer)
            progress("reading", done, len(names))
    return answers


def _digest(path: Path) -> tuple[str, str]:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # to open a pipe would be to wait for somebody to fill it
            return "", "no file: a pipe, socket or device"
        if not status.st_size:
            return "", "the file is empty"
        digest = hashlib.sha256()
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                digest.update(piece)
    except FileNotFoundError:
        return "", "a link that leads nowhere"
    except OSError as error:
        return "", f"can't be read: {error.strerror}"
    return digest.hexdigest(), ""
