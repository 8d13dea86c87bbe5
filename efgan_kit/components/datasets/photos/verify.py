"""Which pictures are sound: each is decoded once, and remembered until its file changes."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from efgan_kit.api import EfganError

from .decode import decode, upright_size
from .findings import Findings

Size = tuple[int, int]


def picture_sizes(root: Path, images: Sequence[str], findings: Findings) -> dict[str, Size]:
    """(width, height) of every sound picture, upright; the others are faults in `findings`.

    Pictures found sound before are not decoded again, unless their files changed; the memory of it is a JSON
    file in `EFGAN_CACHE_DIR`, by default `~/.cache/efgan_kit`.
    """
    memory = _memory_file(root)
    known = _read_memory(memory)
    stamps = {image: _stamp(root / image) for image in images}
    sizes: dict[str, Size] = {}
    unknown: list[str] = []
    for image in images:
        entry = known.get(image)
        if entry is not None and stamps[image] is not None and entry[:2] == stamps[image]:
            sizes[image] = (entry[2], entry[3])
        else:
            unknown.append(image)
    if not unknown:
        return sizes

    def check(image: str) -> Size | EfganError:
        try:
            size = upright_size(root / image, where=image)
            decode(root / image, where=image, finest=1 / 8)
        except EfganError as error:
            return error
        return size

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of sizes and metadata; what matters becomes a fault
        with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
            for image, result in zip(unknown, pool.map(check, unknown), strict=True):
                if isinstance(result, EfganError):
                    findings.faults.extend(result.faults)
                else:
                    sizes[image] = result
    _write_memory(memory, {image: [*(stamps[image] or (0, 0)), *size] for image, size in sizes.items()})
    return sizes


def _stamp(path: Path) -> list[int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return [status.st_size, status.st_mtime_ns]


def _memory_file(root: Path) -> Path:
    folder = os.environ.get("EFGAN_CACHE_DIR") or Path("~/.cache/efgan_kit").expanduser()
    name = hashlib.blake2b(os.fsencode(root.resolve()), digest_size=12).hexdigest()
    return Path(folder) / "pictures" / f"{name}.json"


def _read_memory(path: Path) -> dict[str, list[int]]:
    """What an earlier check found; nothing at all if the file is missing or damaged."""
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(content, dict):
        return {}
    return {
        image: entry
        for image, entry in content.items()
        if isinstance(entry, list) and len(entry) == 4 and all(isinstance(n, int) and n >= 0 for n in entry)
    }


def _write_memory(path: Path, content: dict[str, list[int]]) -> None:
    """Complete or not at all; a cache that can't be written costs time, nothing else."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(content, file)
        Path(name).replace(path)
