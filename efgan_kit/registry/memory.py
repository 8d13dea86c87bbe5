"""What earlier imports of plugins showed: their time, their state, and offers that no source tells.

Kept in `plugins.json` in the cache folder, for listings alone: whoever loses it loses nothing but a moment. What was
seen counts only for the same version of the distribution and an unchanged module file.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs

from efgan_kit.files import write_atomically
from efgan_kit.registry.candidates import Candidate

if TYPE_CHECKING:
    from efgan_kit.registry.discovery import Plugin

CACHE: Final = "EFGAN_CACHE_DIR"


@attrs.frozen
class Remembered:
    """What the last import of a plugin showed.

    Attributes:
        version: Of the distribution.
        stamp: The module file's time of change and size; empty if it is not known.
        reason: Why the import failed; empty if it did not.
        seconds: How long it took.
        offers: Kind, name, target and summary of each component.
    """

    version: str
    stamp: str
    reason: str
    seconds: float
    offers: tuple[tuple[str, str, str, str], ...]

    def holds_for(self, candidate: Candidate, path: Path | None) -> bool:
        return (self.version, self.stamp) == (candidate.version, stamp_of(path))

    def says_as(self, other: Remembered) -> bool:
        """Whether it says the same, times of one order of magnitude aside."""
        near = max(self.seconds, other.seconds, 0.01) <= 2 * max(min(self.seconds, other.seconds), 0.01)
        return near and attrs.evolve(self, seconds=0) == attrs.evolve(other, seconds=0)


def seen(plugin: Plugin, seconds: float, path: Path | None) -> Remembered:
    """What the import of a plugin has just shown."""
    offers = tuple((offer.kind, offer.name, offer.target, offer.summary) for offer in plugin.offers)
    reason = plugin.reason if plugin.state == "broken" else ""
    return Remembered(plugin.version, stamp_of(path), reason, round(seconds, 4), offers)


def stamp_of(path: Path | None) -> str:
    """Changes when the file does."""
    if path is not None:
        with contextlib.suppress(OSError):
            seen = path.stat()
            return f"{seen.st_mtime_ns}-{seen.st_size}"
    return ""


def key_of(candidate: Candidate, path: Path | None) -> str:
    """What a plugin is remembered by: environments of one user may have the same one, in different places."""
    return f"{candidate.label} {path or ''}".rstrip()


def recall() -> dict[str, Remembered]:
    """What is remembered, by `key_of`; nothing if the file is gone or damaged."""
    try:
        document = json.loads(_file().read_text(encoding="utf-8"))
        return {key: _remembered(entry) for key, entry in document.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def remember(entries: Mapping[str, Remembered]) -> None:
    """Keep what was seen, if it is news. A cache that cannot be written is no trouble."""
    known = recall()
    news = {key: entry for key, entry in entries.items() if key not in known or not entry.says_as(known[key])}
    if not news:
        return
    content = {key: attrs.asdict(entry) for key, entry in {**known, **news}.items()}
    with contextlib.suppress(OSError):
        path = _file()
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, json.dumps(content, indent=1).encode())


def _file() -> Path:
    return Path(os.environ.get(CACHE) or Path("~/.cache/efgan_kit").expanduser()) / "plugins.json"


def _remembered(entry: Mapping[str, Any]) -> Remembered:
    offers = tuple((str(kind), str(name), str(target), str(text)) for kind, name, target, text in entry["offers"])
    reason, seconds = str(entry["reason"]), float(entry["seconds"])
    return Remembered(str(entry["version"]), str(entry["stamp"]), reason, seconds, offers)
