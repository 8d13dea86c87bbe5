"""Tables of figures in the forms that people paste: text, Markdown, LaTeX; and figures by the row, as CSV."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import attrs
from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table as Drawn
from rich.text import Text

from efgan_kit.pages.latex import escape_latex, latex_needs

UNKNOWN: Final = "-"


@attrs.frozen
class Table:
    """A table of text, ready to be written in any form.

    Attributes:
        title: One line above it.
        columns: The first is of words, the others of numbers.
        rows: Each as long as the columns.
        notes: Sentences that belong below it.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()


def number(value: float | None) -> str:
    """A figure in a table; what is not finite is not known."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    return f"{value:.2f}" if abs(value) >= 10 else f"{value:.3f}"


def with_interval(value: float | None, bounds: tuple[float, float] | None) -> str:
    """A figure and the interval around it, where there is one."""
    text = number(value)
    return f"{text} [{number(bounds[0])}, {number(bounds[1])}]" if bounds and text != UNKNOWN else text


def to_markdown(tables: Iterable[Table]) -> str:
    """The tables one below the other, their columns aligned in the text, too."""
    return "\n".join(_markdown(table) for table in tables)


def _markdown(table: Table) -> str:
    rows = [[_one_line(cell).replace("|", "\\|") for cell in row] for row in (table.columns, *table.rows)]
    widths = [max(3, *(cell_len(row[place]) for row in rows)) for place in range(len(table.columns))]
    head, *body = (
        f"| {' | '.join(_padded(cell, widths[place], place > 0) for place, cell in enumerate(row))} |" for row in rows
    )
    rule = "| " + " | ".join("-" * (w - 1) + ":" if place else "-" * w for place, w in enumerate(widths)) + " |"
    notes = [f"\n{_one_line(note)}" for note in table.notes]
    return "\n".join([f"{_one_line(table.title)}\n", head, rule, *body, *notes, ""])


def _padded(cell: str, width: int, right: bool) -> str:
    space = " " * (width - cell_len(cell))
    return space + cell if right else cell + space


def to_latex(tables: Iterable[Table], source: str) -> str:
    """The tables as LaTeX, each a float; they need the package booktabs.

    Args:
        source: What they were made from, for a comment.
    """
    tables = list(tables)
    lines = [line for table in tables for line in ([table.title], table.columns, *table.rows, table.notes)]
    texts = " ".join(text for line in lines for text in line)
    head = [_one_line(source), r"needs \usepackage{booktabs}", *latex_needs(texts)]
    return "\n\n".join(["\n".join(f"% {line}" for line in head), *(_latex(table) for table in tables)]) + "\n"


def _latex(table: Table) -> str:
    rows = [" & ".join(map(escape_latex, row)) + r" \\" for row in (table.columns, *table.rows)]
    caption = " ".join(escape_latex(sentence) for sentence in (_sentence(table.title), *table.notes))
    return "\n".join(
        [
            r"\begin{table}",
            r"  \centering",
            rf"  \caption{{{caption}}}",
            rf"  \begin{{tabular}}{{l{'r' * (len(table.columns) - 1)}}}",
            r"    \toprule",
            f"    {rows[0]}",
            r"    \midrule",
            *(f"    {row}" for row in rows[1:]),
            r"    \bottomrule",
            r"  \end{tabular}",
            r"\end{table}",
        ]
    )


def to_csv(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows with the same keys as CSV; numbers read back to the bit, None and nan are empty."""
    written = io.StringIO()
    writer = csv.DictWriter(written, list(rows[0]) if rows else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: _cell(value) for key, value in row.items()} for row in rows)
    return written.getvalue()


def print_tables(tables: Iterable[Table], console: Console) -> None:
    """Draw the tables on a terminal, or as plain text elsewhere."""
    for table in tables:
        console.print(Text(table.title), soft_wrap=True)
        drawn = Drawn(box=box.SIMPLE_HEAD, pad_edge=False)
        for place, column in enumerate(table.columns):
            drawn.add_column(Text(column), justify="right" if place else "left", overflow="fold")
        for row in table.rows:
            drawn.add_row(*map(Text, row))
        console.print(drawn)
        for note in table.notes:
            console.print(Text(note), soft_wrap=True)


def _cell(value: Any) -> Any:
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else ""
    return "" if value is None else value


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _one_line(text: str) -> str:
    return " ".join(text.split())
