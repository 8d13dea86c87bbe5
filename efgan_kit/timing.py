"""Ways to do the same work, timed in turns, so that whatever else the machine does falls on all of them alike."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs
import torch


@attrs.frozen
class Ratio:
    """How many times as long one way takes as another, over the rounds that were measured.

    Attributes:
        median: Over the rounds.
        least: In the best round.
        most: In the worst one.
    """

    median: float
    least: float
    most: float

    def __str__(self) -> str:
        return f"{self.median:.2f} [{self.least:.2f}, {self.most:.2f}]"

    def to_plain(self) -> dict[str, Any]:
        return attrs.asdict(self)


def in_turns(
    ways: Mapping[str, Callable[[], object]],
    *,
    rounds: int = 5,
    warmup: int = 1,
    device: torch.device | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> dict[str, list[float]]:
    """Seconds that each way takes: A B C, A B C, and so on, after `warmup` calls of each that don't count.

    Args:
        ways: What is called, by name.
        rounds: How often each is timed.
        device: Waited for before each reading of the clock.
        progress: Told how many calls are done, of how many.

    Returns:
        By name, one figure for each round.
    """
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    total = len(ways) * (rounds + warmup)
    done = 0
    for number in range(warmup + rounds):
        for name, way in ways.items():
            gc.collect()  # another way's garbage is not this one's work
            wait_for(device)
            began = time.perf_counter()
            way()
            wait_for(device)
            if number >= warmup:
                seconds[name].append(time.perf_counter() - began)
            done += 1
            progress(done, total)
    return seconds


def ratio(slower: Sequence[float], faster: Sequence[float]) -> Ratio:
    """How many times as long `slower` takes as `faster`, from their seconds in the same rounds."""
    each = [mine / theirs for mine, theirs in zip(slower, faster, strict=True)]
    return Ratio(statistics.median(each), min(each), max(each))


def wait_for(device: torch.device | None) -> None:
    """Until the device has done what it was given, which a CPU always has."""
    if device is not None and device.type == "cuda":
        torch.cuda.synchronize(device)
