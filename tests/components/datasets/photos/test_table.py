"""CSV files: the cells as they were written, or a fault that names the line."""

import csv

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from efgan_kit.components.datasets.photos.findings import Findings
from efgan_kit.components.datasets.photos.table import Row, Table, read_table

own_folder = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)


def read(path):
    findings = Findings()
    return read_table(path, "labels.csv", findings), [str(fault) for fault in findings.faults]


@own_folder
@given(rows=st.lists(st.lists(cells.filter(str.strip), min_size=3, max_size=3), min_size=1, max_size=5))
def test_cells_come_back_as_a_spreadsheet_wrote_them(tmp_path, rows):
    with (tmp_path / "a.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["image", "AU01_r", "x_0"], *rows])
    table, faults = read(tmp_path / "a.csv")
    assert faults == []
    assert [row.cells for row in table.rows] == [[cell.strip() for cell in row] for row in rows]


@own_folder
@given(data=st.binary(max_size=200))
@example(b"\xff\xfei\0m\0")
@example(b"a,a\n1,2\n")
@example(b'a,"b\n1,2')
def test_any_bytes_give_a_table_or_a_fault(tmp_path, data):
    (tmp_path / "a.csv").write_bytes(data)
    table, faults = read(tmp_path / "a.csv")
    assert table is not None or faults
    assert all(fault.startswith("labels.csv") for fault in faults)
    if table is not None:
        assert {len(row.cells) for row in table.rows} <= {
            max(table.columns.values(), default=0) + 1
        } or faults


@given(
    cell=st.one_of(cells, st.floats().map(repr), st.sampled_from(["1_0", "1e400", "-inf", "0x1", "1,5", ""]))
)
def test_a_cell_is_its_number_or_a_fault(cell):
    findings = Findings()
    table = Table("labels.csv", {"AU01_r": 0}, [])
    numbers = table.numbers(Row(7, [cell]), ["AU01_r"], findings)
    if numbers is None:
        assert str(findings.faults[0]).startswith("labels.csv:7: AU01_r: ")
    else:
        assert not findings.faults
        assert numbers == [float(cell)]
        assert abs(numbers[0]) < float("inf")
        assert "_" not in cell


def test_openface_spaces_and_a_byte_order_mark_are_nothing(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"\xef\xbb\xbfimage, AU01_r\r\na.png, 0.5\r\n\r\n")
    table, faults = read(tmp_path / "a.csv")
    assert faults == []
    assert list(table.columns) == ["image", "AU01_r"]
    assert [(row.line, row.cells) for row in table.rows] == [(2, ["a.png", "0.5"])]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "labels.csv: the file is empty; the first line names the columns"),
        ("\n\n", "labels.csv: the file is empty; the first line names the columns"),
        ("a,b\n1\n", "labels.csv:2: 1 cell, but the header names 2 columns"),
        ("a\n\n1,2\n", "labels.csv:3: 2 cells, but the header names 1 column"),
        ("a,a\n1,2\n", "labels.csv:1: the column 'a' is there twice"),
        ("a;b\n1;2\n", "labels.csv:1: the columns are separated by semicolons; separate them by commas"),
        ("a\tb\n1\t2\n", "labels.csv:1: the columns are separated by tabs; separate them by commas"),
        ('a,b\n1,"2\n', "labels.csv:2: not a readable CSV line: unexpected end of data"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path, text, fault):
    (tmp_path / "a.csv").write_text(text)
    assert fault in read(tmp_path / "a.csv")[1]


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        ("a,b\n".encode("utf-16"), "labels.csv: is encoded as UTF-16"),
        (b"a,b\n1,2\nM\xfcller,2\n", "labels.csv:3: is not UTF-8 text"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "labels.csv: is not a CSV file: it holds binary data"),
        (b"a\n" + b"x" * 200_000, "labels.csv:2: not a readable CSV line"),
    ],
)
def test_files_that_are_no_csv(tmp_path, data, fault):
    (tmp_path / "a.csv").write_bytes(data)
    table, faults = read(tmp_path / "a.csv")
    assert table is None
    assert faults[0].startswith(fault)
