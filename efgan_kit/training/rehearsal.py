"""A rehearsal of the training step, so that what cannot work fails before anything is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import attrs
import torch
from torch import Tensor, nn

from efgan_kit.api import EfganError, Fault, fail
from efgan_kit.recipe import ComponentUse, Recipe
from efgan_kit.registry.distributions import OWN
from efgan_kit.training.batches import assemble, to_device
from efgan_kit.training.modes import evaluating, only_learns
from efgan_kit.training.phases import LiveTerm, Phase
from efgan_kit.training.step import Training
from efgan_kit.training.streams import drawn_globally, stream
from efgan_kit.training.values import StepValues

FACES = 2


def rehearse(training: Training) -> None:
    """Compute the loss of every live term once, and edit once, on the first few faces; nothing is learned.

    All modules are in eval mode, so that no running statistic moves, and no consumer's random numbers are
    used up: streams are drawn by name.

    Raises:
        EfganError: The graph lacks what a term asks for, a component of a plugin fails, or nobody learns.
    """
    recipe, everything = training.recipe, (training.graph, training.terms)
    draws = training.plan[0][:FACES]
    batch = assemble(training.faces, draws, recipe.train.target_noise)
    values = training.values(to_device(batch, training.device, recipe.train.channels_last))
    faults: list[Fault] = []
    with evaluating(*everything), drawn_globally(stream(recipe.train.seed, "rehearsal")):
        for phase in training.phases:
            with only_learns(phase.modules, everything), training.precision.autocast():
                faults += _faults_of_phase(phase, values, recipe)
        if not faults:
            edit = partial(_edit, training.graph, values[0])
            with torch.no_grad(), training.precision.autocast():
                faults += _faults_of(edit, recipe, recipe.graph, "graph")
    if faults:
        raise EfganError(*dict.fromkeys(faults))


def _faults_of_phase(phase: Phase, modules: Sequence[StepValues], recipe: Recipe) -> list[Fault]:
    for values in modules:
        values.begin(phase.player)
    losses: list[Tensor] = []
    faults: list[Fault] = []
    for term in phase.terms:
        component = recipe.losses[term.name].component
        faults += _faults_of(partial(_compute, term, modules, losses), recipe, component, f"losses.{term.name}")
    if not faults and not any(loss.requires_grad for loss in losses):
        names = " and ".join(f"losses.{term.name}" for term in phase.terms)
        what = f"the {phase.player} can learn nothing from {names}: no loss depends on its weights"
        return [Fault(recipe.source, what, f"drop {names}, or use components that can be taught so")]
    return faults


def _compute(term: LiveTerm, modules: Sequence[StepValues], losses: list[Tensor]) -> None:
    for values in modules:
        loss: Any = term.loss(values)
        if not isinstance(loss, Tensor) or loss.dim():
            what = f"a tensor {tuple(loss.shape)}" if isinstance(loss, Tensor) else f"a {type(loss).__name__}"
            raise fail("", f"its loss for the {term.method} is {what}, not a scalar tensor")
        losses.append(loss)


def _edit(graph: nn.Module, values: StepValues) -> None:
    source = values["given_source"]
    names = ("source", "landmarks", "source_aus", "target_aus")
    edited = graph.edit(*(values[f"given_{name}"] for name in names))  # type: ignore[operator]
    if edited.image.shape != source.shape:
        shapes = f"{tuple(source.shape)} to {tuple(edited.image.shape)}"
        raise fail("", f"it edits pictures of shape {shapes}")


def _faults_of(action: Callable[[], None], recipe: Recipe, use: ComponentUse, who: str) -> list[Fault]:
    """What is wrong with `action`, each fault at the recipe's place of the component.

    An exception that nobody foresaw may be a plugin's, if the recipe uses any; else it is ours and goes on.
    """
    place = str(use.place)
    try:
        action()
    except EfganError as error:
        where = [f"{fault.where}: " if fault.where else "" for fault in error.faults]
        return [
            attrs.evolve(fault, where=place, what=f"{who}: {inner}{fault.what}")
            for fault, inner in zip(error.faults, where, strict=True)
        ]
    except Exception as error:
        offers = [component.offer for component in recipe.components() if component.offer is not None]
        plugins = sorted({offer.distribution for offer in offers} - {OWN})
        if not plugins:
            raise
        hint = f"the recipe uses components of {', '.join(plugins)}"
        return [Fault(place, f"{who}: {type(error).__name__}: {error}", hint)]
    return []
