"""`efgan bench`: all that is measured of a recipe, in one run."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import attrs
import torch

from efgan_kit.bench.asked import Asked
from efgan_kit.bench.editing import EditingCosts, editing_costs
from efgan_kit.bench.loading import Loading, measure_loading
from efgan_kit.bench.machine import Peak, described, load, measured_peak
from efgan_kit.bench.scaling import BATCH, MODULES, PROCESSES, WORKERS, Point, over_keys, over_processes, over_workers
from efgan_kit.bench.step import Measured, Progress, against_reference, without_each
from efgan_kit.bench.waiting import Waiting, measure_waiting
from efgan_kit.bench.where import PartCost
from efgan_kit.bench.worker import Way, Worker
from efgan_kit.cores import usable_cores
from efgan_kit.errors import EfganError, Fault
from efgan_kit.recipe import Recipe, load_recipe
from efgan_kit.recipe.pruning import STARTED_FROM
from efgan_kit.recipe.wiring import players_of, target_of
from efgan_kit.timing import Ratio
from efgan_kit.training.device import choose_device
from efgan_kit.training.precision import Precision

STEP: Final = "step"
WITHOUT: Final = "without"
WHERE: Final = "where"
LOADING: Final = "loading"
EDITING: Final = "editing"
SECTIONS: Final = (STEP, WITHOUT, WHERE, BATCH, MODULES, PROCESSES, WORKERS, LOADING, EDITING)
"""What can be measured."""

PHOTOS: Final = "photo-folder"
RECIPE: Final = "recipe.yaml"
"""In a run's folder."""
FEW_FACES: Final = ("data.train.people=8", "data.train.expressions=4", "data.test.people=2")
"""Enough for the batches of a measurement, where faces are drawn."""


@attrs.frozen
class Bench:
    """What was measured; sections that were not asked for, or came to nothing, are empty.

    Attributes:
        recipe: Its name.
        overrides: Of its keys.
        machine: What it ran on.
        load: Processes that wanted to run, before and after.
        peaks: By format, what the machine reaches.
        step: By way, the step beside the reference.
        without: By optimisation, how many times as long a step takes without it.
        without_in: The format that was measured in.
        phases: By player, seconds of a step.
        parts: By part of the graph.
        scaling: By what grows, a point for each size.
        loading: How fast faces of the recipe's size are read.
        waiting: What a step waits for its batch, by loader workers.
        editing: What an edit costs in each way; of a single EF-GAN also three passes one after the other.
        faults: Why sections came to nothing.
    """

    recipe: str
    overrides: Sequence[str]
    machine: dict[str, Any]
    load: tuple[float | None, float | None]
    peaks: dict[str, Peak]
    step: dict[str, Measured]
    without: dict[str, Ratio]
    without_in: str
    phases: dict[str, float]
    parts: dict[str, PartCost]
    scaling: dict[str, list[Point]]
    loading: Loading | None
    waiting: list[Waiting]
    editing: list[EditingCosts]
    faults: Sequence[Fault] = ()

    def to_plain(self) -> dict[str, Any]:
        """The same as JSON knows it: None for what is no finite number, such as the parity of an overflow."""
        plain: dict[str, Any] = _finite({**attrs.asdict(self), "waiting": [one.to_plain() for one in self.waiting]})
        return plain


def bench(
    name: str,
    overrides: Sequence[str],
    *,
    sections: Collection[str],
    precisions: Sequence[str],
    device: str,
    threads: int,
    rounds: int,
    tell: Progress,
) -> Bench:
    """Measure what a recipe costs, each way to take its step in a process of its own.

    Args:
        name: A recipe's name or file; or a run, whose recipe it is and whose weights edit.
        sections: Of `SECTIONS`.
        precisions: The formats; what is measured in one alone is measured in the last.
        threads: Of the CPU.
        rounds: How often each way is timed, after once that doesn't count.

    Returns:
        What was measured, and the faults of what could not be.

    Raises:
        EfganError: Recipe or format are at fault, or no section came to anything.
    """
    source = str(Path(name) / RECIPE) if _is_run(name) else name
    recipe = load_recipe(source, overrides=list(overrides), allow_missing=True)
    place = choose_device(device)
    for one in precisions:
        Precision(one, place)  # refuses what the device doesn't compute, before anything is built
    torch.set_num_threads(threads)
    before = load()
    base = Way("", source, (*_for_measuring(recipe), *overrides), device=str(place), threads=threads)
    last = precisions[-1]
    peaks = {one: measured_peak(one, place) for one in precisions}
    batch, weights = recipe.train.batch_size, weights_of(recipe)
    asked = Asked(sections)
    step = asked.measured(STEP, lambda: against_reference(base, precisions, batch, weights, rounds, tell)) or {}
    without = asked.measured(WITHOUT, lambda: without_each(base, last, rounds, tell)) or {}
    phases, parts = asked.measured(WHERE, lambda: _where(base, last, tell)) or ({}, {})
    scaling = _scaling(recipe, base, last, asked, rounds, tell)
    loading, waiting = asked.measured(LOADING, lambda: _loading(recipe, base, rounds, tell)) or (None, [])
    editing = asked.measured(EDITING, lambda: _editing(name, recipe, str(place), rounds, tell)) or []
    if asked.faults and not asked.measured_any:
        raise EfganError(*asked.faults)
    return Bench(
        recipe=recipe.name,
        overrides=tuple(overrides),
        machine=described(place, threads),
        load=(before, load()),
        peaks=peaks,
        step=step,
        without=without,
        without_in=last,
        phases=phases,
        parts=parts,
        scaling=scaling,
        loading=loading,
        waiting=waiting,
        editing=editing,
        faults=asked.faults,
    )


def _finite(plain: Any) -> Any:
    if isinstance(plain, Mapping):
        return {key: _finite(value) for key, value in plain.items()}
    if isinstance(plain, (list, tuple)):
        return [_finite(value) for value in plain]
    return None if isinstance(plain, float) and not math.isfinite(plain) else plain


def _is_run(name: str) -> bool:
    """Whether it is a run's folder; a folder of another kind may have the name of a recipe."""
    return (Path(name) / RECIPE).is_file()


def weights_of(recipe: Recipe) -> dict[str, float]:
    """The weight of each `TERM.PLAYER`."""
    return {
        f"{name}.{player}": use.weight_for(player)
        for name, use in recipe.losses.items()
        for player in players_of(target_of(use.component))
    }


def _for_measuring(recipe: Recipe) -> tuple[str, ...]:
    """Overrides by which a step costs the same: only so many faces drawn as are looked at, weights of no other run."""
    drawn = all(use.use == "drawn-faces" for use in recipe.data.values())
    return (*(FEW_FACES if drawn else ()), *(("graph.start_from=null",) if STARTED_FROM in recipe.graph.params else ()))


def _where(base: Way, precision: str, tell: Progress) -> tuple[dict[str, float], dict[str, PartCost]]:
    way = attrs.evolve(base, name="where", overrides=(*base.overrides, f"train.precision={precision}"))
    tell("where the time goes", 0, 3)
    with Worker(way) as worker:
        worker.step()
        tell("where the time goes", 1, 3)
        phases = worker.phases()
        tell("where the time goes", 2, 3)
        parts = worker.parts()
    tell("where the time goes", 3, 3)
    return phases, parts


def _scaling(
    recipe: Recipe, base: Way, precision: str, asked: Asked, rounds: int, tell: Progress
) -> dict[str, list[Point]]:
    way = attrs.evolve(base, overrides=(*base.overrides, f"train.precision={precision}"))
    batch, cores = recipe.train.batch_size, usable_cores()
    batches = sorted({1, batch, 2 * batch, 4 * batch})
    shares = [count for count in (1, 2, 4, 8) if count <= cores and batch % count == 0]
    modules = (1, 2, 3, 4) if "modules" in recipe.graph.params else ()
    found = {
        BATCH: asked.measured(BATCH, lambda: over_keys(way, BATCH, batches, rounds, tell)),
        MODULES: asked.measured(MODULES, lambda: over_keys(way, MODULES, modules, rounds, tell)),
        PROCESSES: asked.measured(PROCESSES, lambda: over_processes(way, shares, tell)),
        WORKERS: asked.measured(WORKERS, lambda: over_workers(way, (0, 1, 2), tell)),
    }
    return {what: points for what, points in found.items() if points}


def _loading(recipe: Recipe, base: Way, rounds: int, tell: Progress) -> tuple[Loading, list[Waiting]]:
    few = load_recipe(base.recipe, overrides=list(base.overrides))  # says what is missing, before anything is read
    faces = few.data["train"]
    loading = measure_loading(
        str(faces.params["root"]) if faces.use == PHOTOS else None,  # other data sets need not be folders of photos
        size=recipe.faces.size,
        batch_size=recipe.train.batch_size,
        rounds=rounds,
        progress=partial(tell, "reading faces"),
    )
    return loading, measure_waiting(few, device=base.device, rounds=rounds, progress=partial(tell, "waiting for faces"))


def _editing(name: str, recipe: Recipe, device: str, rounds: int, tell: Progress) -> list[EditingCosts]:
    subject = name if _is_run(name) else recipe
    passes = (1,) if "modules" in recipe.graph.params else (1, 3)
    return [
        editing_costs(subject, device=device, passes=n, rounds=rounds, progress=partial(tell, f"an edit in {n}"))
        for n in passes
    ]
