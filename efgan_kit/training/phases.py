"""A training step as a list of phases: one for each player, in which its live terms teach its modules."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Collection, Mapping, Sequence

import attrs
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize
from torch.optim import Optimizer

from efgan_kit.api import EfganError
from efgan_kit.errors import Fault
from efgan_kit.training.distribution.processes import ALONE, Processes
from efgan_kit.training.precision import Precision
from efgan_kit.training.values import RANDOM, StepValues

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
    player: str,
    terms: Mapping[str, nn.Module],
    weights: Mapping[str, float],
    every: Mapping[str, int],
    known: Collection[str] = (),
) -> list[LiveTerm]:
    """The terms that teach `player`: those with a method of its name and a weight other than 0."""
    return [
        LiveTerm(name, term, weights[name], every[name], player, asked_by(term, player, known))
        for name, term in terms.items()
        if teaches(term, player) and weights[name]
    ]


def teaches(term: nn.Module, player: str) -> bool:
    """Whether the term's class has a method for `player`; a submodule of that name is none."""
    return callable(getattr(type(term), player, None))


def asked_by(term: nn.Module, player: str, known: Collection[str] = ()) -> tuple[str, ...]:
    """The named values that a term's method for `player` asks for.

    A parameter with a default is asked for only where `known` has it: the term can do without.
    """
    if not teaches(term, player):
        return ()
    parameters = inspect.signature(getattr(term, player)).parameters.values()
    named = (p for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY))
    return tuple(p.name for p in named if p.default is p.empty or p.name in known or p.name == RANDOM)


def weighed(terms: Sequence[LiveTerm], losses: Mapping[str, Tensor]) -> Tensor:
    """The sum of the terms' losses `(K,)` by their weights and over the modules."""
    return torch.stack([term.weight * losses[term.name].sum() for term in terms]).sum()


class NotFiniteError(EfganError):
    """A loss or a gradient is not finite. The player's weights have not moved.

    Attributes:
        what: `loss` or `gradient`.
        terms: Whose it may be.
    """

    def __init__(self, step: int, player: str, what: str, terms: Sequence[str]) -> None:
        self.what, self.terms = what, tuple(terms)
        told = f"the {what} of {', '.join(terms)} is not finite; the {player}'s weights have not moved"
        super().__init__(Fault(f"step {step}, {player}'s phase", told))


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

    @functools.cached_property
    def parameters(self) -> list[nn.Parameter]:
        """What the optimizer moves, listed once: a step asks for it several times."""
        return [parameter for module in self.modules for parameter in module.parameters()]

    @property
    def rate(self) -> float:
        """The learning rate; that of the first group, if the optimizer has several."""
        return float(self.optimizer.param_groups[0]["lr"])

    def scale_rate(self, factor: float) -> None:
        """Set the learning rate to the recipe's times `factor`."""
        for group in self.optimizer.param_groups:
            group["lr"] = group.setdefault("initial_lr", group["lr"]) * factor

    def run(
        self, modules: Sequence[StepValues], step: int, precision: Precision, processes: Processes = ALONE
    ) -> dict[str, Tensor]:
        """Teach the player once, by the sum of each module's losses with equal weights (supplement, section 1).

        Weights that are computed, such as spectrally normalised ones, are computed once for the whole phase.

        Args:
            modules: The named values of each module of the graph; a single EF-GAN is one.
            processes: Those that teach by other shares of the batch; losses and gradients are the means of all.

        Returns:
            The unweighted losses by term, `(K,)`, one for each module, without history.

        Raises:
            NotFiniteError: A loss or a gradient is not finite; this phase has moved no weight.
        """
        for values in modules:
            values.begin(self.player)
        terms = [term for term in self.terms if step % term.every == 0]
        if not terms:
            return {}
        with parametrize.cached():
            with precision.autocast():
                losses = {term.name: self.losses_of(term, modules, precision) for term in terms}
            found = processes.mean(losses)
            if not torch.isfinite(weighed(terms, found)):
                bad = [name for name, loss in found.items() if not torch.isfinite(loss).all()] or list(found)
                raise NotFiniteError(step, self.player, "loss", bad)
            total = weighed(terms, losses)
            if total.requires_grad:
                precision.backward(total)
        processes.average_gradients(self.parameters)
        if not precision.step(self.optimizer, self.parameters, self.clip):
            raise NotFiniteError(step, self.player, "gradient", list(found))
        # One player's gradients need not lie in memory while the next one's are made.
        self.optimizer.zero_grad(set_to_none=True)
        return found

    @staticmethod
    def losses_of(term: LiveTerm, modules: Sequence[StepValues], precision: Precision) -> Tensor:
        """The term's unweighted losses, `(K,)`, one for each module."""
        return torch.stack([term.loss(values).to(precision.device, torch.float32) for values in modules])
