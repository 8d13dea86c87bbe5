"""Edits that differ, that are all alike, that nobody sees: by figures that hand-made pictures have."""

import pytest
import torch

from efgan_kit.training.variety import LINES, PATIENCE, ModeDrop, edit_figures
from efgan_kit.training.watch import Watch


def faces(count=4):
    return torch.rand(count, 3, 8, 8, generator=torch.Generator().manual_seed(0)) - 0.5


def test_the_same_overlay_on_every_face_has_no_variety():
    source = faces()
    figures = edit_figures(source, source + 0.25)
    assert figures["change"].item() == pytest.approx(0.25)
    assert figures["variety"].item() == pytest.approx(0, abs=1e-6)
    assert figures["pictures"].item() == pytest.approx(1, abs=1e-6)


def test_edits_of_their_own_have_all_the_variety_there_is():
    source = faces(2)
    edited = source.clone()
    edited[0] += 0.25
    edited[1] -= 0.25
    assert edit_figures(source, edited)["variety"].item() == pytest.approx(2**0.5), "n / (n - 1), of two"


def test_one_face_for_all_is_a_collapse():
    source = faces()
    figures = edit_figures(source, source[:1].expand_as(source))
    assert figures["pictures"] == 0
    assert figures["variety"] > 0.5, "the edits differ, since each leads to the same face"


def test_a_single_face_has_only_its_change():
    source = faces(1)
    assert set(edit_figures(source, source)) == {"change"}


def test_what_has_no_figure_is_not_finite():
    source = faces()
    assert not any(figure.isfinite() for figure in edit_figures(source, source * float("nan")).values())
    figures = edit_figures(source, source)
    assert {name for name, figure in figures.items() if figure.isfinite()} == {"change", "pictures"}


@pytest.mark.parametrize(
    ("lines", "edits", "words"),
    [
        (PATIENCE, {"change": 0.001, "variety": 0.9, "pictures": 1.0}, "too small to be seen, 0.0010 of a range of 2"),
        (LINES, {"change": 0.1, "variety": 0.05, "pictures": 1.0}, "the edits of a batch are all alike (variety 0.05)"),
        (LINES, {"change": 0.1, "variety": 0.9, "pictures": 0.2}, "alike: 0.20 times as far apart as the sources"),
    ],
)
def test_what_lasts_for_some_lines_is_warned_of_once(lines, edits, words, capfd):
    watch = Watch()
    record = {"step": 1, "seconds": 0.0, "losses": {}, "edits": edits}
    for _ in range(lines - 1):
        watch.logged(record)
    assert "warning" not in capfd.readouterr().err
    for _ in range(lines):
        watch.logged(record)
    err = capfd.readouterr().err
    assert err.count("warning:") == 1
    assert words in err


def test_what_passes_is_not_warned_of():
    modes = ModeDrop()
    bad, good = {"change": 0.1, "variety": 0.01}, {"change": 0.1, "variety": 0.9}
    assert [list(modes.warnings({"edits": edits})) for edits in (bad, bad, good, bad, bad)] == [[]] * 5
    assert list(modes.warnings({})) == []
