"""What a plugin's command must hold."""

from __future__ import annotations

import contextlib
import io
from typing import Final

import click

from efgan_kit.testing.contract import demand
from efgan_kit.testing.subject import Subject


def answers_help(subject: Subject) -> None:
    """It is a command of click, and `--help` says what it is for."""
    command = subject.target
    demand(subject, isinstance(command, click.Command), "is a click.Command", type(command).__name__)
    assert isinstance(command, click.Command)
    demand(subject, bool((command.help or "").strip()), "has a help text: its function's docstring", "none")
    with contextlib.redirect_stdout(io.StringIO()) as output:
        code = command.main(["--help"], prog_name="efgan command", standalone_mode=False)
    demand(subject, not code and "Usage" in output.getvalue(), "answers --help", f"exit code {code}")


CHECKS: Final = (answers_help,)
