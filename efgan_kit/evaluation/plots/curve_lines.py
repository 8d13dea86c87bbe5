"""How arms look in plots of curves, and their lines in one pair of axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import attrs

from efgan_kit.evaluation.plots.trends import Trend
from efgan_kit.pages.drawing import HAIR, INK, NOTE, QUIET, UNKNOWN

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_COLOURS: Final = ("#0072b2", "#d55e00", "#009e73", "#c0569a", "#b8860b", "#3aa3dd")
"""Hues of Okabe and Ito's palette, which the colour-blind tell apart, the palest darkened for lines on white."""
_DASHES: Final = ("-", (0, (4, 1.6)), (0, (1, 1.2)))
_MARKERS: Final = "o^sDvPX<>phd*"
_RATIO: Final = 8.0
"""From this ratio on, of what is all positive, an axis is logarithmic: losses differ most where they are small."""


@attrs.frozen
class Line:
    """How an arm looks, everywhere: no two of a dozen share the marker, whatever colours a reader sees."""

    label: str
    colour: str
    dash: Any
    marker: str
    baseline: bool = False

    @property
    def width(self) -> float:
        return 2.0 if self.baseline else 1.4

    @classmethod
    def of(cls, label: str, place: int) -> Line:
        """The look of an arm at its place among those that are not the baseline."""
        dash = _DASHES[place // len(_COLOURS) % len(_DASHES)]
        return cls(label, _COLOURS[place % len(_COLOURS)], dash, _MARKERS[place % len(_MARKERS)])

    @classmethod
    def of_baseline(cls, label: str) -> Line:
        """Black and without a marker."""
        return cls(label, INK, "-", "", baseline=True)


def draw_lines(axes: Axes, trends: Mapping[str, Trend], lines: Mapping[str, Line]) -> None:
    """Draw every arm's trend."""
    axes.grid(axis="y", color=HAIR, linewidth=0.6)
    axes.set_axisbelow(True)
    arms = [arm for arm in lines if arm in trends]
    pale = max(0.05, min(0.12, 0.6 / (len(arms) or 1)))
    for place, arm in enumerate(arms):
        line, found = lines[arm], trends[arm]
        above = 4.0 if line.baseline else 3.0
        axes.fill_between(
            found.x,
            found.low,
            found.high,
            color=line.colour,
            alpha=0.16 if line.baseline else pale,
            linewidth=0,
            zorder=2,
        )
        axes.plot(
            found.x, found.mean, color=line.colour, linestyle=line.dash, linewidth=line.width,
            marker=line.marker, markersize=4.2, markeredgecolor="white", markeredgewidth=0.5, zorder=above,
            markevery=_some(len(found.x), place, len(arms)),
        )  # fmt: skip
    if not arms:
        axes.text(0.5, 0.5, UNKNOWN, transform=axes.transAxes, ha="center", style="italic", color=QUIET, size=NOTE)
        axes.set_xticks([])
        axes.set_yticks([])
    else:
        _scale(axes, [trends[arm] for arm in arms])


def draw_sample(figure: Figure, line: Line, x: float, y: float, width: float) -> None:
    """A piece of the arm's line with its marker, at a place in inches from the figure's upper left corner."""
    from matplotlib.lines import Line2D

    across, down = figure.get_size_inches()
    ends, height = [x / across, (x + width) / across], 1 - y / down
    look: dict[str, Any] = {"color": line.colour, "transform": figure.transFigure}
    figure.add_artist(Line2D(ends, [height, height], linestyle=line.dash, linewidth=line.width, **look))
    edge: dict[str, Any] = {"markeredgecolor": "white", "markeredgewidth": 0.5, "markersize": 4.8}
    figure.add_artist(Line2D([sum(ends) / 2], [height], marker=line.marker, linestyle="none", **edge, **look))


def _some(count: int, place: int, among: int) -> list[int]:
    """Which points have a marker: about five, at other steps for each arm so that they don't cover one another."""
    every = max(1, count // 5)
    return list(range(place * every // max(among, 1), count, every))


def _scale(axes: Axes, trends: Sequence[Trend]) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

    begin, end = float(min(each.x[0] for each in trends)), max(each.last for each in trends)
    if 0 < begin < 0.2 * end:
        begin = 0.0  # steps are counted from there
    axes.set_xlim(begin, end if end > begin else begin + 1)
    settled = begin + 0.1 * (end - begin)
    shown = [value for each in trends for bound in (each.low, each.high) for value in bound[each.x >= settled]]
    low, high = float(min(shown)), float(max(shown))
    positive = min(float(each.low.min()) for each in trends) > 0  # before the axis begins, too
    if positive and high / low > _RATIO:
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if high / low < 1000 else (1,), numticks=8))
        axes.yaxis.set_minor_locator(NullLocator())
        pad = (high / low) ** 0.05
        low, high = low / pad, high * pad
    else:
        axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
        pad = 0.05 * (high - low) or abs(high) * 0.05 or 1.0
        low, high = low - pad, high + pad
    axes.set_ylim(low, high)
    axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: _short(value, end)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _plain(value)))


def _plain(value: float) -> str:
    """A tick: 20000 as it is, with no exponent unless it is far from 1."""
    near = value == 0 or 1e-4 <= abs(value) < 1e6
    text = f"{value:.10f}".rstrip("0").rstrip(".") if near else f"{value:.3g}"
    return "0" if text in ("-0", "") else text.replace("-", "−")


def _short(value: float, largest: float) -> str:
    """A tick among steps: in thousands or millions where they go so far."""
    unit, letter = (1e6, "M") if largest >= 1e6 else (1e3, "k") if largest >= 1e4 else (1.0, "")
    return _plain(value / unit) + (letter if value else "")
