"""A CSV file of edits: a picture and its target AUs in each line."""

from __future__ import annotations

import os
from pathlib import Path

import attrs

from efgan_kit.components.datasets.photos.findings import Findings, capped
from efgan_kit.components.datasets.photos.labels import INTENSITY
from efgan_kit.components.datasets.photos.table import Row, Table, read_table
from efgan_kit.editing.labels import UNIT_COLUMN
from efgan_kit.editing.requests import Request
from efgan_kit.editing.sources import TEST_FACE, Sources
from efgan_kit.editing.targets import Change
from efgan_kit.errors import EfganError, Fault, fail, nearest
from efgan_kit.faces.aus import AUSet, au_set


def requests_of_targets(sources: Sources, aus: AUSet, path: Path, intensity: float = 1.0) -> list[Request]:
    """A request for each line of a CSV file with a column `image` and columns such as `AU12_r` in 0..5.

    Pictures are relative to the file's folder; AUs without a column keep the face's own value. The first line's
    request is called `00000`.

    Raises:
        EfganError: With every fault of the file, and every picture that is not there.
    """
    findings = Findings()
    if not path.exists():
        raise fail(str(path), "there is no such file")
    table = read_table(path, str(path), findings)
    if table is None:
        raise EfganError(*findings.faults)
    columns = _unit_columns(table, aus, findings)
    findings.raise_if_faulty()
    requests: list[Request] = []
    for number, row in enumerate(table.rows):
        values = _values(table, row, columns, findings)
        try:
            word = _picture(table, row, path, sources)
        except EfganError as error:
            known = {str(fault) for fault in findings.faults}
            findings.faults += [_placed(fault, table.at(row)) for fault in error.faults if str(fault) not in known]
            continue
        requests.append(Request(word, Change(values, intensity=intensity), f"{number:05d}"))
    if not table.rows:
        findings.fault(str(path), "names no images: there is no line below the header")
    if findings.faults:
        raise EfganError(*capped(findings.faults))
    return requests


def _picture(table: Table, row: Row, path: Path, sources: Sources) -> Path | str:
    text = table.text(row, "image")
    if not text:
        raise fail(table.at(row), "image: the cell is empty")
    if TEST_FACE.fullmatch(text):
        sources.name(text)
        return text
    picture = path.parent / text
    if not os.path.lexists(picture):
        raise fail(str(picture), "there is no such picture")
    return picture


def _placed(fault: Fault, where: str) -> Fault:
    return fault if fault.where.startswith(where) else attrs.evolve(fault, where=f"{where}: {fault.where}")


def _unit_columns(table: Table, aus: AUSet, findings: Findings) -> dict[str, int]:
    """The table's AU columns that the run knows, with their places in its AU vectors."""
    everything = au_set("openface-17").names
    written = [column for column in table.columns if UNIT_COLUMN.fullmatch(column)]
    for column in written:
        unit = column.removesuffix("_r")
        if unit not in everything and unit not in aus.names:
            findings.fault(f"{table.where}:1", f"{column}: there is no such action unit", nearest(unit, everything))
    if "image" not in table.columns:
        findings.fault(f"{table.where}:1", "there is no column 'image'")
    columns = {c: aus.index(c) for c in written if c.removesuffix("_r") in aus.names}
    if not columns:
        hint = f"name columns such as {aus.names[0]}_r, with intensities in 0..{INTENSITY:g}"
        findings.fault(f"{table.where}:1", "there is no column of an AU that the run knows", hint)
    return columns


def _values(table: Table, row: Row, columns: dict[str, int], findings: Findings) -> dict[int, float]:
    """The line's AUs in [0, 1], by their places in AU vectors."""
    found: dict[int, float] = {}
    values = table.numbers(row, list(columns), findings)
    for (column, place), value in zip(columns.items(), values or (), strict=values is not None):
        if not 0 <= value <= INTENSITY:
            findings.fault(table.at(row), f"{column}: {value:g} is outside 0..{INTENSITY:g}")
        found[place] = value / INTENSITY
    return found
