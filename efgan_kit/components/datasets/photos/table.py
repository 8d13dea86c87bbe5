"""CSV files as OpenFace and spreadsheets write them, every fault with its file, line and column."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from pathlib import Path

import attrs

from .findings import Findings


@attrs.frozen
class Row:
    """The cells of one line, stripped of the spaces that OpenFace puts after its commas."""

    line: int
    cells: list[str]


@attrs.frozen
class Table:
    """A CSV file's columns by name, and its rows, each as long as the header.

    Attributes:
        where: The file's name in messages.
        columns: Each column's position, by name.
        rows: The lines below the header; empty lines are left out.
    """

    where: str
    columns: dict[str, int]
    rows: list[Row]

    def at(self, row: Row) -> str:
        """The row's place in messages: `labels.csv:12`."""
        return f"{self.where}:{row.line}"

    def text(self, row: Row, column: str) -> str:
        """A cell's text; empty if the table has no such column."""
        position = self.columns.get(column)
        return "" if position is None else row.cells[position]

    def numbers(self, row: Row, columns: Sequence[str], findings: Findings) -> list[float] | None:
        """The cells of `columns` as finite numbers, or None after a fault for each that is not one."""
        cells = [row.cells[self.columns[column]] for column in columns]
        try:
            values = [float(cell) for cell in cells]
        except ValueError:
            values = []
        # Python reads "1_0" as 10: no program that writes CSV means that.
        if values and all(map(math.isfinite, values)) and "_" not in "".join(cells):
            return values
        sound = True
        for column, cell in zip(columns, cells, strict=True):
            if problem := _number_problem(cell):
                findings.fault(self.at(row), f"{column}: {problem}")
                sound = False
        return values if sound else None


def _number_problem(cell: str) -> str:
    if not cell:
        return "the cell is empty"
    try:
        value = float(cell)
    except ValueError:
        value = None
    if value is None or "_" in cell:
        return f"{shown(cell)} is not a number"
    return "" if math.isfinite(value) else f"{shown(cell)} is not a finite number"


def shown(cell: str) -> str:
    """A cell as a message quotes it: printable and short."""
    return repr(cell if len(cell) <= 60 else cell[:57] + "...")


def read_table(path: Path, where: str, findings: Findings) -> Table | None:
    """A CSV file's table, or None after a fault that says why there is none.

    Lines of another length than the header's are faults and left out of the rows.
    """
    text = _read_text(path, where, findings)
    if text is None:
        return None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header: list[str] = []
    rows: list[Row] = []
    line = 1
    try:
        # A record may run over several lines; it is known by its first.
        while (record := next(reader, None)) is not None:
            here, line = line, reader.line_num + 1
            cells = [cell.strip() for cell in record]
            if not any(cells):
                continue
            if not header:
                header = cells
            elif len(cells) == len(header):
                rows.append(Row(here, cells))
            else:
                what = f"{_count(len(cells), 'cell')}, but the header names {_count(len(header), 'column')}"
                findings.fault(f"{where}:{here}", what)
    except csv.Error as error:
        findings.fault(f"{where}:{line}", f"not a readable CSV line: {error}")
        return None
    if not header:
        findings.fault(where, "the file is empty", "the first line names the columns")
        return None
    return Table(where, _columns(header, where, findings), rows)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _columns(header: list[str], where: str, findings: Findings) -> dict[str, int]:
    columns: dict[str, int] = {}
    for position, name in enumerate(header):
        if name and name in columns:
            findings.fault(f"{where}:1", f"the column {shown(name)} is there twice")
        columns.setdefault(name, position)
    if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
        separator = "semicolons" if ";" in header[0] else "tabs"
        findings.fault(f"{where}:1", f"the columns are separated by {separator}", "separate them by commas")
    return columns


def _read_text(path: Path, where: str, findings: Findings) -> str | None:
    if path.is_dir():
        findings.fault(where, "is a folder, not a CSV file")
        return None
    try:
        data = path.read_bytes()
    except OSError as error:
        findings.fault(where, f"cannot be read: {error.strerror or error}")
        return None
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        findings.fault(where, "is encoded as UTF-16", "save it as UTF-8")
        return None
    if b"\0" in data:
        findings.fault(where, "is not a CSV file: it holds binary data")
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        findings.fault(f"{where}:{line}", "is not UTF-8 text", "save the file as UTF-8")
        return None
