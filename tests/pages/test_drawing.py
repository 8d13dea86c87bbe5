"""Figures as files: the same bytes everywhere, whole or not at all, and matplotlib only where something is drawn."""

import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from efgan_kit.errors import EfganError
from efgan_kit.pages.drawing import folded, new_figure, put, styled, to_svg, width_of, write_figure

DRAW = """
import sys
from pathlib import Path
import efgan_kit.evaluation.plots.logs, efgan_kit.pages.page
from efgan_kit.evaluation.plots.curves import Curve, curves_plot
from efgan_kit.pages.drawing import write_figure
from efgan_kit.evaluation.plots.forest import ForestRow, forest_plot

imported = set(sys.modules)
rows = [ForestRow("a $b$", 1.0, (0.5, 1.5), [0.9, 1.1], "helps"), ForestRow("b", -1.0, None, [-1.0], "can't tell")]
write_figure(forest_plot(rows, title="PSNR", unit="dB", better=1, smallest=0.1), Path(folder), "forest")
curves = [Curve(arm, arm, {s: [(x, 9 / (x + s + 1)) for x in range(99)] for s in range(3)}) for arm in ("a", "b")]
write_figure(curves_plot(curves, title="loss", x="step", y="loss", baseline="a"), Path(folder), "curves")
"""
CHECK = """
assert not {"matplotlib", "jinja2"} & imported, "imported before anything is drawn"
assert "matplotlib.pyplot" not in sys.modules
"""


def test_two_processes_write_the_same_bytes_whatever_the_machine_prefers(tmp_path):
    """This process draws as it is; the other has wishes of its own, and imports matplotlib only to draw."""
    here, there, wishes = (tmp_path / name for name in ("here", "there", "matplotlibrc"))
    exec(DRAW, {"folder": here})
    wishes.write_text("font.size: 30\nfont.family: serif\nlines.linewidth: 9\nsvg.fonttype: none\nsavefig.dpi: 50\n")
    environment = os.environ | {"PYTHONHASHSEED": "2", "MATPLOTLIBRC": str(wishes), "TZ": "Asia/Tokyo"}
    command = [sys.executable, "-c", f"folder = {str(there)!r}\n{DRAW}{CHECK}"]
    subprocess.run(command, env=environment, check=True)
    assert [file.name for file in sorted(here.iterdir())] == ["curves.png", "curves.svg", "forest.png", "forest.svg"]
    for file in here.iterdir():
        assert file.read_bytes() == (there / file.name).read_bytes(), file.name


def test_an_svg_needs_no_font_and_tells_no_date():
    with styled():
        figure = new_figure(3, 1)
        put(figure, 0.1, 0.1, "PSNR")
    svg = to_svg(figure).decode()
    root = ElementTree.fromstring(svg)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert not list(root.iter("{http://www.w3.org/2000/svg}text"))
    assert "dc:date" not in svg


def test_a_dollar_a_script_and_what_no_xml_can_hold_are_drawn():
    with styled():
        figure = new_figure(3, 1)
        put(figure, 0.1, 0.1, folded("$x^$ <script>alert(1)</script> \x00\ud800\ufffe", 2.8))
    svg = to_svg(figure).decode()
    assert "<script" not in svg
    ElementTree.fromstring(svg)


@settings(deadline=None)
@given(st.text(alphabet="ab -_.=/$\\{é\x00\n", max_size=60), st.floats(0.3, 3))
def test_folded_lines_keep_every_letter_and_the_width(text, width):
    lines = folded(text, width)
    assert "".join("".join(lines).split()) == "".join(text.replace("\x00", "\ufffd").split())
    assert all(width_of(line) <= width + 1e-9 or len(line) == 1 for line in lines)


def test_names_are_folded_after_their_marks():
    assert folded("losses.conditional.steps=200", 1.5) == ["losses.conditional.", "steps=200"]


def test_a_folder_that_cannot_be_written_is_a_fault(tmp_path):
    (tmp_path / "file").write_text("")
    with styled():
        figure = new_figure(1, 1)
    with pytest.raises(EfganError, match="can't be written"):
        write_figure(figure, tmp_path / "file", "forest")
    assert [file.name for file in tmp_path.iterdir()] == ["file"]
