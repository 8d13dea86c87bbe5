"""How long a step of each arm takes beside a step of the arm it is held against, measured in turns."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import attrs
import torch

from efgan_kit.evaluation.ablation.model import Ablation
from efgan_kit.evaluation.ablation.trial import beginning_of, period_of, take_step
from efgan_kit.recipe import Recipe
from efgan_kit.training.step import Training

ROUNDS: Final = 3


@attrs.frozen
class Timing:
    """A step of an arm, on this machine and at this time.

    Attributes:
        seconds: The median.
        ratio: To a step of the reference in the same round: median, least and most; None of a reference itself.
        peak: Bytes of GPU memory at the worst moment; None on a CPU.
    """

    seconds: float
    ratio: tuple[float, float, float] | None = None
    peak: int | None = None

    def to_plain(self) -> dict[str, Any]:
        return attrs.asdict(self)


def time_arms(
    ablation: Ablation,
    recipes: Mapping[str, Recipe],
    device: torch.device,
    progress: Callable[[str, int, int], None] = lambda what, done, total: None,
) -> dict[str, Timing]:
    """Take steps of every variant and of its reference in turns; what either learns is thrown away."""
    timings: dict[str, Timing] = {}
    done, total = 0, len(ablation.variants)
    for against in ablation.references:
        reference = beginning_of(recipes[against], device)
        seconds = [_round(reference)[0]]
        for variant in (v for v in ablation.variants if v.against == against):
            progress("timing the arms' steps", done, total)
            training = beginning_of(recipes[variant.arm], device)
            _round(training)  # allocations and kernels are chosen in the first steps
            rounds = [(_round(reference), _round(training)) for _ in range(ROUNDS)]
            ratios = [mine / theirs for (theirs, _), (mine, _) in rounds]
            seconds += [theirs for (theirs, _), _ in rounds]
            timings[variant.arm] = Timing(
                seconds=statistics.median(mine for _, (mine, _) in rounds),
                ratio=(statistics.median(ratios), min(ratios), max(ratios)),
                peak=rounds[-1][1][1],
            )
            done += 1
        timings[against] = Timing(statistics.median(seconds[1:] or seconds), None, _round(reference)[1])
    progress("timing the arms' steps", total, total)
    return timings


def _round(training: Training) -> tuple[float, int | None]:
    """Seconds a step, over as many as its terms need to all count; and the peak of GPU memory."""
    on_gpu = training.device.type == "cuda"
    if on_gpu:
        torch.cuda.synchronize(training.device)
        torch.cuda.reset_peak_memory_stats(training.device)
    steps = period_of(training.recipe)
    began = time.perf_counter()
    for _ in range(steps):
        take_step(training)
    if on_gpu:
        torch.cuda.synchronize(training.device)
    seconds = (time.perf_counter() - began) / steps
    return seconds, torch.cuda.max_memory_allocated(training.device) if on_gpu else None
