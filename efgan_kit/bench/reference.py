"""A plainly written training step, as public code of this field has it: what the trainer's step is measured against.

Everything is computed in fp32 by torch's own layers. Each player's phase makes all it needs anew, the edited pictures
too; spectral norms are estimated at every forward; gradients flow to the weights of all players, and those that nobody
asked for are thrown away. Losses and gradients are the trainer's: `efgan_kit.bench.parity` compares them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from efgan_kit.training.phases import Phase
from efgan_kit.training.step import Training


def reference_step(
    training: Training, given: Mapping[str, Tensor], extra: Sequence[Mapping[str, Tensor]] = ()
) -> dict[str, Tensor]:
    """One step: the discriminators learn from `extra` batches, then everyone from `given`.

    Returns:
        The unweighted losses by `TERM.PLAYER`.
    """
    for phase in training.phases:
        phase.scale_rate(training.schedule(training.step))
    for number, batch in enumerate(extra):
        for phase in training.phases:
            if phase.player == "discriminator":
                _teach(training, phase, batch, f".{number}")
                phase.optimizer.step()
    losses: dict[str, Tensor] = {}
    waiting: list[Phase] = []
    for phase in training.phases:
        losses |= _teach(training, phase, given)
        if phase.player == "generator":
            waiting.append(phase)  # the discriminators judge what this generator made
        else:
            phase.optimizer.step()
    for phase in waiting:
        phase.optimizer.step()
    training.averaged.update(training.step)
    training.step += 1
    return losses


def _teach(training: Training, phase: Phase, batch: Mapping[str, Tensor], suffix: str = "") -> dict[str, Tensor]:
    """The gradients of one player's terms on a batch, left on its parameters."""
    values = training.values(batch, suffix)
    for module in values:
        module.begin(phase.player)
    terms = [term for term in phase.terms if training.step % term.every == 0]
    losses = {term.name: torch.stack([term.loss(module) for module in values]).sum() for term in terms}
    phase.optimizer.zero_grad()
    torch.stack([term.weight * losses[term.name] for term in terms]).sum().backward()
    return {f"{name}.{phase.player}": loss.detach() for name, loss in losses.items()}
