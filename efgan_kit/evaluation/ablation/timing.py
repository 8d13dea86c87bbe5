"""How long a step of each arm takes beside a step of the arm it is held against, measured in turns."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import attrs
import torch

from efgan_kit.evaluation.ablation.model import Variant
from efgan_kit.evaluation.ablation.trial import batches_of, beginning_of, period_of
from efgan_kit.recipe import Recipe
from efgan_kit.timing import ratio, wait_for
from efgan_kit.training.step import Training

ROUNDS: Final = 3


@attrs.frozen
class Timing:
    """A step of an arm, on this machine and at this time.

    Attributes:
        seconds: The median.
        ratio: To a step of the reference in the same round: median, least and most; None of a reference itself.
    """

    seconds: float
    ratio: tuple[float, float, float] | None = None

    def to_plain(self) -> dict[str, Any]:
        return attrs.asdict(self)


def time_arms(
    variants: Sequence[Variant],
    recipes: Mapping[str, Recipe],
    device: torch.device,
    progress: Callable[[str, int, int], None] = lambda what, done, total: None,
) -> dict[str, Timing]:
    """Take steps of every variant and of its reference in turns; what either learns is thrown away."""
    timings: dict[str, Timing] = {}
    done, total = 0, len(variants)
    for against in dict.fromkeys(variant.against for variant in variants):
        reference = beginning_of(recipes[against], device)
        _round(reference)  # allocations and kernels are chosen in the first steps
        seconds: list[float] = []
        for variant in (v for v in variants if v.against == against):
            progress("timing the arms' steps", done, total)
            training = beginning_of(recipes[variant.arm], device)
            _round(training)
            rounds = [(_round(reference), _round(training)) for _ in range(ROUNDS)]
            theirs, mine = zip(*rounds, strict=True)
            seconds += theirs
            timings[variant.arm] = Timing(statistics.median(mine), attrs.astuple(ratio(mine, theirs)))
            done += 1
            del training
            gc.collect()  # a training holds itself by circles; the next one needs its memory
        timings[against] = Timing(statistics.median(seconds))
    progress("timing the arms' steps", total, total)
    return timings


def _round(training: Training) -> float:
    """Seconds a step, over as many as its terms need to all count; reading the faces, alike for all arms, left out."""
    steps = period_of(training.recipe)
    batches = [batches_of(training, training.step + number) for number in range(steps)]
    wait_for(training.device)
    began = time.perf_counter()
    for given, extra in batches:
        training.take_step(given, extra)
    wait_for(training.device)
    return (time.perf_counter() - began) / steps
