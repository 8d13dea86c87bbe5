"""The small graph on whose values loss terms and plugins' values are examined."""

from __future__ import annotations

import copy
import functools
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from efgan_kit.api import GIVEN_VALUES, Maker, ValueFunction, named_value, stages_of
from efgan_kit.components.discriminators.patch_critic import PatchCritic
from efgan_kit.components.generators.warp_and_paint import WarpAndPaint
from efgan_kit.components.graphs.ef_gan import EFGAN
from efgan_kit.components.interpolators.au_critic import AUCritic
from efgan_kit.components.interpolators.residual_mlp import ResidualMLP
from efgan_kit.components.refiners.residual_refiner import ResidualRefiner
from efgan_kit.recipe.offered_values import offered_values
from efgan_kit.recipe.wiring import declared_values, players_of
from efgan_kit.registry import Offer, catalogue
from efgan_kit.testing.examples import subject_of
from efgan_kit.testing.graphs import by_module
from efgan_kit.testing.scenes import SQUARE
from efgan_kit.testing.subject import Subject
from efgan_kit.training.phases import asked_by
from efgan_kit.training.streams import seeded_build, stream
from efgan_kit.training.values import RANDOM, StepValues


def stage_of(subject: Subject) -> nn.Module:
    """A graph that has what a term or value asks for: a small EF-GAN, or the first installed graph that has it all.

    It is everybody's: copy it to teach it.
    """
    asked = _asked(subject)
    offered = offered_values(asked, {*declared_values(EFGAN), *GIVEN_VALUES})
    lacking = {*asked, *(need for made in offered.values() for need in made.function.needs)}
    lacking -= {*offered, *declared_values(EFGAN), *GIVEN_VALUES, *subject.values, RANDOM}
    if lacking:
        for offer in catalogue().of_kind("graph"):
            if lacking <= set(declared_values(offer.load())):
                return _other(offer)
    return _ef_gan()


def functions_of(graph: nn.Module, subject: Subject) -> dict[str, ValueFunction]:
    """The graph's named values, and those that plugins offer of what the subject asks for."""
    own = stages_of(graph)[0]
    offered = offered_values(_asked(subject), {*own, *GIVEN_VALUES})
    return {**{name: made.function for name, made in offered.items()}, **own}


def values_known(graph: nn.Module, subject: Subject) -> set[str]:
    """What the subject may ask for on this graph."""
    return {*functions_of(graph, subject), *GIVEN_VALUES, *subject.values}


def values_on(graph: nn.Module, subject: Subject, batch: int) -> StepValues:
    """The named values of a training step on the graph; of several modules, the first's."""
    return by_module([functions_of(graph, subject)], {**SQUARE.batch(batch), **subject.values})[0]


def _asked(subject: Subject) -> set[str]:
    if subject.kind == "value":
        return {*named_value(subject.target).needs}
    return {name for needs in players_of(subject.target).values() for name in needs}


@functools.cache
def _other(offer: Offer) -> nn.Module:
    with tempfile.TemporaryDirectory() as folder:
        graph: nn.Module = subject_of(offer, Path(folder)).make(SQUARE)
    return graph.eval()


@functools.cache
def _ef_gan() -> EFGAN:
    """One with every value that the built-in graphs have, flows among them."""
    critic = Maker(PatchCritic, {"width": 4, "layers": 2})
    final = Maker(PatchCritic, {"width": 4, "layers": 3, "predicts_aus": True})
    with seeded_build(0, "stage"):
        graph = EFGAN(
            SQUARE.faces,
            generator=Maker(WarpAndPaint, {"width": 4}),
            refiner=Maker(ResidualRefiner, {"width": 4}),
            discriminators={"initial": critic, "final": final},
            interpolator=Maker(ResidualMLP, {"width": 8}),
            au_discriminator=Maker(AUCritic, {"width": 8}),
        )
    return graph.eval()


def asked_values(subject: Subject, term: nn.Module, player: str, graph: nn.Module, batch: int) -> dict[str, Any]:
    """What the term's method asks for, computed as in the player's phase; `random` is left out."""
    values = values_on(graph, subject, batch)
    values.begin(player)
    names = [name for name in asked_by(term, player) if name != RANDOM]
    return {name: subject.values[name] if name in subject.values else values[name] for name in names}


def loss_of(term: nn.Module, player: str, asked: Mapping[str, Any]) -> Tensor:
    """The term's loss for the player, of the values it asks for, and a random stream if it asks for one."""
    return getattr(term, player)(**asked, **drawn_by(term, player))


def drawn_by(term: nn.Module, player: str) -> dict[str, torch.Generator]:
    """The random stream of a term that asks for one."""
    return {RANDOM: stream(0, "term")} if RANDOM in asked_by(term, player) else {}


def made_with(name: str, player: str, functions: Mapping[str, ValueFunction]) -> bool:
    """Whether the player's modules have a part in a value."""
    if name not in functions:
        return False
    function = functions[name]
    return function.made_by == player or any(made_with(need, player, functions) for need in function.needs)


def doubled(asked: Mapping[str, Any]) -> dict[str, Any]:
    """What a term asks for of a batch, with every face in it twice."""
    twice = mapped(asked, lambda tensor: torch.cat([tensor, tensor]) if tensor.dim() else tensor)
    # A truth's share of the sum over the batch is half of what it was.
    return {name: value / 2 if name == "truth_share" else value for name, value in twice.items()}


def as_leaves(value: Any) -> Any:
    """Values in double precision that gradients are taken of.

    They are moved by noise inside their own range: an untrained graph changes little, and near no change
    distances have a kink that finite differences would step over.
    """
    noise = stream(0, "leaves")

    def leaf(tensor: Tensor) -> Tensor:
        if not tensor.is_floating_point():
            return tensor.detach()
        exact = tensor.detach().double()
        low, high = exact.min(), exact.max()
        elsewhere = low + (high - low) * torch.rand(exact.shape, generator=noise, dtype=exact.dtype)
        return torch.lerp(exact, elsewhere, 0.3).requires_grad_()

    return mapped(value, leaf, lambda module: copy.deepcopy(module).double())


def mapped(
    value: Any, change: Callable[[Tensor], Tensor], move: Callable[[nn.Module], nn.Module] | None = None
) -> Any:
    """The value with every tensor in it changed, and the modules in it, such as critics, moved."""
    if isinstance(value, Tensor):
        return change(value)
    if isinstance(value, nn.Module):
        return value if move is None else move(value)
    if isinstance(value, Mapping):
        return {key: mapped(part, change, move) for key, part in value.items()}
    if isinstance(value, tuple):
        parts = [mapped(part, change, move) for part in value]
        return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
    return value
