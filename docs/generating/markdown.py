"""Markdown: tables, code, and the prose of docstrings."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

SECTION: Final = re.compile(r"\n(Args|Attributes|Returns|Raises):\n")


def prose(thing: Any) -> str:
    """A docstring down to its first section."""
    return SECTION.split(f"\n{inspect.getdoc(thing) or ''}\n")[0].strip()


def names(several: Iterable[str]) -> str:
    """Names as code, after one another; a dash for none."""
    return ", ".join(f"`{name}`" for name in several) or "-"


def python(*parts: str) -> str:
    """A block of Python."""
    return "```python\n" + "\n\n".join(parts) + "\n```"


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table."""
    lines = [columns, ["---"] * len(columns), *rows]
    cells = ([" ".join(str(cell).split()).replace("|", "\\|") for cell in line] for line in lines)
    return "\n".join(f"| {' | '.join(line)} |" for line in cells)
