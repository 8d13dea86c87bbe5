"""File names that say whose face a picture shows, and with which expression."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Final

import attrs

from efgan_kit.api import fail

GROUPS: Final = ("person", "expression")
"""What every pattern must find in a name; the groups of other names are a database's own."""


@attrs.frozen
class Portrait:
    """What a picture's name says.

    Attributes:
        person: Whose face it is, as it stands in the name.
        expression: The expression's name; empty if the database has none of that word.
        said: The text of each group of the pattern, as `plain` makes it.
    """

    person: str
    expression: str
    said: Mapping[str, str]


@attrs.frozen
class Grammar:
    """How the pictures of a face database are named.

    Attributes:
        database: Its name, for messages.
        example: A file name as its authors give it out.
        patterns: Regular expressions with the groups `person` and `expression`. They are looked for in a
            picture's path below the root, without its suffix, upper and lower case alike; the first counts.
        expressions: The expression behind each word or number that may stand in a name.
    """

    database: str
    example: str
    patterns: tuple[re.Pattern[str], ...]
    expressions: Mapping[str, str]

    def read(self, picture: str) -> Portrait | None:
        """What the picture's path says; None if it is not of this grammar."""
        name = str(PurePosixPath(picture).with_suffix(""))
        for pattern in self.patterns:
            match = pattern.search(name)
            if match and match["person"]:
                said = {group: plain(text) for group, text in match.groupdict(default="").items()}
                expression = self.expressions.get(said["expression"], "")
                return Portrait(match["person"], expression, said)
        return None

    def named_by(self, pattern: str | None) -> Grammar:
        """The same database with files named by the user's own pattern, if there is one.

        Raises:
            EfganError: The pattern is no regular expression, or lacks a group.
        """
        if pattern is None:
            return self
        try:
            compiled = re.compile(pattern, re.IGNORECASE)
        except re.error as error:
            raise fail("pattern", f"is no regular expression: {error}", "see Python's module re") from error
        missing = [group for group in GROUPS if group not in compiled.groupindex]
        if missing:
            what = f"has no group {' and no group '.join(f'(?P<{group}>...)' for group in missing)}"
            raise fail("pattern", what, r"such as (?P<person>\d+)_(?P<expression>[a-z]+)")
        return attrs.evolve(self, patterns=(compiled,))


def compiled(*patterns: str) -> tuple[re.Pattern[str], ...]:
    """A grammar's patterns."""
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)


def plain(text: object) -> str:
    """A word or number as it is compared: `090` is `90`, `Sadly_Angry` is `sadly-angry`."""
    return str(text).lower().replace("_", "-").replace(" ", "-").lstrip("0") or "0"
