"""A training step as a list of phases: one for each player, in which its live terms teach its modules."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Iterator, Mapping, Sequence

import attrs
import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from efgan_kit.api import fail
from efgan_kit.training.precision import Precision
from efgan_kit.training.values import StepValues

PLAYERS = ("generator", "discriminator", "interpolator")


@attrs.frozen
class LiveTerm:
    """A loss term as one player meets it.

    Attributes:
        name: The recipe's name for it.
        term: The module.
        weight: The recipe's weight for this player.
        every: The term counts in every so manieth step only.
        method: Which of the term's methods this is: the player's name.
        needs: The named values that the method asks for.
    """

    name: str
    term: nn.Module
    weight: float
    every: int
    method: str
    needs: tuple[str, ...]

    def loss(self, values: StepValues) -> Tensor:
        """The unweighted loss, a scalar."""
        asked = values.collect(self.needs, consumer=f"losses.{self.name}.{self.method}")
        return getattr(self.term, self.method)(**asked)


def live_terms(
    player: str, terms: Mapping[str, nn.Module], weights: Mapping[str, float], every: Mapping[str, int]
) -> list[LiveTerm]:
    """The terms that teach `player`: those with a method of its name and a weight other than 0."""
    return [
        LiveTerm(name, term, weights[name], every[name], player, asked_by(term, player))
        for name, term in terms.items()
        if hasattr(term, player) and weights[name]
    ]


def asked_by(term: nn.Module, player: str) -> tuple[str, ...]:
    """The named values that a term's method for `player` asks for; none if it has no such method."""
    method = getattr(term, player, None)
    return tuple(inspect.signature(method).parameters) if method else ()


@attrs.frozen
class Phase:
    """One player's part of a step.

    Attributes:
        player: Whose turn it is.
        modules: What its optimizer moves.
        terms: The live terms that teach it.
        optimizer: Of the player's parameters.
        clip: The largest gradient norm; None leaves gradients as they are.
    """

    player: str
    modules: Sequence[nn.Module]
    terms: Sequence[LiveTerm]
    optimizer: Optimizer
    clip: float | None = None

    @property
    def parameters(self) -> list[nn.Parameter]:
        return [parameter for module in self.modules for parameter in module.parameters()]

    def run(self, values: StepValues, step: int, precision: Precision) -> dict[str, Tensor]:
        """Teach the player once.

        Returns:
            The unweighted losses by term.

        Raises:
            EfganError: A loss is not finite; no weight has been touched.
        """
        values.begin(self.player)
        terms = [term for term in self.terms if step % term.every == 0]
        if not terms:
            return {}
        with precision.autocast():
            losses = {term.name: term.loss(values) for term in terms}
        total = torch.stack([term.weight * losses[term.name].float() for term in terms]).sum()
        if not torch.isfinite(total):
            bad = [name for name, loss in losses.items() if not torch.isfinite(loss)] or list(losses)
            raise fail(
                f"step {step}, {self.player}'s phase",
                f"the loss of {', '.join(bad)} is not finite; the weights are as they were before this step",
                "lower optimizer.lr, set train.clip, or train.precision=fp32, and go on with --resume",
            )
        self.optimizer.zero_grad(set_to_none=True)
        precision.backward(total)
        precision.step(self.optimizer, self.parameters, self.clip)
        return {name: loss.detach() for name, loss in losses.items()}


@contextlib.contextmanager
def only_learns(phase: Phase, everyone: Sequence[Phase]) -> Iterator[None]:
    """Within, gradients flow to the parameters of `phase` alone; the other players' weights are constants."""
    others = [parameter for other in everyone if other is not phase for parameter in other.parameters]
    for parameter in others:
        parameter.requires_grad_(False)
    try:
        yield
    finally:
        for parameter in others:
            parameter.requires_grad_(True)
