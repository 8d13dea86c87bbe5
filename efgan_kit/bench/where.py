"""Where the time of a step goes: by player, and by part of the graph."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import torch
from torch import nn

from efgan_kit.recipe.inspection import parts_of
from efgan_kit.timing import wait_for
from efgan_kit.training.phases import Phase
from efgan_kit.training.step import Training


@attrs.frozen
class PartCost:
    """What a part of the graph costs in a step.

    Attributes:
        calls: How often it is called.
        seconds: In its forward passes.
        bytes: Of its parameters, without gradients and moments.
    """

    calls: float
    seconds: float
    bytes: int


def seconds_by_phase(training: Training, step: Callable[[], object], period: int) -> dict[str, float]:
    """Seconds a step that each player's phase takes, with all that is computed for it when it asks.

    Args:
        step: Takes the next step.
        period: Steps over which the mean is taken.
    """
    seconds = {phase.player: 0.0 for phase in training.phases}
    phases = training.phases
    training.phases = [_Timed(phase, seconds, training.device) for phase in phases]  # type: ignore[misc]
    try:
        for _ in range(period):
            step()
    finally:
        training.phases = phases
    return {player: taken / period for player, taken in seconds.items()}


class _Timed:
    """A phase, and a clock beside it."""

    def __init__(self, phase: Phase, seconds: dict[str, float], device: torch.device) -> None:
        self._phase, self._seconds, self._device = phase, seconds, device

    def __getattr__(self, name: str) -> Any:
        return getattr(self._phase, name)

    def run(self, *arguments: Any) -> Any:
        wait_for(self._device)
        began = time.perf_counter()
        try:
            return self._phase.run(*arguments)
        finally:
            wait_for(self._device)
            self._seconds[self._phase.player] += time.perf_counter() - began


def costs_by_part(training: Training, step: Callable[[], object], period: int) -> dict[str, PartCost]:
    """What each component of the graph costs in a step; a backward pass takes about twice its forward's time."""
    with _clocked(training.graph, training.device) as clocks:
        for _ in range(period):
            step()
    return {
        name: PartCost(
            calls=clocks[name].calls / period,
            seconds=clocks[name].seconds / period,
            bytes=sum(parameter.nbytes for parameter in part.parameters()),
        )
        for name, part in parts_of(training.graph)
    }


class _Clock:
    """Of one part's forward passes."""

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self.calls, self.seconds, self.began = 0, 0.0, 0.0

    def start(self, *_: object) -> None:
        wait_for(self.device)
        self.began = time.perf_counter()

    def stop(self, *_: object) -> None:
        wait_for(self.device)
        self.seconds += time.perf_counter() - self.began
        self.calls += 1


@contextlib.contextmanager
def _clocked(graph: nn.Module, device: torch.device) -> Iterator[dict[str, _Clock]]:
    """Within, the forward passes of the graph's parts are timed."""
    clocks, hooks = {}, []
    for name, part in parts_of(graph):
        clock = clocks[name] = _Clock(device)
        hooks += [part.register_forward_pre_hook(clock.start), part.register_forward_hook(clock.stop)]
    try:
        yield clocks
    finally:
        for hook in hooks:
            hook.remove()
