"""Measuring a study's cells, none twice: what an earlier evaluation found stands while it would find the same."""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import attrs

from efgan_kit.errors import EfganError
from efgan_kit.evaluation.basis import Basis, basis_of
from efgan_kit.evaluation.evaluation import DOCUMENT, evaluate
from efgan_kit.evaluation.figures import ByMetric, figure
from efgan_kit.evaluation.findings import Evaluation
from efgan_kit.evaluation.measuring import Progress
from efgan_kit.evaluation.study.plan import Cell
from efgan_kit.recipe import Recipe
from efgan_kit.training import checkpoints

Begin = Callable[[Cell], None]


@attrs.frozen
class Measured:
    """What is known of a cell.

    Attributes:
        figures: By `all`, `small` and `large`, the figures by metric.
        subjects: A hash of the faces and pairs.
        judge: The judge, with a hash of its weights; None if there was none.
        extractors: By metric, the network whose features it compares, with a hash of its weights.
        warnings: What to know before believing the figures.
    """

    cell: Cell
    figures: Mapping[str, ByMetric]
    subjects: str
    judge: str | None
    extractors: Mapping[str, str] = attrs.field(factory=dict)
    warnings: tuple[str, ...] = ()

    def value(self, name: str, where: str = "all") -> float:
        """A figure by its name; nan where it is not known."""
        return figure(name).of(self.figures.get(where, {}))

    def no_op(self, name: str, where: str = "all") -> float:
        """What the untouched sources score in it; nan where it is not known."""
        return figure(name).of_no_op(self.figures.get(where, {}))


def measure_cells(
    cells: Iterable[Cell],
    recipes: Mapping[str, Recipe],
    *,
    device: str = "auto",
    begin: Begin = lambda cell: None,
    progress: Progress = lambda what, done, total: None,
) -> tuple[list[Measured], dict[Cell, str]]:
    """Evaluate the cells, in whose folders the evaluations stay.

    Args:
        recipes: By arm.
        begin: Called with each cell that must be evaluated.

    Returns:
        The cells measured, and those that could not be, each with the reason.
    """
    cells = list(cells)
    basis = functools.cache(lambda arm: basis_of(recipes[arm]))
    documents: dict[Cell, Mapping[str, Any]] = {}
    failed: dict[Cell, str] = {}

    def see_to(chosen: Iterable[Cell], *, anew: bool) -> None:
        for cell in chosen:
            try:
                document = None if anew else _kept(cell, basis)
                if document is None:
                    begin(cell)
                    document = evaluate(cell.run.path, device=device, progress=progress).to_plain()
                documents[cell] = document
            except EfganError as error:
                failed[cell] = f"not measured: {error}"

    see_to(cells, anew=False)
    see_to(list(_of_two_readers(documents, recipes)), anew=True)
    return [_measured(cell, documents[cell]) for cell in cells if cell in documents and cell not in failed], failed


def _kept(cell: Cell, basis: Callable[[str], Basis]) -> Mapping[str, Any] | None:
    """The cell's evaluation, if it is of the newest checkpoint and an evaluation of now would be made alike."""
    try:
        document = json.loads((cell.run.path / DOCUMENT).read_text(encoding="utf-8"))
        judge = document["judge"]["name"] if document["judge"] else None
        made = Basis(document["subjects_hash"], judge)
        whole = {field.name for field in attrs.fields(Evaluation)} <= set(document)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    step = checkpoints.read_state(checkpoints.newest(cell.run))["step"]
    return document if whole and document["step"] == step and made == basis(cell.arm) else None


def _of_two_readers(documents: Mapping[Cell, Mapping[str, Any]], recipes: Mapping[str, Recipe]) -> Iterable[Cell]:
    """The cells read by a judge or an extractor that was fitted more than once, and so came out otherwise."""
    groups: dict[Any, dict[Cell, Any]] = {}
    for cell, document in documents.items():
        if judge := document["judge"]:
            weights = judge["weights_hash"], sorted(_extractors(document).items())
            groups.setdefault((judge["name"], str(recipes[cell.arm].metrics)), {})[cell] = weights
    for group in groups.values():
        if len({str(weights) for weights in group.values()}) > 1:
            yield from group


def _measured(cell: Cell, document: Mapping[str, Any]) -> Measured:
    return Measured(
        cell=cell,
        figures={"all": document["figures"], **document["by_gap"]},
        subjects=document["subjects_hash"],
        judge=f"{document['judge']['name']}, weights {document['judge']['weights_hash']}"
        if document["judge"]
        else None,
        extractors=_extractors(document),
        warnings=tuple(document["warnings"]),
    )


def _extractors(document: Mapping[str, Any]) -> dict[str, str]:
    return {
        metric: f"{each['name']}, weights {each['weights_hash']}" for metric, each in document["extractors"].items()
    }


def finite(values: Mapping[int, float]) -> dict[int, float]:
    """Those that are known."""
    return {seed: value for seed, value in values.items() if math.isfinite(value)}
