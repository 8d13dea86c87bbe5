"""What numbers a constructor takes."""

from __future__ import annotations


def at_least(least: float, **given: float) -> None:
    """Raises ValueError with every parameter below `least`: no layer has 0 channels, no network -1 blocks."""
    low = [f"{name} is {value:g}" for name, value in given.items() if value < least]
    if low:
        raise ValueError(f"{' and '.join(low)}: {least:g} or more is wanted")
