"""What becomes of an update whose loss or gradient is not finite: told, kept to be looked at, left out if asked for."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
from torch import Tensor

from efgan_kit.errors import EfganError, Fault
from efgan_kit.files import write_json, writing
from efgan_kit.training.diagnosis import Origin, of_all_processes, origin_of
from efgan_kit.training.phases import NotFiniteError, Phase
from efgan_kit.training.run_folder import RunFolder
from efgan_kit.training.sheets import write_sheet
from efgan_kit.training.values import StepValues

if TYPE_CHECKING:
    from efgan_kit.training.step import Training

NAMED = 4
"""Names in a message; the file has all."""


@attrs.define
class BadNumbers:
    """Steps whose numbers went bad.

    Attributes:
        folder: Where they are kept to be looked at; None keeps nothing.
        say: Told of what is left out.
        skipped: In how many steps a player's update was left out, over the whole run.
        last: The last of these steps.
    """

    folder: RunFolder | None = None
    say: Callable[[str], None] = lambda text: None
    skipped: int = 0
    last: int = -1

    def met(
        self, training: Training, phase: Phase, values: Sequence[StepValues], batch: int, error: NotFiniteError
    ) -> None:
        """Note such an update; it is left out if the recipe's `skip_bad_steps` allows one more.

        Args:
            batch: The number of the batch that it was made of.

        Raises:
            EfganError: It is one too many; with what is known of where it began.
        """
        phase.optimizer.zero_grad(set_to_none=True)
        origin = Origin(terms=list(error.terms))
        with contextlib.suppress(Exception):  # an explanation that fails must not hide what it was to explain
            origin = origin_of(training, phase, values)
        origin = of_all_processes(training, origin)
        names = _faces_of(training, batch)
        given = {"source": values[0]["given_source"], "truth": values[0]["given_truth"]}
        pictures = {label: training.processes.whole(share) for label, share in given.items()}
        kept = self._keep(training, phase, pictures, error, origin, names)
        allowed = training.recipe.train.skip_bad_steps
        if self.last != training.step:
            self.skipped += 1
            self.last = training.step
        where = f"step {training.step}, {phase.player}'s phase"
        what = f"the {error.what} of {', '.join(origin.terms or error.terms)} is not finite{_began(origin, names)}"
        seen = f"; see {kept}" if kept else ""
        if self.skipped > allowed:
            spent = f" after {allowed} such steps were skipped" if allowed else ""
            what += f"{seen}; the {phase.player}'s weights have not moved, no checkpoint is lost{spent}"
            raise EfganError(Fault(where, what, _way_out(training))) from error
        self.say(f"warning: {where}: {what}{seen}; its update is skipped, {self.skipped} of {allowed}")

    def _keep(
        self,
        training: Training,
        phase: Phase,
        pictures: Mapping[str, Tensor],
        error: NotFiniteError,
        origin: Origin,
        names: Sequence[tuple[str, str]],
    ) -> Path | None:
        """Write the faces and what is known. A disk that refuses is told of by what comes next."""
        if self.folder is None:
            return None
        path = self.folder.bad_step(training.step, phase.player)
        document = {
            "step": training.step,
            "player": phase.player,
            "what": error.what,
            **{key: _plain(value) for key, value in attrs.asdict(origin).items()},
            "faces": [
                {"source": source, "target": target, "not_finite": place in origin.faces}
                for place, (source, target) in enumerate(names)
            ],
            "rate": phase.rate,
            "precision": str(training.precision.dtype or "fp32").removeprefix("torch."),
        }
        with contextlib.suppress(EfganError), writing(path):
            path.parent.mkdir(exist_ok=True)
            write_json(path, document)
            labels = [
                f"{source}, expression of {target}{' - not finite' if place in origin.faces else ''}"
                for place, (source, target) in enumerate(names)
            ]
            write_sheet(path.with_suffix(".png"), pictures, labels, title=f"step {training.step}: {error.what}")
        return path


def _faces_of(training: Training, batch: int) -> list[tuple[str, str]]:
    names = training.faces.names
    return [(names[draw.source], names[draw.target]) for draw in training.plan[batch]]


def _began(origin: Origin, names: Sequence[tuple[str, str]]) -> str:
    """What is known, as the end of a clause."""
    said = ""
    if origin.weights:
        said += f"; weights are not finite themselves: {_some(origin.weights)}"
    if origin.values:
        said += f"; not finite before this phase: {_some(origin.values)}"
    if origin.module:
        said += f"; first in {origin.module}"
    if origin.gradients:
        said += f"; first at {_some(origin.gradients)}"
    whose = "of" if origin.faces else "in a batch of"
    faces = [names[place][0] for place in origin.faces if place < len(names)] or [source for source, _ in names]
    return f"{said}; {whose} {_some(faces)}"


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def _way_out(training: Training) -> str:
    fp32 = "" if training.precision.dtype is None else "train.precision=fp32, "
    clip = "" if training.recipe.train.clip else "train.clip=1, "
    skip = f"train.skip_bad_steps={max(10, 2 * training.recipe.train.skip_bad_steps)}"
    return f"go on with --resume --accept-changes and -o {clip}{fp32}a lower optimizer.lr, or -o {skip} to skip such"


def _plain(value: Any) -> Any:
    """As JSON has it, which knows no infinite number."""
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value
