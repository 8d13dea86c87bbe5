"""Curves labelled where they end: a reader need not go back and forth between lines and a legend."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from efgan_kit.evaluation.plots.curve_lines import Line, draw_sample
from efgan_kit.evaluation.plots.trends import Trend
from efgan_kit.pages.drawing import put

if TYPE_CHECKING:
    from matplotlib.axes import Axes

REACH, SAMPLE = 0.3, 0.36
"""Inches from the axes to the samples of the lines, and from there to the names."""


def draw_ends(
    axes: Axes, trends: Mapping[str, Trend], lines: Mapping[str, Line], names: Mapping[str, Sequence[str]], line: float
) -> None:
    """Write each arm's name to the right of its curve, as high as it ends or as near to that as there is room.

    Args:
        names: By arm, the lines of its name.
        line: How many inches high one is.
    """
    figure = axes.get_figure(root=True)
    assert figure is not None
    size, box = figure.get_size_inches(), axes.get_position()
    width, height, right, below = box.width * size[0], box.height * size[1], box.x1 * size[0], (1 - box.y0) * size[1]
    ends = {arm: _end(axes, trends[arm]) if arm in trends else (1.0, 0.0) for arm in lines}
    heights = {arm: len(names[arm]) * line + 0.05 for arm in lines}
    for arm, middle in apart({arm: y * height for arm, (_, y) in ends.items()}, heights, height).items():
        if arm in trends:
            x, y = (ends[arm][0], 1 + 0.9 * REACH / width), (ends[arm][1], middle / height)
            axes.plot(x, y, color=lines[arm].colour, linewidth=0.6, transform=axes.transAxes, clip_on=False, zorder=1)
            draw_sample(figure, lines[arm], right + REACH, below - middle, SAMPLE * 0.8)
        weight = "bold" if lines[arm].baseline else "normal"
        put(figure, right + REACH + SAMPLE, below - middle, names[arm], va="center", weight=weight)


def _end(axes: Axes, found: Trend) -> tuple[float, float]:
    """Where a curve ends, in shares of the axes; on their edge if it lies beyond."""
    across, up = axes.transAxes.inverted().transform(axes.transData.transform((found.x[-1], found.mean[-1])))
    return float(across), min(max(float(up), 0.0), 1.0)


def apart(wanted: Mapping[str, float], heights: Mapping[str, float], room: float) -> dict[str, float]:
    """Middles of labels as near to where they are wanted as they can be without touching, within `room`, lowest first.

    Labels that touch become a block, which lies where its members' wishes meet; blocks that touch become one.
    """
    blocks: list[list[str]] = []
    for name in sorted(wanted, key=lambda name: wanted[name]):
        blocks.append([name])
        while len(blocks) > 1 and _bottom(blocks[-1], wanted, heights, room) < _top(blocks[-2], wanted, heights, room):
            last = blocks.pop()
            blocks[-1] += last
    places = {}
    for block in blocks:
        bottom = _bottom(block, wanted, heights, room)
        for name in block:
            places[name] = bottom + heights[name] / 2
            bottom += heights[name]
    return places


def _bottom(block: Sequence[str], wanted: Mapping[str, float], heights: Mapping[str, float], room: float) -> float:
    offset, wishes = 0.0, []
    for name in block:
        wishes.append(wanted[name] - heights[name] / 2 - offset)
        offset += heights[name]
    return max(0.0, min(math.fsum(wishes) / len(wishes), room - offset))


def _top(block: Sequence[str], wanted: Mapping[str, float], heights: Mapping[str, float], room: float) -> float:
    return _bottom(block, wanted, heights, room) + math.fsum(heights[name] for name in block)
