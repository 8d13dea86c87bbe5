"""Whose face each picture shows, and with which expression, by what the user has: folders, names or a list."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from pathlib import Path, PurePosixPath
from typing import Final

import attrs

from efgan_kit.api import fail
from efgan_kit.components.datasets.photos.findings import Findings
from efgan_kit.components.datasets.photos.labels import relative_image
from efgan_kit.components.datasets.photos.table import read_table, shown

NAME: Final = r"^(?P<person>[^_\-. ]+)(?:[_\-. ]+(?P<expression>[^_\-. ]+))?"
"""The parts of a file's name up to the first and the second mark: `anna_happy_2.jpg` is anna, happy."""


@attrs.frozen
class Sitter:
    """Who and how; empty where that is not known."""

    person: str = ""
    expression: str = ""


Naming = Callable[[str], Sitter]


def naming(how: str, pattern: str | None = None) -> Naming:
    """Says of a picture's path, relative to the photos, who is in it.

    Args:
        how: `none`; `folder`, the first below the photos; `name`; or the path of a CSV file with the columns
            `image`, `person` and perhaps `expression`.
        pattern: For `name`: a regular expression with a group `person`, and perhaps `expression`, looked for in the
            file's name without its suffix.

    Raises:
        EfganError: The pattern or the file is at fault.
    """
    if pattern is not None and how != "name":
        raise fail("--pattern", "is for --person name", f"say --person name, not {how}")
    if how == "none":
        return lambda name: Sitter()
    if how == "folder":
        return lambda name: Sitter(_printable(next(iter(PurePosixPath(name).parts[:-1]), "")))
    if how == "name":
        return _by_pattern(pattern or NAME)
    if not how.lower().endswith(".csv"):
        raise fail("--person", f"'{how}' is none of none, folder, name, and no CSV file", "for example people.csv")
    return _by_table(Path(how).expanduser())


def unknown_in(named: Naming, pictures: Collection[str]) -> list[str]:
    """The pictures that a CSV file speaks of and that are not there."""
    return [name for name in named.sitters if name not in pictures] if isinstance(named, _Listed) else []


def _by_pattern(pattern: str) -> Naming:
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise fail("--pattern", f"is no regular expression: {error}", "see Python's module re") from error
    if "person" not in compiled.groupindex:
        raise fail("--pattern", "has no group (?P<person>...)", r"such as (?P<person>\d+)_(?P<expression>[a-z]+)")

    def named(name: str) -> Sitter:
        match = compiled.search(PurePosixPath(name).stem)
        found = match.groupdict(default="") if match else {}
        return Sitter(_printable(found.get("person", "")), _printable(found.get("expression", "")))

    return named


@attrs.frozen
class _Listed:
    sitters: dict[str, Sitter]

    def __call__(self, name: str) -> Sitter:
        return self.sitters.get(name, Sitter())


def _by_table(path: Path) -> _Listed:
    findings = Findings()
    if not path.exists():
        raise fail(str(path), "there is no such file")
    table = read_table(path, str(path), findings)
    findings.raise_if_faulty()
    assert table is not None
    missing = [column for column in ("image", "person") if column not in table.columns]
    if missing:
        raise fail(f"{path}:1", f"there is no column {' and no column '.join(missing)}")
    sitters: dict[str, Sitter] = {}
    for row in table.rows:
        image, problem = relative_image(table.text(row, "image"), PurePosixPath())
        if image in sitters and not problem:
            problem = f"{shown(image)} is there twice"
        if problem:
            findings.fault(table.at(row), f"image: {problem}", "paths are relative to the photos")
        sitters[image] = Sitter(table.text(row, "person"), table.text(row, "expression"))
    findings.raise_if_faulty()
    return _Listed(sitters)


def _printable(text: str) -> str:
    """A name that a CSV file can hold as it is: file names need not be Unicode, or of one line."""
    return " ".join(text.encode("utf-8", "backslashreplace").decode().split())
