"""Learning curves of arms, side by side: a line an arm, its mean over seeds, with the seeds' range behind it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import attrs

from efgan_kit.evaluation.plots.curve_ends import REACH, SAMPLE, draw_ends
from efgan_kit.evaluation.plots.curve_lines import Line, draw_lines, draw_sample
from efgan_kit.evaluation.plots.trends import MOST_POINTS, Curve, Trend, trend
from efgan_kit.pages.drawing import (
    NOTE,
    QUIET,
    TITLE,
    UNKNOWN,
    add_axes,
    drawable,
    entitle,
    folded,
    new_figure,
    put,
    styled,
    width_of,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Curve", "CurvePanel", "curves_plot", "curves_plots"]

KEY: Final = "Lines: mean over seeds, as far as every seed goes. Shaded: from the lowest seed to the highest."
STRETCHED: Final = " Long curves are averaged over stretches of steps."
CUT: Final = " The axes fit what comes after the first tenth."

_MARGIN, _GAP, _LINE, _NOTE, _ENTRY = 0.12, 0.14, 0.165, 0.135, 0.21
_WIDEST_LABEL: Final = 2.6


@attrs.frozen
class CurvePanel:
    """A number that all arms have, or some of them.

    Attributes:
        title: What it is.
        y: Its axis's label; may be empty.
    """

    curves: Sequence[Curve]
    title: str
    y: str = ""


def curves_plot(curves: Sequence[Curve], *, title: str, x: str, y: str, baseline: str | None) -> Figure:
    """One number's curves, labelled where they end; `curves_plots` describes the parameters."""
    with styled():
        return _one(CurvePanel(curves, title, y), x, baseline)


def curves_plots(
    panels: Sequence[CurvePanel], *, x: str, baseline: str | None, title: str = "", across: int = 3
) -> Figure:
    """Several numbers' curves as small multiples with one legend; an arm looks the same in all of them.

    Args:
        x: The label of all x axes.
        baseline: The arm that is drawn black and on top.
        title: A line above everything.
        across: How many panels stand side by side before the next begins below.
    """
    with styled():
        return _many(panels, x, baseline, title, max(1, min(across, len(panels))))


def _lines(panels: Sequence[CurvePanel], baseline: str | None) -> dict[str, Line]:
    """By arm, how it looks, in the order in which arms first come; the baseline first."""
    labels = {curve.arm: curve.label for panel in panels for curve in panel.curves}
    others = [arm for arm in labels if arm != baseline]
    lines = {arm: Line.of(labels[arm], place) for place, arm in enumerate(others)}
    return {baseline: Line.of_baseline(labels[baseline]), **lines} if baseline in labels else lines


def _trends(panel: CurvePanel, most: int = MOST_POINTS) -> dict[str, Trend]:
    found = {curve.arm: trend(curve, most) for curve in panel.curves}
    return {arm: each for arm, each in found.items() if each}


def _key(trends: Sequence[Mapping[str, Trend]]) -> str:
    found = [each for arms in trends for each in arms.values()]
    return KEY + STRETCHED * any(each.stretched for each in found) + CUT


def _one(panel: CurvePanel, x: str, baseline: str | None) -> Figure:
    lines, trends = _lines([panel], baseline), _trends(panel)
    names = {arm: folded(_name(line, arm in trends), _WIDEST_LABEL) for arm, line in lines.items()}
    longest = max((width_of(text, bold=lines[arm].baseline) for arm in names for text in names[arm]), default=0.0)
    left, top, width, below = 0.78, 0.42, 4.6, 0.62
    height = max(3.2, sum(len(name) * _LINE + 0.05 for name in names.values()))
    whole = left + width + REACH + SAMPLE + longest + 2 * _MARGIN
    key = folded(_key([trends]), whole - 2 * _MARGIN, NOTE)
    figure = new_figure(whole, top + height + below + len(key) * _NOTE + _MARGIN)
    axes = add_axes(figure, left, top, width, height)
    draw_lines(axes, trends, lines)
    entitle(axes, panel.title, width)
    axes.set_ylabel(drawable(panel.y))
    axes.set_xlabel(drawable(x))
    draw_ends(axes, trends, lines, names, _LINE)
    put(figure, _MARGIN, top + height + below, key, size=NOTE, color=QUIET)
    return figure


def _name(line: Line, known: bool) -> str:
    return line.label if known else f"{line.label} ({UNKNOWN})"


def _many(panels: Sequence[CurvePanel], x: str, baseline: str | None, title: str, columns: int) -> Figure:
    left, width, height, head, foot = 0.72, 2.35, 1.65, 0.36, 0.5
    lines, trends = _lines(panels, baseline), [_trends(panel, MOST_POINTS * 2 // 3) for panel in panels]
    whole = 3 * _MARGIN + columns * (left + width) + (columns - 1) * _GAP
    heads = folded(title, whole - 2 * _MARGIN, TITLE + 1.5) if title else []
    names = {arm: _name(line, any(arm in found for found in trends)) for arm, line in lines.items()}
    rows = _legend(names, whole - 2 * _MARGIN)
    key = folded(_key(trends), whole - 2 * _MARGIN, NOTE)
    top, bands = _MARGIN + len(heads) * 0.24, math.ceil(len(panels) / columns)
    below = top + bands * (head + height + foot) + _GAP
    figure = new_figure(whole, below + len(rows) * _ENTRY + _GAP + len(key) * _NOTE + _MARGIN)
    put(figure, _MARGIN, _MARGIN * 0.7, heads, size=TITLE + 1.5, weight="bold")
    for place, (panel, found) in enumerate(zip(panels, trends, strict=True)):
        down, along = divmod(place, columns)
        across = _MARGIN + along * (left + width + _GAP) + left
        axes = add_axes(figure, across, top + down * (head + height + foot) + head, width, height)
        draw_lines(axes, found, lines)
        entitle(axes, panel.title, width)
        axes.set_ylabel(drawable(panel.y))
        if place + columns >= len(panels):  # nothing stands below it
            axes.set_xlabel(drawable(x))
    for down, row in enumerate(rows):
        for arm, across in row.items():
            y = below + (down + 0.5) * _ENTRY
            draw_sample(figure, lines[arm], _MARGIN + across, y, SAMPLE * 0.8)
            weight = "bold" if lines[arm].baseline else "normal"
            put(figure, _MARGIN + across + SAMPLE, y, [drawable(names[arm])], va="center", weight=weight)
    put(figure, _MARGIN, below + len(rows) * _ENTRY + _GAP, key, size=NOTE, color=QUIET)
    return figure


def _legend(names: Mapping[str, str], room: float) -> list[dict[str, float]]:
    """Rows of arms in columns of one width, as many as there is room for; by arm, where its entry begins."""
    width = max((SAMPLE + width_of(drawable(name), bold=True) for name in names.values()), default=1.0) + 2 * _GAP
    columns = max(1, int((room + 2 * _GAP) // width))
    arms = list(names)
    down = math.ceil(len(arms) / columns)
    return [{arm: column * width for column, arm in enumerate(arms[row::down])} for row in range(down)]
