"""The options of commands that start trainings: which launcher runs them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


def launching(command: Command) -> Command:
    """Gives a command the parameters `launcher` and `launcher_options`, for `make_launcher`."""
    named = click.option(
        "--launcher", default="local", show_default=True, metavar="NAME",
        help="What runs the trainings: this machine, or a cluster by a plugin's launcher, such as slurm or ray.",
    )  # fmt: skip
    options = click.option(
        "--launcher-option", "launcher_options", multiple=True, metavar="KEY=VALUE",
        help="A parameter of the launcher; `efgan plugin show launcher:NAME` lists them.",
    )  # fmt: skip
    return named(options(command))
