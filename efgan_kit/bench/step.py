"""The training step of a recipe against the plain reference step: is it the same, and how much faster is it?"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Final

import attrs

from efgan_kit.bench.optimisations import OPTIMISATIONS
from efgan_kit.bench.worker import FirstStep, Way, Worker
from efgan_kit.timing import Ratio, in_turns, ratio

REFERENCE: Final = "reference"
SMALLEST: Final = 0.01
"""A loss is compared with itself, or with this share of what its player's terms come to, whichever is more."""

Progress = Callable[[str, int, int], None]


@attrs.frozen
class Parity:
    """How far a way's first step is from the reference's.

    Attributes:
        losses: The largest relative difference of a weighted loss.
        norms: The largest relative difference of a player's gradient norm.
    """

    losses: float
    norms: float


@attrs.frozen
class Measured:
    """A way to take the step, beside the reference.

    Attributes:
        parity: None of the reference itself.
        seconds: A step, in each round.
        speed: How many times as fast as the reference, over the rounds.
        images: A second, by the median: pictures that the generators learned from.
        flops: A step, counted.
        peak: Bytes held at most.
    """

    parity: Parity | None
    seconds: Sequence[float]
    speed: Ratio
    images: float
    flops: float
    peak: int


def against_reference(
    base: Way, precisions: Sequence[str], batch_size: int, weights: Mapping[str, float], rounds: int, tell: Progress
) -> dict[str, Measured]:
    """The reference step and the trainer's in each precision, in turns.

    Args:
        base: Recipe, overrides, device and threads.
        weights: Of each `TERM.PLAYER`, the recipe's.
    """
    ways = [attrs.evolve(base, name=REFERENCE, plain=True)]
    ways += [_in(base, precision, precision) for precision in precisions]
    with _started(ways, tell) as workers:
        first = {name: worker.first_step() for name, worker in workers.items()}
        seconds = _in_turns(workers, rounds, "the step against the reference", tell)
        flops = {name: worker.flops() for name, worker in workers.items()}
        peaks = {name: worker.peak() for name, worker in workers.items()}
    return {
        name: Measured(
            parity=None if name == REFERENCE else parity(first[name], first[REFERENCE], weights),
            seconds=seconds[name],
            speed=ratio(seconds[REFERENCE], seconds[name]),
            images=batch_size / sorted(seconds[name])[len(seconds[name]) // 2],
            flops=flops[name],
            peak=peaks[name],
        )
        for name in workers
    }


def without_each(base: Way, precision: str, rounds: int, tell: Progress) -> dict[str, Ratio]:
    """How many times as long a step takes without each optimisation, the format among them, as with all of them."""
    whole = _in(base, "all", precision)
    lacking = [attrs.evolve(whole, name=one.name, without=(one.name,)) for one in OPTIMISATIONS]
    if precision != "fp32":
        lacking.append(_in(base, f"{precision} instead of fp32", "fp32"))
    found = {}
    for way in lacking:  # two at a time: the memory of all would be more than most machines have
        with _started([whole, way], tell) as workers:
            seconds = _in_turns(workers, rounds, f"without: {way.name}", tell)
        found[way.name] = ratio(seconds[way.name], seconds["all"])
    return found


def parity(mine: FirstStep, theirs: FirstStep, weights: Mapping[str, float]) -> Parity:
    """How far two first steps are apart.

    A loss that happens to be near 0, as the difference of two scores may be, is held against what its player's terms
    come to together: 1 % of that, if that is more than itself.
    """
    totals: dict[str, float] = {}
    for name, loss in theirs.losses.items():
        player = name.rpartition(".")[2]
        totals[player] = totals.get(player, 0.0) + abs(weights[name] * loss)
    differences = [
        abs(mine.losses[name] - loss)
        / max(abs(loss), SMALLEST * totals[name.rpartition(".")[2]] / weights[name], 1e-12)
        for name, loss in theirs.losses.items()
    ]
    norms = [abs(mine.norms[player] - norm) / norm for player, norm in theirs.norms.items() if norm]
    return Parity(max(differences), max(norms, default=0.0))


def _in(base: Way, name: str, precision: str) -> Way:
    return attrs.evolve(base, name=name, overrides=(*base.overrides, f"train.precision={precision}"))


@contextlib.contextmanager
def _started(ways: Sequence[Way], tell: Progress) -> Iterator[dict[str, Worker]]:
    """Within, a process for each way, ready to take steps."""
    with contextlib.ExitStack() as stack:
        workers = {}
        for number, way in enumerate(ways):
            tell("building", number, len(ways))
            workers[way.name] = stack.enter_context(Worker(way))
        tell("building", len(ways), len(ways))
        yield workers


def _in_turns(workers: Mapping[str, Worker], rounds: int, what: str, tell: Progress) -> dict[str, list[float]]:
    """Seconds a step by way and round, after one round that doesn't count."""
    seconds = in_turns(
        {name: worker.step for name, worker in workers.items()},
        rounds=rounds,
        progress=partial(tell, what),
    )
    return {name: [whole / workers[name].period for whole in found] for name, found in seconds.items()}
