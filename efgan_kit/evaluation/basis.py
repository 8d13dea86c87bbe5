"""What a run's figures rest on, known before anything is measured."""

from __future__ import annotations

from pathlib import Path

import attrs

from efgan_kit.errors import EfganError
from efgan_kit.evaluation import judge
from efgan_kit.evaluation.subjects import choose_subjects
from efgan_kit.recipe import Recipe, build_dataset


@attrs.frozen
class Basis:
    """Only figures of the same basis can be held against each other.

    Attributes:
        subjects: A hash of the test faces and pairs.
        judge: The name of the judge; None if the faces to fit it to are gone.
    """

    subjects: str
    judge: str | None


def basis_of(
    recipe: Recipe,
    *,
    data: str | Path | None = None,
    pairs: str | Path | None = None,
    limit: int | None = None,
) -> Basis:
    """What `evaluate` would measure a run of the recipe with, from the same arguments.

    Raises:
        EfganError: The test faces are at fault.
    """
    subjects = choose_subjects(recipe, data=data, pairs=pairs, limit=limit)
    return Basis(subjects.hash, _judge_of(recipe))


def _judge_of(recipe: Recipe) -> str | None:
    try:
        training = build_dataset(recipe, "train")
    except EfganError:
        return None
    return judge.judge_name(training, recipe.faces, judge.JudgeSettings())
