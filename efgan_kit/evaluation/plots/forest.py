"""Forest plots: what each variant changes of a figure, with its interval over seeds and what one may conclude."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import attrs

from efgan_kit.evaluation.plots.forest_axis import draw_axis, limits
from efgan_kit.evaluation.plots.forest_rows import AIR, LINE, ForestRow, Key, Slot, keyed, lay_out
from efgan_kit.pages.drawing import (
    HAIR,
    INK,
    LABEL,
    NOTE,
    QUIET,
    TITLE,
    UNKNOWN,
    add_axes,
    entitle,
    folded,
    new_figure,
    put,
    styled,
    width_of,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["LOOKS", "ForestPanel", "ForestRow", "forest_plot", "forest_plots"]

KEY: Final = (
    "Pale dots: one seed each. Mark and bar: mean and 95 % interval over seeds; an arrow where the bar goes on beyond"
    " the plot, no bar where there is no interval."
)
BAND: Final = " Shaded: differences too small to matter."


@attrs.frozen
class ForestPanel:
    """A figure and its rows.

    Attributes:
        title: The figure.
        unit: What the axis counts, such as `dB`; may be empty.
        better: 1 if more is better, -1 if less is, 0 if neither.
        smallest: The smallest difference that matters, drawn as a band around 0.
    """

    rows: Sequence[ForestRow]
    title: str
    unit: str = ""
    better: int = 0
    smallest: float | None = None


@attrs.frozen
class Look:
    """How a verdict is drawn; never told by colour alone."""

    colour: str
    marker: str
    filled: bool = True


LOOKS: Final[Mapping[str, Look]] = {
    "helps": Look("#0063a0", "o"),
    "harms": Look("#c24e00", "s"),
    "can't tell": Look("#5f5f5f", "o", filled=False),
    "negligible": Look("#00735c", "D"),
    "indistinguishable": Look("#00735c", "D", filled=False),
    "differs": Look("#8f4a86", "^"),
}
"""Hues of Okabe and Ito's palette, which the colour-blind tell apart, dark enough for text on white."""
_OTHER: Final = Look(INK, "v", filled=False)

_MARGIN, _GAP, _HEAD, _FOOT, _NOTE = 0.12, 0.14, 0.34, 0.17, 0.135
_WIDEST_VERDICT: Final = 1.3
_BESIDE: Final = 0.085
"""How far below the bar the seeds are, or it would hide them."""


def forest_plot(
    rows: Sequence[ForestRow], *, title: str, unit: str, better: int, smallest: float | None = None
) -> Figure:
    """One figure's differences, a row for each variant; `ForestPanel` describes the parameters."""
    return forest_plots([ForestPanel(rows, title, unit, better, smallest)])


def forest_plots(panels: Sequence[ForestPanel], *, title: str = "", across: int = 2) -> Figure:
    """Several figures' differences side by side; a variant has the same row in all of them.

    Args:
        title: A line above everything.
        across: How many panels stand side by side before the next begins below.
    """
    with styled():
        return _drawn(panels, title, across)


def _drawn(panels: Sequence[ForestPanel], title: str, across: int) -> Figure:
    rows_of = [keyed(panel.rows) for panel in panels]
    slots = lay_out(rows_of)
    rows_height = slots[-1].top + slots[-1].height if slots else LINE + AIR
    width = 3.6 if len(panels) == 1 else 2.5
    verdicts = {row.verdict for panel in panels for row in panel.rows}
    right = max((width_of(line, bold=True) for v in verdicts for line in folded(v, _WIDEST_VERDICT)), default=0) + _GAP
    left = _MARGIN + max((width_of(line, bold=slot.heading) for slot in slots for line in slot.lines), default=0) + _GAP
    columns = max(1, min(across, len(panels)))
    whole = left + columns * (width + right) + (columns - 1) * _GAP + _MARGIN
    heads = folded(title, whole - 2 * _MARGIN, TITLE + 1.5) if title else []
    key = folded(KEY + (BAND if any(p.smallest for p in panels) else ""), whole - 2 * _MARGIN, NOTE)
    axis = max((draw_axis(None, p.unit, p.better, width) for p in panels), default=0.0)
    band = _HEAD + rows_height + axis
    top = _MARGIN + len(heads) * 0.24
    bands = math.ceil(len(panels) / columns)
    figure = new_figure(whole, top + bands * band + (bands - 1) * _GAP + _FOOT + len(key) * _NOTE + _MARGIN)
    put(figure, _MARGIN, _MARGIN * 0.7, heads, size=TITLE + 1.5, weight="bold")
    for place, (panel, rows) in enumerate(zip(panels, rows_of, strict=True)):
        down, along = divmod(place, columns)
        y = top + down * (band + _GAP) + _HEAD
        if along == 0:
            for slot in slots:
                _label(figure, slot, y, left)
        x = left + along * (width + right + _GAP)
        axes = add_axes(figure, x, y, width, rows_height)
        axes.set_ylim(rows_height, 0)
        entitle(axes, panel.title, width + right)
        _panel(axes, panel, rows, slots, width)
    put(figure, _MARGIN, top + bands * (band + _GAP) - _GAP + _FOOT, key, size=NOTE, color=QUIET)
    return figure


def _label(figure: Figure, slot: Slot, y: float, left: float) -> None:
    weight = "bold" if slot.heading else "normal"
    x = _MARGIN if slot.heading else left - _GAP
    ha = "left" if slot.heading else "right"
    put(figure, x, y + slot.middle, slot.lines, va="center", ha=ha, weight=weight)


def _panel(axes: Axes, panel: ForestPanel, rows: Mapping[Key, ForestRow], slots: Sequence[Slot], width: float) -> None:
    low, high = limits(panel.rows, panel.smallest)
    axes.set_xlim(low, high)
    draw_axis(axes, panel.unit, panel.better, width)
    if panel.smallest:
        axes.axvspan(-panel.smallest, panel.smallest, color="#eef1f4", zorder=0, linewidth=0)
    axes.axvline(0, color=QUIET, linewidth=0.9, zorder=1)
    for above, slot in pairwise(slots):
        if not above.heading:
            axes.axhline(slot.top, color=HAIR, linewidth=0.6, zorder=0.5)
    for slot in slots:
        if not slot.heading:
            _row(axes, rows.get(slot.key), slot.middle)
    if not slots:
        _note(axes, sum(axes.get_ylim()) / 2)


def _row(axes: Axes, row: ForestRow | None, y: float) -> None:
    low, high = axes.get_xlim()
    points = [point for point in row.points if math.isfinite(point)] if row else []
    if row is None or not (points or math.isfinite(row.mean)):
        _note(axes, y)
    if row is None:
        return
    look = LOOKS.get(row.verdict, _OTHER)
    beside = [y + _BESIDE] * len(points)
    axes.plot(points, beside, "o", color=look.colour, alpha=0.4, markersize=3.6, markeredgewidth=0, zorder=2)
    if row.interval and all(map(math.isfinite, row.interval)):
        ends = [min(max(end, low), high) for end in row.interval]
        axes.plot(ends, [y, y], color=look.colour, linewidth=1.7, solid_capstyle="butt", zorder=3)
        for end, shown, arrow in zip(row.interval, ends, "<>", strict=True):
            mark, size = ("|", 6) if end == shown else (arrow, 5)
            style: dict[str, Any] = {"markersize": size, "markeredgewidth": 1.3, "zorder": 3, "clip_on": False}
            axes.plot([shown], [y], mark, color=look.colour, **style)
    if math.isfinite(row.mean):
        style = {"markerfacecolor": look.colour if look.filled else "white", "markersize": 6.5, "markeredgewidth": 1.4}
        axes.plot([row.mean], [y], look.marker, color=look.colour, zorder=4, **style)
    axes.annotate(
        "\n".join(folded(row.verdict, _WIDEST_VERDICT)), (1, y), (_GAP * 72, 0), xycoords=("axes fraction", "data"),
        textcoords="offset points", va="center", color=look.colour, size=LABEL, annotation_clip=False,
        weight="bold" if row.verdict in ("helps", "harms", "differs") else "normal", linespacing=1.2,
    )  # fmt: skip


def _note(axes: Axes, y: float) -> None:
    white = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
    where = sum(axes.get_xlim()) / 2
    axes.text(where, y, UNKNOWN, ha="center", va="center", size=NOTE, style="italic", color=QUIET, bbox=white)
