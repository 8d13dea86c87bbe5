"""What a graph must hold beyond a network's contract: its players, and its named values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

import torch
from torch import Tensor, nn

from efgan_kit.api import GIVEN_VALUES, EfganError, ValueFunction, stages_of
from efgan_kit.testing.contract import demand
from efgan_kit.testing.scenes import SCENES, Scene
from efgan_kit.testing.subject import Subject, copied, differing, tensors_in
from efgan_kit.training.phases import PLAYERS
from efgan_kit.training.streams import stream
from efgan_kit.training.values import GIVEN, PREVIOUS, RANDOM, StepValues, chained


def step_values(graph: nn.Module, scene: Scene, batch: int = 2) -> StepValues:
    """The named values of one training step on a batch of the scene; of several modules, the first's."""
    return by_module(stages_of(graph), scene.batch(batch))[0]


def by_module(stages: Sequence[Mapping[str, ValueFunction]], given: Mapping[str, Tensor]) -> list[StepValues]:
    """The named values of one training step on a batch, of each module of a graph."""
    return chained(stages, given, lambda consumer: stream(0, consumer))


def players_share_out_the_parameters(subject: Subject) -> None:
    """Each parameter is one player's: two optimizers must not move one weight, and none may be forgotten."""
    graph = subject.make()
    players = graph.players()
    strangers = sorted(set(players) - set(PLAYERS))
    demand(subject, not strangers, f"the players are among {', '.join(PLAYERS)}", strangers)
    owned = [id(p) for modules in players.values() for module in modules for p in module.parameters()]
    names = {id(parameter): name for name, parameter in graph.named_parameters()}
    twice = [names.get(i, "one outside the graph") for i, count in Counter(owned).items() if count > 1]
    demand(subject, not twice, "no parameter belongs to two players", twice)
    forgotten = [name for i, name in names.items() if i not in set(owned)]
    demand(subject, not forgotten, "every parameter belongs to a player", f"nobody's: {forgotten}")


def named_values_can_be_asked_for(subject: Subject) -> None:
    """Each is documented and made of values that exist; it is computed, or refused with an error."""
    for scene in SCENES:
        graph = subject.make(scene)
        stages = stages_of(graph)
        demand(subject, all(stages), "a graph declares named values with @value", "none")
        given = scene.batch(2)
        before = copied(given)
        for functions, values in zip(stages, by_module(stages, given), strict=True):
            for name, function in functions.items():
                _is_well_declared(subject, name, function, functions)
            for name in functions:
                made = _ask(values, name)
                broken = [n for n, tensor in tensors_in(made, name).items() if not tensor.isfinite().all()]
                demand(subject, not broken, "named values are finite", f"nan or infinity in {broken}")
        changed = differing(before, given)
        demand(subject, not changed, "the batch is not edited in place", f"changed: {changed}")


def _is_well_declared(
    subject: Subject, name: str, function: ValueFunction, functions: dict[str, ValueFunction]
) -> None:
    doc = getattr(function.function, "__doc__", None)
    contract = "a named value's docstring is its entry in the table of values"
    demand(subject, bool(doc), contract, f"none on {name}")
    known = {*functions, *GIVEN_VALUES, RANDOM}
    unknown = sorted({need.removeprefix(PREVIOUS).removeprefix(GIVEN) for need in function.needs} - known)
    demand(subject, not unknown, f"the value {name} is made of values that exist", f"it asks for {unknown}")
    maker = function.made_by
    contract = f"the value {name} is made by one of {', '.join(PLAYERS)}, or by no player"
    demand(subject, maker is None or maker in PLAYERS, contract, maker)


def _ask(values: StepValues, name: str) -> Any:
    try:
        with torch.no_grad():
            return values[name]
    except (EfganError, ValueError):  # the graph was made without the part that the value needs, and says so
        return None


def values_differ_with_random_streams_alone(subject: Subject) -> None:
    """Asked for twice in one step's streams, every value is the same: runs can be repeated."""
    graph = subject.make().eval()
    answers = []
    for _ in range(2):
        modules = by_module(stages_of(graph), SCENES[0].batch(2))
        made = [
            {name: _ask(values, name) for name in functions}
            for functions, values in zip(stages_of(graph), modules, strict=True)
        ]
        answers.append(copied(tensors_in(made, "values")))
    changed = differing(*answers)
    contract = "the same weights, batch and streams give the same values"
    demand(subject, not changed, contract, f"different: {changed}")


CHECKS: Final = (
    players_share_out_the_parameters,
    named_values_can_be_asked_for,
    values_differ_with_random_streams_alone,
)
