"""The directory of plugins: directory.yaml as tables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

from generating.markdown import table

FILE: Final = Path(__file__).parents[1] / "plugins" / "directory.yaml"
HERE: Final = "plugins/"
"""How the home of a plugin begins that lives in this repository."""


def entries() -> list[dict[str, Any]]:
    """The entries, as the file has them."""
    return yaml.safe_load(FILE.read_text(encoding="utf-8"))


def directory() -> Iterator[str]:
    """Those of this repository, then those of others, where there are any."""
    own = [entry for entry in entries() if entry["home"].startswith(HERE)]
    others = [entry for entry in entries() if entry not in own]
    yield "### From this repository"
    yield _listed(own)
    if others:
        yield "### From others"
        yield _listed(others)


def _listed(several: list[dict[str, Any]]) -> str:
    columns = ("plugin", "what it does", "offers", "licence", "efgan-kit", "listed")
    rows = [
        (
            f"[{entry['name']}]({_link(entry['home'])})",
            entry["summary"],
            ", ".join(entry["kinds"]),
            entry["licence"],
            f"`{entry['efgan-kit']}`",
            str(entry["since"]),
        )
        for entry in several
    ]
    return table(columns, rows)


def _link(home: str) -> str:
    return f"../../{home}/README.md" if home.startswith(HERE) else home
