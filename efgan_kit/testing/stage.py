"""The small EF-GAN on whose values loss terms are examined."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from efgan_kit.api import Maker, ValueFunction
from efgan_kit.components.discriminators.patch_critic import PatchCritic
from efgan_kit.components.generators.warp_and_paint import WarpAndPaint
from efgan_kit.components.graphs.ef_gan import EFGAN
from efgan_kit.components.interpolators.au_critic import AUCritic
from efgan_kit.components.interpolators.residual_mlp import ResidualMLP
from efgan_kit.components.refiners.residual_refiner import ResidualRefiner
from efgan_kit.testing.graphs import step_values
from efgan_kit.testing.scenes import SQUARE
from efgan_kit.testing.subject import Subject
from efgan_kit.training.phases import asked_by
from efgan_kit.training.streams import seeded_build, stream
from efgan_kit.training.values import RANDOM, StepValues


def stage() -> EFGAN:
    """A small EF-GAN with every value that the built-in graphs have, flows among them."""
    return copy.deepcopy(_builtstage())


@functools.cache
def _builtstage() -> EFGAN:
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


def asked_values(subject: Subject, term: nn.Module, player: str, graph: EFGAN, batch: int) -> dict[str, Any]:
    """What the term's method asks for, computed as in the player's phase; `random` is left out."""
    values: StepValues = step_values(graph, SQUARE, batch)
    values.begin(player)
    names = [name for name in asked_by(term, player) if name != RANDOM]
    return {name: subject.values[name] if name in subject.values else values[name] for name in names}


def loss_of(term: nn.Module, player: str, asked: Mapping[str, Any]) -> Tensor:
    drawn = {RANDOM: stream(0, "term")} if RANDOM in asked_by(term, player) else {}
    return getattr(term, player)(**asked, **drawn)


def made_with(name: str, player: str, functions: Mapping[str, ValueFunction]) -> bool:
    """Whether the player's modules have a part in a value."""
    if name not in functions:
        return False
    function = functions[name]
    return function.made_by == player or any(made_with(need, player, functions) for need in function.needs)


def doubled(value: Any) -> Any:
    """A batch with every face in it twice."""
    return _mapped(value, lambda tensor: torch.cat([tensor, tensor]) if tensor.dim() else tensor)


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

    return _mapped(value, leaf)


def _mapped(value: Any, change: Callable[[Tensor], Tensor]) -> Any:
    if isinstance(value, Tensor):
        return change(value)
    if isinstance(value, nn.Module):
        return copy.deepcopy(value).double() if change.__name__ == "leaf" else value
    if isinstance(value, Mapping):
        return {key: _mapped(part, change) for key, part in value.items()}
    if isinstance(value, tuple):
        parts = [_mapped(part, change) for part in value]
        return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
    return value
