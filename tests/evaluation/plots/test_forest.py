"""Forest plots: every variant is there, in words as well as in colours, and the axis says which side is better."""

import math

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from efgan_kit.evaluation.plots.forest import LOOKS, ForestPanel, ForestRow, forest_plot, forest_plots
from efgan_kit.evaluation.plots.forest_axis import limits, signed
from efgan_kit.evaluation.plots.forest_rows import keyed, lay_out
from efgan_kit.pages.drawing import to_png


def test_every_row_has_its_label_its_verdict_and_its_groups_name(rows, texts_of):
    found = texts_of(forest_plot(rows, title="PSNR", unit="dB", better=1, smallest=0.25))
    for row in rows:
        assert row.label in found
        assert found.count(row.verdict) == sum(other.verdict == row.verdict for other in rows)
    assert {"PSNR", "parts", "terms"} < set(found)
    assert found.count("nothing known") == 1


@pytest.mark.parametrize(
    ("better", "label"),
    [(1, "difference (dB), better →"), (-1, "← better, difference (dB)"), (0, "difference (dB)")],
)
def test_the_axis_says_which_side_is_better(rows, texts_of, better, label):
    assert label in texts_of(forest_plot(rows, title="PSNR", unit="dB", better=better))


def test_seeds_means_and_intervals_are_drawn_where_they_are(rows):
    (axes,) = forest_plot(rows[:1], title="PSNR", unit="dB", better=1, smallest=0.25).axes
    drawn = [sorted(line.get_xdata()) for line in axes.lines]
    assert [0.9, 1.0, 1.1] in drawn
    assert [0.8, 1.2] in drawn
    assert [1.0] in drawn
    (band,) = axes.patches
    assert (band.get_x(), band.get_width()) == (-0.25, 0.5)
    assert axes.yaxis_inverted()  # the first row on top


def test_no_two_verdicts_look_the_same_to_one_who_sees_no_colour():
    assert len({(look.marker, look.filled) for look in LOOKS.values()}) == len(LOOKS)


def test_verdicts_can_be_read_on_white():
    """WCAG 2's contrast is at least 4.5 for small text."""
    from matplotlib.colors import to_rgb

    for look in LOOKS.values():
        linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(look.colour)]
        assert 1.05 / (sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True)) + 0.05) >= 4.5


def test_panels_share_their_rows_and_a_row_that_a_panel_lacks_is_noted(rows, texts_of):
    figure = forest_plots([ForestPanel(rows[:2], "PSNR", "dB", 1), ForestPanel(rows[1:3], "L1", "", -1)], title="both")
    found = texts_of(figure)
    assert [found.count(row.label) for row in rows[:3]] == [1, 1, 1]
    assert found.count("nothing known") == 2
    assert {"both", "PSNR", "L1"} < set(found)
    first, second = figure.axes
    assert first.get_position().y0 == second.get_position().y0
    assert first.get_ylim() == second.get_ylim()


def test_panels_that_find_no_room_go_on_below_with_labels_of_their_own(rows, texts_of):
    figure = forest_plots([ForestPanel(rows, f"figure {number}") for number in range(5)], across=2)
    assert texts_of(figure).count(rows[0].label) == 3
    assert len({round(axes.get_position().y0, 6) for axes in figure.axes}) == 3


def test_groups_stand_together_and_twins_are_both_kept():
    twin = ForestRow("a", 1, None, [], "", "g")
    twins = [twin, ForestRow("b", 1, None, [], ""), attrs.evolve(twin, mean=2)]
    slots = lay_out([keyed(twins)])
    assert [(slot.lines, slot.heading) for slot in slots] == [
        (["b"], False),
        (["g"], True),
        (["a"], False),
        (["a"], False),
    ]
    assert [row.mean for row in keyed(twins).values()] == [1, 1, 2]


@pytest.mark.parametrize("panels", [[], [ForestPanel([], "PSNR", "dB", 1, 0.25)]])
def test_without_rows_there_is_a_figure_all_the_same(panels):
    assert to_png(forest_plots(panels)).startswith(b"\x89PNG")


NUMBERS = st.floats(-1e6, 1e6) | st.just(math.nan)
INTERVALS = st.none() | st.tuples(NUMBERS, NUMBERS).map(sorted)
ROWS = st.builds(ForestRow, st.just("a"), NUMBERS, INTERVALS, st.lists(NUMBERS), st.just(""))


@settings(deadline=None)
@given(rows=st.lists(ROWS, max_size=5), smallest=st.none() | st.floats(1e-6, 10))
def test_seeds_means_nought_and_the_band_lie_within_the_axis(rows, smallest):
    low, high = limits(rows, smallest)
    known = [number for row in rows for number in (row.mean, *row.points) if math.isfinite(number)]
    assert all(low <= number <= high for number in [0.0, smallest or 0.0, -(smallest or 0.0), *known])
    assert low < high


def test_an_interval_much_wider_than_the_seeds_does_not_squeeze_them():
    low, high = limits([ForestRow("a", 0.5, (-1000, 1000), [0.4, 0.6], "")], None)
    assert high - low < 2


def test_ticks_have_signs_and_nought_has_none():
    assert [signed(value) for value in (0.5, -0.25, 0, -0.0, 1000)] == ["+0.5", "−0.25", "0", "0", "+1000"]
