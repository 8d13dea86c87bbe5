"""Paths that a command is given."""

from __future__ import annotations

from typing import Any

import click


class GivenPath(click.Path):
    """A path that says something.

    An empty one is refused: it is a shell variable that was not set, and to go on with the current folder, or as if
    the option were not there, would train on other faces than were meant.
    """

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value == "":
            self.fail("it is empty; give a path.", param, ctx)
        return super().convert(value, param, ctx)
