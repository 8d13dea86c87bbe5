"""Trying an arm for a few steps: what it begins with, what it is shown, and what its step computes.

Everything here is the same on every machine that rounds alike; times are taken elsewhere.
"""

from __future__ import annotations

import contextlib
import hashlib
import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import attrs
import torch
from torch import Tensor, nn

from efgan_kit.evaluation.ablation.step_costs import CountedFlops, KeptForGradients
from efgan_kit.recipe import Recipe
from efgan_kit.recipe.inspection import parts_of
from efgan_kit.training.assembly import prepare
from efgan_kit.training.batches import assemble, to_device
from efgan_kit.training.starting import start_of
from efgan_kit.training.step import Training
from efgan_kit.training.streams import stream

BATCHES: Final = 4
"""Batches whose draws are compared; the pixels of the first are, too."""
LONGEST: Final = 60
"""Steps that are counted at most, where terms count in every so many."""


@attrs.frozen
class Trial:
    """What is known of an arm before it is trained.

    Attributes:
        weights: By the recipe's key of a part, and the name of its tensor, a hash of what that begins with.
        draws: By batch, a hash of which faces it shows, edited to what.
        given: By name, a hash of the first batch's values.
        streams: By consumer of random numbers, a hash of where its generators stand after the first step: of what they
            began with, and how much was drawn.
        calls: By module, how often a step calls it.
        parameters: How many numbers are learned.
        flops: Floating-point operations a step, as far as they are counted.
        kept: Bytes kept for gradients at the worst moment of a step.
    """

    weights: Mapping[str, Mapping[str, str]]
    draws: tuple[str, ...]
    given: Mapping[str, str]
    streams: Mapping[str, str]
    calls: Mapping[str, float]
    parameters: int
    flops: float
    kept: int

    def to_plain(self) -> dict[str, Any]:
        return attrs.asdict(self)


def try_out(recipe: Recipe, device: torch.device) -> Trial:
    """Build the training of an arm, look at its beginning, and take as many steps as its terms need to all count.

    Nothing is written. What terms learn beforehand is left out: it moves no other number.

    Raises:
        EfganError: The recipe or its data are at fault, or its step fails.
    """
    training = beginning_of(recipe, device)
    weights = {key: _hashes(tensors) for key, tensors in _by_key(training).items()}
    plan = training.plan
    draws = [_hash(repr(plan[number])) for number in range(BATCHES)]
    first = _first_batch(training)
    given = {name: _hash(tensor) for name, tensor in first.items()}
    period = period_of(recipe)
    drawn: dict[str, list[torch.Generator]] = {}
    training.streams = _note(drawn)
    with _counted(training.graph) as calls, KeptForGradients() as kept, CountedFlops() as flops:
        take_step(training)
        streams = {name: _hash(torch.stack([r.get_state() for r in used])) for name, used in drawn.items()}
        training.streams = stream
        for _ in range(period - 1):
            take_step(training)
    return Trial(
        weights=weights,
        draws=tuple(draws),
        given=given,
        streams=streams,
        calls={name: count / period for name, count in sorted(calls.items())},
        parameters=sum(p.numel() for phase in training.phases for p in phase.parameters),
        flops=flops.total / period,
        kept=kept.most,
    )


def beginning_of(recipe: Recipe, device: torch.device) -> Training:
    """The training as it stands before its first step, but for what terms learn beforehand."""
    return prepare(recipe, device, start_of(recipe))


def period_of(recipe: Recipe) -> int:
    """After how many steps the terms' `every` come round again, capped."""
    return min(LONGEST, math.lcm(*(term.every for term in recipe.losses.values())))


def take_step(training: Training) -> None:
    """The next step, of the recipe's own batches."""
    training.take_step(*batches_of(training, training.step))


def batches_of(training: Training, step: int) -> tuple[dict[str, Tensor], list[dict[str, Tensor]]]:
    """The batch of a step, and those that the discriminators see beforehand."""
    count = training.recipe.train.critic_steps
    *extra, given = (_batch(training, step * count + number) for number in range(count))
    return given, extra


def _batch(training: Training, number: int) -> dict[str, Tensor]:
    settings = training.recipe.train
    batch = assemble(training.faces, training.plan[number], settings.target_noise)
    return to_device(batch, training.device, settings.channels_last)


def _first_batch(training: Training) -> dict[str, Tensor]:
    return assemble(training.faces, training.plan[0], training.recipe.train.target_noise)


def _by_key(training: Training) -> dict[str, dict[str, Tensor]]:
    """What the graph and the loss terms hold, by the recipe's key for the part that holds it."""
    graph = training.graph
    # A cascade names the parts of its first module; each EF-GAN in it names its own.
    named = [parts() for module in graph.modules() if callable(parts := getattr(module, "parts", None))]
    owners = {
        id(tensor): f"graph.{key}"
        for parts in reversed(named)
        for key, part in parts.items()
        for tensor in _tensors(part).values()
    }
    found: dict[str, dict[str, Tensor]] = {}
    for name, tensor in _tensors(graph).items():
        found.setdefault(owners.get(id(tensor), "graph"), {})[name] = tensor
    for name, term in training.terms.items():
        if own := _tensors(term):
            found[f"losses.{name}"] = own
    return found


def _tensors(module: nn.Module) -> dict[str, Tensor]:
    return module.state_dict(keep_vars=True)


def _hashes(tensors: Mapping[str, Tensor]) -> dict[str, str]:
    return {name: _hash(tensor) for name, tensor in tensors.items()}


def _hash(content: Tensor | str) -> str:
    data = content.encode() if isinstance(content, str) else _bytes(content)
    return hashlib.blake2b(data, digest_size=8).hexdigest()


def _bytes(tensor: Tensor) -> bytes:
    flat = tensor.detach().cpu().contiguous()
    return repr((flat.dtype, tuple(flat.shape))).encode() + flat.view(-1).view(torch.uint8).numpy().tobytes()


def _note(drawn: dict[str, list[torch.Generator]]) -> Callable[[int, str, int], torch.Generator]:
    """Streams as they are, each remembered by its consumer."""

    def noted(seed: int, consumer: str, step: int) -> torch.Generator:
        random = stream(seed, consumer, step)
        drawn.setdefault(consumer, []).append(random)
        return random

    return noted


@contextlib.contextmanager
def _counted(graph: nn.Module) -> Iterator[Counter[str]]:
    """Within, the calls of the graph's components are counted, by their names."""
    calls: Counter[str] = Counter()

    def count(name: str) -> Callable[..., None]:
        return lambda *_: calls.update([name])

    hooks = [module.register_forward_hook(count(name)) for name, module in parts_of(graph)]
    try:
        yield calls
    finally:
        for hook in hooks:
            hook.remove()
