"""The axis of a forest plot: how far it goes, what it counts, which side is better."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Protocol

from efgan_kit.pages.drawing import LABEL, folded

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_REACH: Final = 0.6
"""How much further than seeds and means, in shares of their span, intervals widen the axis: those of two seeds are 12.7
times as wide as the seeds lie apart, and would leave nothing else to be seen."""
_TICKS, _LINE = 0.3, 0.17


class Known(Protocol):
    """A row's numbers."""

    @property
    def mean(self) -> float: ...
    @property
    def interval(self) -> tuple[float, float] | None: ...
    @property
    def points(self) -> Sequence[float]: ...


def limits(rows: Sequence[Known], smallest: float | None) -> tuple[float, float]:
    """The axis's ends: 0, every seed, every mean and the band lie within, and intervals as far as there is room."""
    inner = [0.0, *((-1.2 * smallest, 1.2 * smallest) if smallest else ())]
    inner += [number for row in rows for number in (row.mean, *row.points) if math.isfinite(number)]
    low, high = min(inner), max(inner)
    room = _REACH * (high - low)
    ends = [end for row in rows for end in row.interval or () if math.isfinite(end)]
    low, high = max(min([low, *ends]), low - room), min(max([high, *ends]), high + room)
    if low == high:
        return -1.0, 1.0
    pad = 0.05 * (high - low)
    return low - pad, high + pad


def draw_axis(axes: Axes | None, unit: str, better: int, width: float) -> float:
    """Write ticks and label; returns how many inches they take below the plot. Without axes it only says how many."""
    label = f"difference ({unit})" if unit else "difference"
    arrow = {1: f"{label}, better →", -1: f"← better, {label}"}
    lines = folded(arrow.get(better, label), width)
    if axes is not None:
        from matplotlib.ticker import FuncFormatter, MaxNLocator

        axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: signed(value)))
        axes.set_xlabel("\n".join(lines), size=LABEL, labelpad=3)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
    return _TICKS + len(lines) * _LINE


def signed(value: float) -> str:
    """A tick: with its sign, a minus as long as a plus; nought has none."""
    text = f"{value:+.4g}"
    return "0" if float(text) == 0 else text.replace("-", "−")
