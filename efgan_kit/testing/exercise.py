"""A component used once as the framework uses it, whatever its kind, to see what that does to everything else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import torch

from efgan_kit.api import EfganError
from efgan_kit.testing import losses, makers, metrics, values
from efgan_kit.testing.pictures import faces_of, pictures_of
from efgan_kit.testing.scenes import SQUARE
from efgan_kit.testing.subject import Subject, call, inputs_of


def exercise(subject: Subject) -> None:
    """Make it and use it, on small faces."""
    _USES.get(subject.kind, _network)(subject)


def _network(subject: Subject) -> None:
    with torch.no_grad():
        call(subject, subject.make(), inputs_of(subject.kind, SQUARE))


def _schedule(subject: Subject) -> None:
    schedule = subject.make_here(subject.params, SQUARE, steps=4, steps_per_epoch=2)
    for step in range(4):
        schedule(step)


def _dataset(subject: Subject) -> None:
    subject.make()[0]


def _landmarker(subject: Subject) -> None:
    landmarker = subject.make()
    for picture in pictures_of(subject):
        _if_it_can(lambda: landmarker(picture))  # noqa: B023


def _labeller(subject: Subject) -> None:
    labeller = subject.make()
    for picture, face in faces_of(subject):
        _if_it_can(lambda: labeller(picture, face))  # noqa: B023


def _if_it_can(look: Callable[[], object]) -> None:
    try:
        look()
    except EfganError:
        return


_USES: Final[dict[str, Callable[[Subject], object]]] = {
    "loss": losses.all_losses,
    "optimizer": makers.some_steps,
    "schedule": _schedule,
    "dataset": _dataset,
    "metric": metrics.figures_of,
    "launcher": Subject.make,
    "landmarker": _landmarker,
    "au-labeller": _labeller,
    "value": values.computed,
}
