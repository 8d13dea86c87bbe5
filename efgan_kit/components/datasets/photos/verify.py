"""Which pictures are sound: each is decoded once, and remembered by its content."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import Final

from efgan_kit.api import EfganError

from .contents import Contents, Size, Sound, content_of, looked_at_folder
from .decode import decode, upright_size
from .findings import Findings

Stamp = tuple[int, int]
"""A file's size and its time of change."""

BAR_FROM: Final = 300
"""Pictures from which decoding them takes long enough for a bar."""


def sound_pictures(root: Path, images: Sequence[str], findings: Findings) -> dict[str, Sound]:
    """Every sound picture; the others are faults in `findings`.

    Pictures found sound before are not decoded again: a file that has not changed is not opened, and one whose content
    was met before, in any folder and under any name, is only hashed. What was found is kept in `EFGAN_CACHE_DIR`, by
    default `~/.cache/efgan_kit`: a JSON file for each folder, and an SQLite file of contents for all.
    """
    memory = _memory_file(root)
    known = _read_memory(memory)
    stamps = {image: _stamp(root / image) for image in images}
    sound: dict[str, Sound] = {}
    unknown: list[str] = []
    for image in images:
        entry = known.get(image)
        if entry is not None and entry[0] == stamps[image]:
            sound[image] = entry[1]
        else:
            unknown.append(image)
    if not unknown:
        return sound
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of sizes and metadata; what matters becomes a fault
        with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
            for image, result in _looked_at(root, unknown, pool):
                if isinstance(result, EfganError):
                    findings.faults.extend(result.faults)
                else:
                    sound[image] = result
    _write_memory(memory, {image: (stamps[image], found) for image, found in sound.items()})
    return sound


def _looked_at(root: Path, images: Sequence[str], pool: Executor) -> Iterator[tuple[str, Sound | EfganError]]:
    """Each picture as it was found, or what is wrong with it, in order, while a bar shows how far it is."""

    def check(image: str) -> Size | EfganError:
        try:
            size = upright_size(root / image, where=image)
            decode(root / image, where=image, finest=1 / 8)
        except EfganError as error:
            return error
        return size

    contents = Contents(looked_at_folder() / "contents.sqlite")
    hashes = dict(zip(images, pool.map(lambda image: content_of(root / image), images), strict=True))
    met = contents.sizes([content for content in hashes.values() if content is not None])
    left = [image for image in images if hashes[image] not in met]
    checked = dict(zip(left, _with_bar(pool.map(check, left), len(left)), strict=True))
    found = {image: size for image, size in checked.items() if not isinstance(size, EfganError)}
    contents.keep({content: size for image, size in found.items() if (content := hashes[image]) is not None})
    for image in images:
        content = hashes[image]
        size = checked[image] if image in checked or content is None else met[content]
        yield image, size if isinstance(size, EfganError) else Sound(size, content)


def _with_bar(results: Iterable[Size | EfganError], total: int) -> Iterator[Size | EfganError]:
    """The results as they come; on a terminal, a bar shows how far it is."""
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    silent = total < BAR_FROM or not console.is_terminal
    yield from track(results, "Checking pictures", total, console=console, transient=True, disable=silent)


def _stamp(path: Path) -> Stamp | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns


def _memory_file(root: Path) -> Path:
    name = hashlib.blake2b(os.fsencode(root.resolve()), digest_size=12).hexdigest()
    return looked_at_folder() / f"{name}.json"


def _read_memory(path: Path) -> dict[str, tuple[Stamp, Sound]]:
    """What an earlier check found; nothing at all if the file is missing or damaged."""
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(content, dict):
        return {}
    known: dict[str, tuple[Stamp, Sound]] = {}
    for image, entry in content.items():
        match entry:
            case [int(bytes_), int(changed), int(width), int(height), str(text)] if width > 0 < height:
                with contextlib.suppress(ValueError):
                    known[image] = (bytes_, changed), Sound((width, height), bytes.fromhex(text))
    return known


def _write_memory(path: Path, found: Mapping[str, tuple[Stamp | None, Sound]]) -> None:
    """Complete or not at all; a cache that can't be written costs time, nothing else."""
    content = {
        image: [*stamp, *sound.size, sound.content.hex()]
        for image, (stamp, sound) in found.items()
        if stamp is not None and sound.content is not None
    }
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(content, file)
        Path(name).replace(path)
