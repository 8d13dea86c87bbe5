"""Explaining a run: its checkpoints restored one after the other, its terms' gradients measured on its own batches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal

import attrs
import torch
from torch import Tensor

from efgan_kit.errors import EfganError
from efgan_kit.evaluation.explanation.figures import Limits, PlayerFigures, player_figures
from efgan_kit.evaluation.explanation.gradients import not_finite, parts_of, products, term_gradients
from efgan_kit.evaluation.explanation.saturation import Logged, MapFigures, map_figures, measured, read_logged
from efgan_kit.recipe import Recipe, load_recipe
from efgan_kit.registry.models import located
from efgan_kit.training import checkpoints
from efgan_kit.training.assembly import prepare
from efgan_kit.training.batches import assemble, to_device
from efgan_kit.training.device import choose_device
from efgan_kit.training.modes import unmoved
from efgan_kit.training.phases import PLAYERS, teaches
from efgan_kit.training.run_folder import RunFolder
from efgan_kit.training.step import Training
from efgan_kit.training.values import attention_maps

Progress = Callable[[str, int, int], None]
Which = Literal["all", "newest"]
Batches = Mapping[int, Mapping[str, Tensor]]
"""By step, the given values of the batch that all players learn from in it."""


@attrs.frozen
class Moment:
    """A run at one of its checkpoints.

    Attributes:
        step: The checkpoint's.
        players: By name, those that learn.
        attention: By region; nothing if the graph has no attention maps.
    """

    step: int
    players: Mapping[str, PlayerFigures]
    attention: Mapping[str, MapFigures]


@attrs.frozen
class Explanation:
    """What the gradients of a run's loss terms say.

    Attributes:
        run: The run folder.
        recipe: The recipe's name.
        device: Where it was computed.
        batches: How many batches were looked at, the same at each checkpoint.
        faces: How many faces a batch has.
        first_step: The first batch is the one of this step.
        limits: Where words begin.
        moments: The checkpoints, oldest first; the last is the one that findings are of.
        absent: By player, the terms that do not teach it, and why.
        idle: The players that do not learn, and why.
        logged: The attention maps' means over the training.
    """

    run: Path
    recipe: str
    device: str
    batches: int
    faces: int
    first_step: int
    limits: Limits
    moments: tuple[Moment, ...]
    absent: Mapping[str, Mapping[str, str]]
    idle: Mapping[str, str]
    logged: Logged | None

    @property
    def newest(self) -> Moment:
        return self.moments[-1]


def explain(
    run: str | Path,
    *,
    batches: int = 8,
    which: Which = "all",
    limits: Limits | None = None,
    device: str = "auto",
    progress: Progress = lambda what, done, total: None,
) -> Explanation:
    """Measure what each loss term of a run asks of each player; nothing is trained, nothing is written.

    The batches are those that the training would take after its newest checkpoint, also for the checkpoints before,
    so that only weights differ between them. Everything is computed in fp32.

    Args:
        run: The run folder.
        batches: How many batches to look at.
        which: All checkpoints that the run has kept, or the newest alone.
        limits: Where words begin.
        device: `auto`, `cpu`, `cuda`, `mps`.
        progress: Called with what is being done, how much of it is done, and how much there is.

    Raises:
        EfganError: There is no such run, it has no checkpoint or a damaged one, its faces are gone, or a loss is not
            finite.
    """
    folder, limits, place = RunFolder(located(run)), limits or Limits(), choose_device(device)
    folder.must_exist()
    newest = checkpoints.newest(folder)
    chosen = checkpoints.complete(folder) if which == "all" else [newest]
    training = prepare(_in_fp32(load_recipe(str(folder.recipe))), place)
    first = checkpoints.read_state(newest)["step"]
    given = {step: batch_of(training, step) for step in range(first, first + batches)}
    for checkpoint in chosen:
        restore_weights(training, checkpoint)  # a damaged one is told before minutes go into the others
    moments = []
    for number, checkpoint in enumerate(chosen):

        def done(count: int, before: int = number * batches) -> None:
            progress("measuring gradients", before + count, len(chosen) * batches)

        restore_weights(training, checkpoint)
        try:
            moments.append(look_at(training, given, checkpoints.read_state(checkpoint)["step"], limits, done))
        except EfganError as error:
            raise EfganError(*(attrs.evolve(f, where=f"{checkpoint}: {f.where}") for f in error.faults)) from error
    return Explanation(
        run=folder.path,
        recipe=training.recipe.name,
        device=str(place),
        batches=batches,
        faces=training.recipe.train.batch_size,
        first_step=first,
        limits=limits,
        moments=tuple(moments),
        absent=_absent(training),
        idle=_idle(training),
        logged=read_logged(folder),
    )


def _in_fp32(recipe: Recipe) -> Recipe:
    """Rounding of reduced formats is none of the terms' doing; and fp16 needs another device."""
    return attrs.evolve(recipe, train=attrs.evolve(recipe.train, precision="fp32"))


def restore_weights(training: Training, checkpoint: Path) -> None:
    """Take up a checkpoint's weights; no gradient depends on optimizers and averages."""
    checkpoints.restore_module(checkpoint, "graph", training.graph)
    checkpoints.restore_module(checkpoint, "terms", training.terms)


def batch_of(training: Training, step: int) -> Mapping[str, Tensor]:
    """The last of the step's batches, which all players see; those before are the discriminators' alone."""
    settings = training.recipe.train
    draws = training.plan[(step + 1) * settings.critic_steps - 1]
    return assemble(training.faces, draws, settings.target_noise)


def look_at(
    training: Training, given: Batches, step: int, limits: Limits, done: Callable[[int], None] = lambda count: None
) -> Moment:
    """Measure every player on every batch, with the weights that the training has now; they stay as they are."""
    losses: dict[str, list[Mapping[str, float]]] = {phase.player: [] for phase in training.phases}
    found: dict[str, list[Mapping[str, Tensor]]] = {phase.player: [] for phase in training.phases}
    maps = []
    parts = {phase.player: parts_of(training.graph, phase.modules) for phase in training.phases}
    for number, (training.step, batch) in enumerate(given.items(), start=1):  # streams are named by the step
        values = training.values(to_device(dict(batch), training.device, training.recipe.train.channels_last))
        with unmoved(training.graph, training.terms):
            for phase in training.phases:
                with training.turn(phase, values):
                    gradients = term_gradients(phase, values, training.precision)
                losses[phase.player].append(gradients.losses)
                found[phase.player].append(_checked(products(gradients, parts[phase.player]), phase.player))
                del gradients
            if "attention" in training.stages[0]:
                maps.append(measured(attention_maps(values)))
        done(number)
    players = {
        phase.player: player_figures(phase.terms, losses[phase.player], found[phase.player], limits)
        for phase in training.phases
    }
    return Moment(step, players, map_figures(maps))


def _checked(products: dict[str, Tensor], player: str) -> dict[str, Tensor]:
    for part, theirs in products.items():
        if not torch.isfinite(theirs).all():
            raise not_finite(player, f"a gradient of {part}")
    return products


def _absent(training: Training) -> dict[str, dict[str, str]]:
    """By player, the recipe's terms that are not live for it."""
    live = {phase.player: {term.name for term in phase.terms} for phase in training.phases}
    return {
        player: {
            name: "weight 0" if teaches(term, player) else "no method"
            for name, term in training.terms.items()
            if name not in live[player]
        }
        for player in live
    }


def _idle(training: Training) -> dict[str, str]:
    learning = {phase.player for phase in training.phases}
    modules: Mapping[str, Sequence[torch.nn.Module]] = training.graph.players()  # type: ignore[operator]

    def why(player: str) -> str:
        weights = any(True for module in modules.get(player, ()) for _ in module.parameters())
        return "no live term teaches it" if weights else "the graph has none with weights"

    return {player: why(player) for player in PLAYERS if player not in learning}
