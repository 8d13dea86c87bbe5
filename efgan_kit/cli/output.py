"""How commands print: tables for people, one JSON document for scripts."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import click

from efgan_kit.errors import printable


def print_json(document: Any) -> None:
    """One JSON document on stdout."""
    click.echo(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False))


def print_definitions(definitions: Iterable[tuple[str, str]]) -> None:
    """Words and what they mean, without the cost of a real table."""
    formatter = click.HelpFormatter(width=width())
    rows = list(definitions)
    if rows:
        formatter.write_dl(rows)
    click.echo(formatter.getvalue(), nl=False)


def say(text: str) -> None:
    """A line on stdout of what others wrote, as a terminal may be shown it."""
    click.echo(printable(text))


def width() -> int:
    """Columns to print to: the terminal's; in a file or a pipe many, so that nothing is cut short."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 200


def print_table(columns: Sequence[str], rows: Iterable[Sequence[Any]], right: Sequence[str] = ()) -> None:
    """A table on stdout.

    Args:
        right: The columns whose cells are numbers, aligned to the right.
    """
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(str(cell))) for cell in row))
    Console(width=width()).print(table)
