"""What a plugin's named value must hold, examined on a small graph: loss terms, also strangers', will ask for it."""

from __future__ import annotations

import copy
import re
from typing import Any, Final

from torch import Tensor

from efgan_kit.api import ValueFunction, named_value
from efgan_kit.testing.contract import ContractError, demand
from efgan_kit.testing.stage import stage_of, values_known, values_on
from efgan_kit.testing.subject import Subject, copied, differing, global_randomness_stays, tensors_in
from efgan_kit.training.phases import PLAYERS
from efgan_kit.training.values import RANDOM

SHAPE: Final = re.compile(r"`\([^`]*\)`")


def is_declared(subject: Subject) -> None:
    """It is marked `@value`, by a player or none; its docstring's first line says shape and range."""
    made_by = _function(subject).made_by
    contract = f"it is made by one of {', '.join(PLAYERS)}, or by no player"
    demand(subject, made_by is None or made_by in PLAYERS, contract, made_by)
    first = (subject.target.__doc__ or "").strip().partition("\n")[0]
    contract = "the docstring's first line says shape and range: `(B, ...)` in [0, 1]: what it is"
    demand(subject, bool(SHAPE.search(first)), contract, repr(first))


def is_made_of_values_that_exist(subject: Subject) -> None:
    """Its parameters name values of a graph, of the batch or of a plugin."""
    known = {*values_known(stage_of(subject), subject), RANDOM}
    unknown = sorted(set(_function(subject).needs) - known)
    contract = "its parameters name values of an installed graph, the batch, a plugin, or its `example_values`"
    demand(subject, not unknown, contract, unknown)


def is_of_the_batch(subject: Subject) -> None:
    """Finite tensors, one row for each face, of two faces and of one."""
    for batch in (2, 1):
        tensors = tensors_in(computed(subject, batch), "value")
        demand(subject, bool(tensors), "returns tensors, or mappings or named tuples of them", "none")
        broken = [name for name, tensor in tensors.items() if not tensor.isfinite().all()]
        demand(subject, not broken, "values are finite", f"nan or infinity in {broken}")
        odd = {n: tuple(t.shape) for n, t in tensors.items() if t.dim() == 0 or len(t) != batch}
        demand(subject, not odd, f"the first dimension is the batch, of {batch}", odd)


def is_the_same_again(subject: Subject) -> None:
    """The same batch and streams give the same value; it leaves what it is made from and the random state alone."""
    graph, needs = stage_of(subject), [name for name in _function(subject).needs if name != RANDOM]
    answers = []
    for _ in range(2):
        values = values_on(graph, subject, 2)
        given = {name: values[name] for name in needs}
        before = copied(tensors_in(given, "values"))
        with global_randomness_stays(subject, "computing it"):
            made = _made(subject, values)
        changed = differing(before, tensors_in(given, "values"))
        demand(subject, not changed, "values are not edited in place", f"changed: {changed}")
        answers.append(copied(tensors_in(made, "value")))
    changed = differing(*answers)
    demand(subject, not changed, "the same values give the same value", f"different: {changed}")


def teaches_its_maker(subject: Subject) -> None:
    """In the phase of the player that makes it, gradients reach that player's modules."""
    player = _function(subject).made_by
    if player is None:
        return
    graph = copy.deepcopy(stage_of(subject))
    values = values_on(graph, subject, 2)
    values.begin(player)
    tensors = [t for t in tensors_in(_made(subject, values)).values() if t.requires_grad]
    contract = f"a value made by the {player} carries gradients to the {player}'s modules"
    demand(subject, bool(tensors), contract, "it carries none")
    _total(tensors).backward()
    parameters = [p for module in graph.players()[player] for p in module.parameters()]  # type: ignore[operator]
    arrived = any(p.grad is not None and bool(p.grad.any()) for p in parameters)
    demand(subject, arrived, contract, "none arrived")


def computed(subject: Subject, batch: int = 2) -> Any:
    """The value of a small batch."""
    return _made(subject, values_on(stage_of(subject), subject, batch))


CHECKS: Final = (is_declared, is_made_of_values_that_exist, is_of_the_batch, is_the_same_again, teaches_its_maker)


def _function(subject: Subject) -> ValueFunction:
    try:
        return named_value(subject.target)
    except TypeError as error:
        contract = 'a named value is a function marked @value(), or @value("generator")'
        raise ContractError(str(subject), contract, str(error)) from error


def _made(subject: Subject, values: Any) -> Any:
    function = _function(subject)
    return function.function(**values.collect(function.needs, consumer="values.examined"))


def _total(tensors: list[Tensor]) -> Tensor:
    """A number that every one of them moves."""
    total = tensors[0].new_zeros(())
    for tensor in tensors:
        total = total + tensor.square().sum() + tensor.sum()
    return total
