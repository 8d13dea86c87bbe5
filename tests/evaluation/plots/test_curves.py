"""Plots of curves: every arm is named once, looks the same everywhere, and the baseline lies on top."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_hex

from efgan_kit.evaluation.plots.curve_ends import apart
from efgan_kit.evaluation.plots.curve_lines import Line
from efgan_kit.evaluation.plots.curves import Curve, CurvePanel, curves_plot, curves_plots
from efgan_kit.pages.drawing import INK, to_png


def lines_of(axes):
    return [line for line in axes.lines if len(line.get_xdata()) > 2]


def test_every_arm_is_named_once_where_its_curve_ends(curves, texts_of):
    found = texts_of(curves_plot(curves, title="AU error", x="step", y="error", baseline="arm 3 $a_b$"))
    for curve in curves[:-1]:
        assert found.count(curve.label) == 1
    assert found.count("failed (nothing known)") == 1
    assert {"AU error", "step", "error"} < set(found)


def test_the_baseline_is_black_and_on_top(curves):
    (axes,) = curves_plot(curves, title="AU error", x="step", y="error", baseline="arm 3 $a_b$").axes
    top = max(lines_of(axes), key=lambda line: line.get_zorder())
    assert to_hex(top.get_color()) == INK
    assert sum(to_hex(line.get_color()) == INK for line in lines_of(axes)) == 1


def test_lines_are_means_and_shades_are_ranges():
    curve = Curve("a", "a", {0: [(0, 1), (1, 2), (2, 4)], 1: [(0, 3), (1, 2), (2, 2)]})
    (axes,) = curves_plot([curve], title="t", x="x", y="y", baseline=None).axes
    (line,) = lines_of(axes)
    assert line.get_ydata().tolist() == [2, 2, 3]
    (shade,) = axes.collections
    assert (0, 1) in {tuple(point) for point in shade.get_paths()[0].vertices}
    assert (2, 4) in {tuple(point) for point in shade.get_paths()[0].vertices}


def test_an_arm_looks_the_same_in_every_panel_and_has_one_entry(curves, texts_of):
    panels = [CurvePanel(curves, "content.generator"), CurvePanel(curves[4:6], "paired.generator")]
    figure = curves_plots(panels, x="step", baseline=None, title="losses")
    found = texts_of(figure)
    assert [found.count(curve.label) for curve in curves[:-1]] == [1] * 12
    assert {"losses", "content.generator", "paired.generator", "failed (nothing known)"} < set(found)
    first, second = map(lines_of, figure.axes)
    for place, line in enumerate(second, start=4):
        assert (line.get_color(), line.get_marker()) == (first[place].get_color(), first[place].get_marker())


def test_no_two_of_a_dozen_arms_look_the_same_to_one_who_sees_no_colour():
    lines = [Line.of("", place) for place in range(12)]
    assert len({line.marker for line in lines}) == 12
    assert len({(line.colour, str(line.dash)) for line in lines}) == 12


@pytest.mark.parametrize("values", [(100, 1), (1, 2), (-10, 100), (3, 3)])
def test_the_axis_is_logarithmic_where_losses_fall_far_and_stay_positive(values):
    start, end = values
    points = [(x, start + (end - start) * x / 100) for x in range(101)]
    (axes,) = curves_plot([Curve("a", "a", {0: points})], title="t", x="x", y="y", baseline="a").axes
    assert axes.get_yscale() == ("log" if values == (100, 1) else "linear")


def test_a_wild_beginning_does_not_hide_what_follows():
    points = [(x, 1e6 if x < 5 else -1 + x / 100) for x in range(101)]
    (axes,) = curves_plot([Curve("a", "a", {0: points})], title="t", x="x", y="y", baseline=None).axes
    assert axes.get_ylim()[1] < 1


@pytest.mark.parametrize("curves", [[], [Curve("a", "a", {})]])
def test_without_points_there_is_a_figure_all_the_same(curves, texts_of):
    figure = curves_plot(curves, title="t", x="x", y="y", baseline="a")
    assert "nothing known" in texts_of(figure)
    assert to_png(figure).startswith(b"\x89PNG")
    assert to_png(curves_plots([], x="x", baseline=None)).startswith(b"\x89PNG")


LABELS = st.lists(st.tuples(st.floats(0, 10), st.floats(0.1, 0.5)), max_size=12)


@settings(deadline=None)
@given(LABELS)
def test_labels_never_touch_and_stay_within_their_room(labels):
    wanted = {str(place): at for place, (at, _) in enumerate(labels)}
    heights = {str(place): height for place, (_, height) in enumerate(labels)}
    placed = sorted((at, heights[name]) for name, at in apart(wanted, heights, 10).items())
    assert len(placed) == len(labels)
    for (below, under), (above, over) in pairwise(placed):
        assert above - below >= (under + over) / 2 - 1e-9
    assert all(height / 2 - 1e-9 <= at <= 10 - height / 2 + 1e-9 for at, height in placed)


def test_labels_with_room_are_where_they_are_wanted():
    assert apart({"a": 1.0, "b": 3.0}, {"a": 0.5, "b": 0.5}, 5) == {"a": 1.0, "b": 3.0}
    assert apart({"a": 2.0, "b": 2.0}, {"a": 1.0, "b": 1.0}, 5) == {"a": 1.5, "b": 2.5}
