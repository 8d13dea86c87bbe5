"""Runs side by side: the same faces, the same judge, and how sure the differences are."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import attrs
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from efgan_kit.errors import EfganError, Fault
from efgan_kit.evaluation.basis import basis_of
from efgan_kit.evaluation.bootstrap import intervals
from efgan_kit.evaluation.evaluation import Examined, examine_run
from efgan_kit.evaluation.gaps import split_by_gap
from efgan_kit.evaluation.measuring import Progress, figures_at
from efgan_kit.recipe import Recipe
from efgan_kit.training import Trained, load_to_edit

Difference = tuple[float, float | None, float | None]
"""A difference and its interval, where there is one."""


@attrs.frozen(eq=False)
class Contender:
    """A run of a comparison.

    Attributes:
        label: What the comparison calls it.
    """

    label: str
    trained: Trained
    examined: Examined


@attrs.frozen(eq=False)
class Compared:
    """Runs that were measured on the same faces by the same judge.

    Attributes:
        runs: The first is what the others are held against.
        differences: By the other runs' labels, then by `all`, `small` and `large`, then by metric: each figure less
            the first run's, with a 95 % interval over people.
    """

    runs: tuple[Contender, ...]
    differences: Mapping[str, Mapping[str, Mapping[str, Mapping[str, Difference]]]]


def compare(
    runs: Sequence[str | Path],
    *,
    data: str | Path | None = None,
    pairs: str | Path | None = None,
    limit: int | None = None,
    judge: str | Path | None = None,
    device: str = "auto",
    progress: Progress = lambda what, done, total: None,
) -> Compared:
    """Measure runs on the same faces. Nothing is written.

    Args:
        data: A photo folder in place of the runs' test faces.
        pairs: A CSV file with columns `source,truth`, of that folder.
        limit: At most so many pairs.
        judge: The run whose judge reads all runs' edits, in place of each run's own.

    Raises:
        EfganError: A run or the data are at fault, or the runs' faces or judges are not the same.
    """
    trained = _load(runs, device)
    labels = _labels([each.path for each in trained])
    bases = [basis_of(each.recipe, data=data, pairs=pairs, limit=limit) for each in trained]
    _refuse_other_faces(trained, [basis.subjects for basis in bases])
    judged_by = load_to_edit(judge, "cpu").recipe if judge is not None else None
    if judged_by is None:
        _refuse_other_judges(trained, [basis.judge for basis in bases])
    found = []
    for label, run in zip(labels, trained, strict=True):
        each = attrs.evolve(run, recipe=_measured_as(run.recipe, trained[0].recipe, judged_by))

        def shown(what: str, done: int, total: int, label: str = label) -> None:
            progress(f"{label}: {what}", done, total)

        chosen = {"data": data, "pairs": pairs, "limit": limit}
        found.append(examine_run(each, **chosen, write=False, progress=shown))  # type: ignore[arg-type]
    _refuse_strangers(trained, found)
    first, *others = found
    differences = {label: _differences(first, other) for label, other in zip(labels[1:], others, strict=True)}
    return Compared(tuple(map(Contender, labels, trained, found)), differences)


def _load(runs: Sequence[str | Path], device: str) -> list[Trained]:
    """The runs, or the faults of all that can't be loaded."""
    faults: list[Fault] = []
    loaded: list[Trained] = []
    for place, run in enumerate(runs):
        if Path(run).resolve() in [Path(other).resolve() for other in runs[:place]]:
            faults.append(Fault(str(run), "this run is given twice", "name each once"))
            continue
        try:
            loaded.append(load_to_edit(run, device))
        except EfganError as error:
            faults += error.faults
    if faults:
        raise EfganError(*faults)
    return loaded


def _labels(paths: Sequence[Path]) -> list[str]:
    """The paths as given, less the folder that they have in common."""
    if len(paths) < 2:
        return [path.name or str(path) for path in paths]
    whole = [path.resolve() for path in paths]
    common = os.path.commonpath(whole)
    labels = [path.relative_to(common).as_posix() for path in whole]
    return [path.name if label == "." else label for label, path in zip(labels, whole, strict=True)]


def _refuse_other_faces(runs: Sequence[Trained], hashes: Sequence[str]) -> None:
    first = runs[0].recipe.faces
    faults = []
    for run, hashed in zip(runs[1:], hashes[1:], strict=True):
        theirs = run.recipe.faces
        if theirs.size != first.size:
            what = f"its faces are of {theirs.size} pixels, those of {runs[0].path} of {first.size}"
            faults.append(Fault(str(run.path), what, "only runs on faces of one size can be compared"))
        elif theirs.aus.names != first.aus.names:
            what = f"its AUs are {', '.join(theirs.aus.names)}, those of {runs[0].path} {', '.join(first.aus.names)}"
            faults.append(Fault(str(run.path), what, "only runs with the same AUs can be compared"))
        elif hashed != hashes[0]:
            what = f"its test faces (hash {hashed}) are not those of {runs[0].path} (hash {hashes[0]})"
            hint = "give all runs the same with --data PHOTO_FOLDER, a folder that none was trained on"
            faults.append(Fault(str(run.path), what, hint))
    if faults:
        raise EfganError(*faults)


def _refuse_other_judges(runs: Sequence[Trained], names: Sequence[str | None]) -> None:
    hint = f"let one judge read all of them: --judge {runs[0].path}"
    faults = [
        Fault(str(run.path), f"its judge ({name or 'none'}) is not that of {runs[0].path} ({names[0] or 'none'})", hint)
        for run, name in zip(runs, names, strict=True)
        if name != names[0]
    ]
    if faults:
        raise EfganError(*faults)


def _measured_as(recipe: Recipe, first: Recipe, judged_by: Recipe | None) -> Recipe:
    """The recipe with the first one's metrics and, if one is given, the judge of another's training faces."""
    train = (judged_by or recipe).data["train"]
    return attrs.evolve(recipe, metrics=first.metrics, data={**recipe.data, "train": train})


def _refuse_strangers(runs: Sequence[Trained], found: Sequence[Examined]) -> None:
    """What was measured must be what was compared before measuring, down to the judges' weights."""
    first = _identity(found[0])
    faults = [
        Fault(
            str(run.path), f"was measured on other faces or by another judge than {runs[0].path}: {mine}, not {first}"
        )
        for run, each in zip(runs, found, strict=True)
        if (mine := _identity(each)) != first
    ]
    if faults:
        raise EfganError(*faults)


def _identity(examined: Examined) -> str:
    judge = examined.evaluation.judge
    return f"faces {examined.evaluation.subjects_hash}, judge {judge.weights_hash if judge else 'none'}"


def _differences(first: Examined, other: Examined) -> dict[str, dict[str, dict[str, Difference]]]:
    """The other run's figures less the first's, by part and metric; people are drawn once for both."""
    everyone = torch.arange(len(first.subjects.pairs))
    values = first.measurement.values
    parts = {"all": everyone, **split_by_gap(values["source_aus"], values["target_aus"])[1]}
    return {
        part: {metric: _of_metric(metric, first, other, positions) for metric in _shared(first, other, part)}
        for part, positions in parts.items()
    }


def _shared(first: Examined, other: Examined, part: str) -> Iterator[str]:
    """Metrics that know this part of the pairs of both runs; only those of figures a face do where it is not all."""
    for metric in first.measurement.figures:
        if metric in other.measurement.figures and (part == "all" or metric in first.measurement.intervals):
            yield metric


def _of_metric(metric: str, first: Examined, other: Examined, positions: Tensor) -> dict[str, Difference]:
    whole = len(positions) == len(first.subjects.pairs)
    drawable = metric in first.measurement.intervals and metric in other.measurement.intervals

    def less(chosen: Tensor) -> dict[str, float]:
        asked = (run.measurement.asked[metric] for run in (other, first))
        mine, theirs = (figures_at(chosen, first.metrics[metric], given) for given in asked)
        return {name: mine[name] - theirs[name] for name in mine if name in theirs}

    def drawn(chosen: NDArray[np.int64]) -> dict[str, float]:
        return less(positions[torch.from_numpy(chosen)])

    if not drawable:
        assert whole, "metrics of pictures are measured over all pairs"
        theirs = first.measurement.figures[metric]
        mine = other.measurement.figures[metric]
        return {name: (mine[name] - theirs[name], None, None) for name in mine if name in theirs}
    people = [first.subjects.people[position] for position in positions.tolist()]
    bounds = intervals(drawn, people)
    return {name: (figure, *bounds.get(name, (None, None))) for name, figure in less(positions).items()}
