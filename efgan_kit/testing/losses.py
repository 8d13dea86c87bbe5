"""What a loss term must hold, examined on the values of a small EF-GAN."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import torch
from torch import Tensor, nn

from efgan_kit.errors import nearest
from efgan_kit.testing.contract import demand
from efgan_kit.testing.keeping import restored
from efgan_kit.testing.scenes import SQUARE, FewFaces
from efgan_kit.testing.stage import (
    as_leaves,
    asked_values,
    doubled,
    functions_of,
    loss_of,
    made_with,
    stage_of,
    values_known,
)
from efgan_kit.testing.subject import Subject, copied, differing, global_randomness_stays, tensors_in
from efgan_kit.training.phases import PLAYERS, asked_by
from efgan_kit.training.streams import stream
from efgan_kit.training.values import RANDOM


def teaches_a_player(subject: Subject) -> None:
    """It has a method for a player, and asks for values that are there."""
    term = subject.make()
    players = [player for player in PLAYERS if hasattr(term, player)]
    demand(subject, bool(players), f"has a method for a player: {', '.join(PLAYERS)}", "none")
    known = {*values_known(stage_of(subject), subject), RANDOM}
    for player in players:
        unknown = sorted(set(asked_by(term, player)) - known)
        contract = f"{player}(...) names values of an installed graph, the batch, a plugin, or its `example_values`"
        seen = "; ".join(f"'{name}', {nearest(name, known)}" for name in unknown)
        demand(subject, not unknown, contract, seen)


def all_losses(subject: Subject) -> list[Tensor]:
    """Its loss for each player that it teaches."""
    return [
        loss_of(term, player, asked_values(subject, term, player, stage_of(subject), 2))
        for player, term in players_of(subject)
    ]


def returns_a_scalar(subject: Subject) -> None:
    """Finite, with gradients that reach its player; also of one face, and under bfloat16 autocast."""
    for batch, bfloat16 in ((1, False), (2, True)):
        for player, term in players_of(subject):
            graph = copy.deepcopy(stage_of(subject))
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bfloat16):
                loss = loss_of(term, player, asked_values(subject, term, player, graph, batch))
            seen = f"{getattr(loss, 'shape', type(loss))} of {player}(...)"
            demand(subject, isinstance(loss, Tensor) and loss.dim() == 0, "returns a scalar tensor", seen)
            demand(subject, bool(loss.isfinite()), "the loss is finite", f"{loss}")
            _teaches(subject, player, graph, loss)


def _teaches(subject: Subject, player: str, graph: nn.Module, loss: Tensor) -> None:
    contract = f"{player}(...) gives gradients to the {player}'s modules"
    demand(subject, loss.requires_grad, contract, "the loss carries none")
    loss.backward()
    players: Mapping[str, Sequence[nn.Module]] = graph.players()  # type: ignore[operator]  # the contract of graphs
    parameters = [p for module in players[player] for p in module.parameters()]
    arrived = any(p.grad is not None and bool(p.grad.any()) for p in parameters)
    demand(subject, arrived, contract, "none arrived")


def leaves_its_values_alone(subject: Subject) -> None:
    """Other terms read the same values."""
    for player, term in players_of(subject):
        asked = asked_values(subject, term, player, stage_of(subject), 2)
        before = copied(tensors_in(asked, player))
        loss_of(term, player, asked)
        changed = differing(before, tensors_in(asked, player))
        demand(subject, not changed, "values are not edited in place", f"changed: {changed}")


def is_repeatable(subject: Subject) -> None:
    """The same values and random stream give the same loss, and the global random state is left alone."""
    for player, term in players_of(subject):
        losses = []
        asked = asked_values(subject, term, player, stage_of(subject), 2)
        for _ in range(2):
            with global_randomness_stays(subject, f"{player}(...)"):
                losses.append(loss_of(copy.deepcopy(term), player, asked))
        same = torch.equal(losses[0], losses[1])
        contract = f"{player}(...) returns one loss for one batch and one random stream"
        demand(subject, same, contract, f"{losses[0]} and {losses[1]}")


def does_not_depend_on_the_batch_size(subject: Subject) -> None:
    """Faces shown twice cost what they cost once: a weight must mean the same at every batch size."""
    for player, term in players_of(subject):
        if RANDOM in asked_by(term, player):
            continue  # each face draws its own numbers, so that twins differ
        asked = asked_values(subject, term, player, stage_of(subject), 2)
        once, twice = (float(loss_of(term, player, values).detach()) for values in (asked, doubled(asked)))
        contract = f"{player}(...) averages over the batch"
        alike = abs(once - twice) <= 1e-4 * max(1.0, abs(once))
        demand(subject, alike, contract, f"{once:g} on two faces, {twice:g} on the same two twice")


def gradients_are_those_of_the_loss(subject: Subject) -> None:
    """Autograd agrees with finite differences in all that the player makes; nothing is detached.

    In float64 and along random directions, as gradcheck's fast mode does: a picture has too many numbers to move each.
    `torch.autograd.gradcheck` itself steps by 1e-6, at which critics that compute in float32 inside are noise.
    """
    for player, term in players_of(subject):
        if player == "discriminator":
            continue  # it learns through its own weights, which `returns_a_scalar` looks at
        graph = stage_of(subject)
        exact = copy.deepcopy(term).double()
        leaves = as_leaves(asked_values(subject, term, player, graph, 2))
        for name in asked_by(term, player):
            if made_with(name, player, functions_of(graph, subject)):
                _compare(subject, lambda: loss_of(exact, player, leaves), f"{player}({name})", leaves, name)  # noqa: B023


def _compare(
    subject: Subject, loss: Callable[[], Tensor], what: str, leaves: Mapping[str, Any], name: str
) -> None:
    tensors = [t for t in tensors_in(leaves[name], name).values() if t.requires_grad]
    value = loss()
    if not tensors or not value.requires_grad:
        return
    gradients = torch.autograd.grad(value, tensors, allow_unused=True, materialize_grads=True)
    draws = stream(0, what)
    directions = [torch.randn(t.shape, generator=draws, dtype=t.dtype) for t in tensors]
    analytic = sum(float((g * d).sum()) for g, d in zip(gradients, directions, strict=True))
    ends = []
    for sign in (1, -1):
        _move(tensors, directions, sign * STEP)
        ends.append(float(loss().detach()))
        _move(tensors, directions, -sign * STEP)
    numeric = (ends[0] - ends[1]) / (2 * STEP)
    size = sum(float(g.square().sum()) for g in gradients) ** 0.5
    near = abs(analytic - numeric) <= 0.02 * size + 3e-4 * max(1.0, abs(float(value.detach())))
    contract = f"gradients by {what} are the loss's own"
    demand(subject, near, contract, f"{analytic:g} by autograd, {numeric:g} by finite differences")


STEP: Final = 1e-3
"""Of the finite differences: terms that compute in single precision inside round at 1e-7."""


def _move(tensors: list[Tensor], directions: list[Tensor], by: float) -> None:
    with torch.no_grad():
        for tensor, direction in zip(tensors, directions, strict=True):
            tensor.add_(by * direction)


def survives_a_checkpoint(subject: Subject) -> None:
    """What it has learned beforehand is in its state, frozen, and the same under the same stream."""
    terms = [subject.make(seed=seed) for seed in (1, 1, 2)]
    for term in terms[:2]:
        if hasattr(term, "prepare"):
            with global_randomness_stays(subject, "prepare(...)"):
                term.prepare(FewFaces(SQUARE), stream(0, "prepare"))
    restored(subject, terms[0], terms[2])
    changed = differing(*(copied(term.state_dict()) for term in terms[:2]))
    demand(subject, not changed, "prepare(...) learns the same from the same stream", f"different: {changed}")
    learning = [name for name, parameter in terms[0].named_parameters() if parameter.requires_grad]
    demand(subject, not learning, "a term's own parameters are frozen, for no optimizer moves them", learning)
    for player in (player for player in PLAYERS if hasattr(terms[0], player)):
        asked = asked_values(subject, terms[0], player, stage_of(subject), 2)
        seen = [float(loss_of(term, player, asked).detach()) for term in (terms[0], terms[2])]
        # Sums may differ in the last bit by where in memory their terms lie.
        demand(subject, math.isclose(*seen, rel_tol=1e-6, abs_tol=1e-6), "a restored term computes the same loss", seen)


CHECKS: Final = (
    returns_a_scalar,
    leaves_its_values_alone,
    is_repeatable,
    does_not_depend_on_the_batch_size,
    gradients_are_those_of_the_loss,
    survives_a_checkpoint,
)


def players_of(subject: Subject) -> list[tuple[str, nn.Module]]:
    """Each player that the term teaches, with a term of its own."""
    return [(player, subject.make()) for player in PLAYERS if hasattr(subject.target, player)]
