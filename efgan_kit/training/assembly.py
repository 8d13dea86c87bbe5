"""Building everything that a recipe's training needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import nn

from efgan_kit.api import GIVEN_VALUES, FaceDataset, ValueFunction, fail, stages_of
from efgan_kit.recipe import Recipe, build_dataset, build_graph, build_optimizer, build_schedule
from efgan_kit.recipe.offered_values import offered_values
from efgan_kit.recipe.wiring import players_of
from efgan_kit.training.averaging import Averaged
from efgan_kit.training.batches import BatchPlan
from efgan_kit.training.distribution.processes import ALONE, Processes
from efgan_kit.training.distribution.shares import must_not_look_at_batches
from efgan_kit.training.phases import PLAYERS, Phase, live_terms
from efgan_kit.training.precision import Precision
from efgan_kit.training.rehearsal import rehearse
from efgan_kit.training.starting import Start
from efgan_kit.training.step import Training
from efgan_kit.training.streams import seeded_build
from efgan_kit.training.unreadable import Forgiving
from efgan_kit.training.values import needed


def prepare(
    recipe: Recipe, device: torch.device, start: Start | None = None, processes: Processes = ALONE
) -> Training:
    """Build a training, each part from a random stream of its own, and rehearse its step.

    Args:
        start: The run whose weights it begins with.
        processes: Those that train together.

    Raises:
        EfganError: Recipe or data are at fault; nothing has been written.
    """
    settings = recipe.train
    faces = _faces(recipe)
    plan = BatchPlan(
        faces.people,
        batch_size=settings.batch_size,
        seed=settings.seed,
        paired=settings.paired,
        mirror=settings.mirror,
    )
    per_epoch = max(1, plan.batches_per_epoch // settings.critic_steps)
    steps = settings.steps or per_epoch * (settings.epochs or 0)
    layout = torch.channels_last if settings.channels_last else torch.contiguous_format
    graph = seeded_graph(recipe)
    terms = _terms(recipe)
    if not processes.alone:
        must_not_look_at_batches(graph, terms, recipe)
    if start is not None:
        start.give_weights(graph)
    taken_over = start.give_terms(terms) if start is not None else frozenset()
    graph.to(device).to(memory_format=layout)
    terms.to(device)
    players: Mapping[str, Sequence[nn.Module]] = graph.players()  # type: ignore[operator]
    stages = _with_offered(stages_of(graph), terms)
    training = Training(
        recipe=recipe,
        device=device,
        graph=graph,
        terms=terms,
        phases=_phases(recipe, terms, players, stages),
        stages=stages,
        averaged=Averaged(nn.ModuleList(players.get("generator", ())), settings.ema),
        precision=Precision(settings.precision, device),
        faces=faces,
        test=build_dataset(recipe, "test") if "test" in recipe.data else None,
        plan=plan,
        steps=steps,
        schedule=build_schedule(recipe, steps=steps, steps_per_epoch=per_epoch),
        taken_over=taken_over,
        processes=processes,
    )
    rehearse(training)
    return training


def seeded_graph(recipe: Recipe) -> nn.Module:
    """The graph as a training begins it: each part's weights from a stream of its own, named as the recipe names it.

    Dropping or exchanging a part leaves the beginnings of all others as they are.
    """
    seed = recipe.train.seed
    with seeded_build(seed, "graph"):
        return build_graph(recipe, lambda part: seeded_build(seed, f"graph.{part}"))


def _faces(recipe: Recipe) -> FaceDataset:
    faces = build_dataset(recipe, "train")
    if not len(faces):
        raise fail(str(recipe.data["train"].place), "data.train has no faces")
    if recipe.train.skip_corrupt:
        return Forgiving(faces, most=recipe.train.skip_corrupt, seed=recipe.train.seed)
    return faces


def _terms(recipe: Recipe) -> nn.ModuleDict:
    """The loss terms, each from a stream of its own: dropping one leaves the others as they are."""
    terms = nn.ModuleDict()
    for name, use in recipe.losses.items():
        with seeded_build(recipe.train.seed, f"losses.{name}"):
            terms[name] = use.component.maker()(faces=recipe.faces)
    return terms


def _with_offered(
    stages: Sequence[Mapping[str, ValueFunction]], terms: nn.ModuleDict
) -> list[Mapping[str, ValueFunction]]:
    """Each module's values, with those of plugins that the terms ask for."""
    asked = {name for term in terms.values() for needs in players_of(term).values() for name in needs}
    offered = {
        name: made.function for name, made in offered_values(asked, {*stages[0], *GIVEN_VALUES}).items()
    }
    return [{**offered, **functions} for functions in stages]


def _phases(
    recipe: Recipe,
    terms: nn.ModuleDict,
    players: Mapping[str, Sequence[nn.Module]],
    stages: Sequence[Mapping[str, ValueFunction]],
) -> list[Phase]:
    """A phase for each player that has parameters and live terms, in the order of `PLAYERS`."""
    every = {name: use.every for name, use in recipe.losses.items()}
    known = {*stages[0], *GIVEN_VALUES}
    phases = []
    for player in PLAYERS:
        weights = {name: use.weight_for(player) for name, use in recipe.losses.items()}
        live = live_terms(player, dict(terms), weights, every, known)
        asked = tuple(need for term in live for need in term.needs)
        for functions in stages:
            needed(functions, GIVEN_VALUES, asked)
        modules = players.get(player, ())
        parameters = [parameter for module in modules for parameter in module.parameters()]
        if live and parameters:
            optimizer = build_optimizer(recipe, player, parameters)
            phases.append(Phase(player, modules, live, optimizer, recipe.train.clip))
    if not phases:
        hint = "give at least one term a weight other than 0"
        raise fail(recipe.source, "no loss term teaches anyone: there is nothing to train", hint)
    return phases
