"""Tables: Markdown that aligns, LaTeX that compiles, CSV that reads back to the same numbers."""

import csv
import io
import math
import re

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from efgan_kit.pages.tables import (
    Table,
    number,
    print_tables,
    to_csv,
    to_latex,
    to_markdown,
    with_interval,
)

TABLE = Table(
    "faces of runs/a_b",
    ["run", "PSNR (dB)", "share 95 %"],
    [["no-op", "26.07", "-"], ["a_b|c", "32.70", "0.942 [-0.932, 0.954]"]],
    ["Read by judge 1&2"],
)


def test_markdown_columns_line_up_and_a_bar_does_not_split_a_cell():
    lines = [line for line in to_markdown([TABLE]).splitlines() if line.startswith("|")]
    assert len({len(line) for line in lines}) == 1
    assert {tuple(m.start() for m in re.finditer(r"(?<!\\)\|", line)) for line in lines} == {(0, 9, 21, 45)}
    assert lines[1] == "| ------ | --------: | --------------------: |"
    assert lines[3] == "| a_b\\|c |     32.70 | 0.942 [-0.932, 0.954] |"


def test_wide_letters_count_as_wide_as_they_are():
    first, _, second = [line for line in to_markdown([Table("t", ["名前"], [["abcd"]])]).splitlines() if "|" in line]
    assert (first, second) == ("| 名前 |", "| abcd |")


def test_a_latex_table_has_a_cell_for_every_column_and_names_its_package():
    text = to_latex([TABLE], "runs/a_b")
    assert r"\usepackage{booktabs}" in text.splitlines()[1]
    assert r"\begin{tabular}{lrr}" in text
    rows = [line for line in text.splitlines() if line.endswith(r"\\")]
    assert [len(re.findall(r"(?<!\\)&", row)) for row in rows] == [2, 2, 2]
    for word in (r"\toprule", r"\midrule", r"\bottomrule", r"runs/a\_b.", r"judge 1\&2"):
        assert text.count(word) == 1
    for kind in ("table", "tabular"):
        assert text.count(rf"\begin{{{kind}}}") == text.count(rf"\end{{{kind}}}") == 1


@given(st.lists(st.floats() | st.none(), min_size=1))
def test_csv_reads_back_to_the_same_numbers(values):
    read = csv.DictReader(io.StringIO(to_csv([{"run": 'a,"b"\n', "value": value} for value in values])))
    for row, value in zip(read, values, strict=True):
        assert row["run"] == 'a,"b"\n'
        assert row["value"] == "" if value is None or not math.isfinite(value) else float(row["value"]) == value


def test_numbers_are_short_and_the_unknown_is_a_dash():
    assert [number(value) for value in (0.12345, 12.345, -3.0, None, math.nan)] == [
        "0.123",
        "12.35",
        "-3.000",
        "-",
        "-",
    ]
    assert with_interval(0.5, (0.25, 0.75)) == "0.500 [0.250, 0.750]"
    assert with_interval(math.nan, (0.25, 0.75)) == "-"
    assert with_interval(0.5, None) == "0.500"


def test_text_shows_every_cell_and_no_markup():
    console = Console(width=100, record=True, file=io.StringIO())
    print_tables([Table("t", ["run", "x"], [["[red]a[/red]", "1"]], ["a note"])], console)
    assert "[red]a[/red]" in (text := console.export_text())
    assert "a note" in text
