"""Reading Markdown: fenced blocks and what is in them."""

import importlib
import re
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


class Block(NamedTuple):
    """A fenced block of a page."""

    page: str
    language: str
    text: str


def pages():
    """Every page, by its path relative to the root."""
    found = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in sorted(found)}


def blocks(language):
    """The fenced blocks of a language, on all pages."""
    return [
        Block(page, found[1], found[2])
        for page, text in pages().items()
        for found in FENCE.finditer(text)
        if found[1] == language
    ]


@pytest.fixture
def root():
    return ROOT


@pytest.fixture(scope="session")
def generating():
    """The package that writes what pages take from the code."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "docs"))
        yield importlib.import_module("generating")
