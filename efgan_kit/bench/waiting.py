"""How long the steps of a training wait for their batches."""

from __future__ import annotations

import contextlib
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

import attrs

from efgan_kit.recipe import Recipe
from efgan_kit.timing import in_turns, wait_for
from efgan_kit.training.assembly import prepare
from efgan_kit.training.batches import batches, to_device
from efgan_kit.training.device import choose_device
from efgan_kit.training.step import Training


@attrs.frozen
class Waiting:
    """What a number of loader workers leaves a step to wait for.

    Attributes:
        workers: Loader processes; with 0 a thread of the trainer reads.
        waited: Seconds a step, the median of all steps but the first of each round.
        longest: Of those.
        step: Seconds that the step itself takes, the median.
    """

    workers: int
    waited: float
    longest: float
    step: float

    @property
    def share(self) -> float:
        """Of a step with its waiting."""
        return self.waited / (self.waited + self.step)

    def to_plain(self) -> dict[str, Any]:
        return {**attrs.asdict(self), "share": self.share}


def measure_waiting(
    recipe: Recipe,
    *,
    device: str = "auto",
    workers: Sequence[int] = (0, 1, 2),
    steps: int = 6,
    rounds: int = 3,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Waiting]:
    """Take the first steps of a training again and again, with one number of workers after the other.

    Faces are read as the recipe says: from the cache from the second time on, or with `data.train.cache_gb` 0 decoded
    each time.

    Args:
        steps: Of each number of workers a round; the first one, which waits for workers to start, does not count.
        rounds: How often each is measured, after once that does not count.
        progress: Told how many of them are done, of how many.

    Raises:
        EfganError: Recipe or data are at fault.
    """
    training = prepare(recipe, choose_device(device))
    timed: dict[int, list[tuple[float, float]]] = {number: [] for number in workers}

    def way(number: int) -> Callable[[], None]:
        return lambda: timed[number].extend(_take(training, number, steps)[1:])

    in_turns({str(number): way(number) for number in workers}, rounds=rounds, progress=progress)
    return [_waiting(number, found[-rounds * (steps - 1) :]) for number, found in timed.items()]


def _take(training: Training, workers: int, steps: int) -> list[tuple[float, float]]:
    """Of each step the seconds that it waited, and those that it took."""
    settings = training.recipe.train
    taken: list[tuple[float, float]] = []
    reader = batches(
        training.faces,
        training.own_plan,
        first=0,
        # More than are taken: the last steps of a training have nothing to be read beside them.
        last=2 * steps * settings.critic_steps + 100,
        target_noise=settings.target_noise,
        workers=workers,
    )
    with contextlib.closing(reader):
        for _ in range(steps):
            begun = time.perf_counter()
            read = [next(reader) for _ in range(settings.critic_steps)]
            there = time.perf_counter()
            *extra, given = [to_device(batch, training.device, settings.channels_last) for batch in read]
            training.take_step(given, extra)
            wait_for(training.device)
            taken.append((there - begun, time.perf_counter() - there))
    return taken


def _waiting(workers: int, taken: Sequence[tuple[float, float]]) -> Waiting:
    waited, took = zip(*taken, strict=True)
    return Waiting(workers, statistics.median(waited), max(waited), statistics.median(took))
