"""The named values of one step: computed when first asked for, at most once a phase, only if asked for."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from efgan_kit.api import ValueFunction, fail, nearest

RANDOM = "random"
GIVEN, PREVIOUS = "given_", "previous_"


def chained(
    stages: Sequence[Mapping[str, ValueFunction]],
    given: Mapping[str, Tensor],
    random: Callable[[str], torch.Generator],
) -> list[StepValues]:
    """The values of every module of a graph on one batch, each knowing those of the module before it.

    The second module's consumers draw from streams of their own, called `NAME@2`, and so on.
    """
    chain: list[StepValues] = []
    for place, functions in enumerate(stages, start=1):
        own = random if place == 1 else functools.partial(_numbered, random, place)
        chain.append(StepValues(functions, given, own, chain[-1] if chain else None))
    return chain


def _numbered(random: Callable[[str], torch.Generator], place: int, consumer: str) -> torch.Generator:
    return random(f"{consumer}@{place}")


class StepValues:
    """What the loss terms of one step share.

    Args:
        functions: How each value is computed, by name.
        given: The batch's own values.
        random: Makes the stream of a consumer in this step.
        previous: The values of the module before, in a graph of several.
    """

    def __init__(
        self,
        functions: Mapping[str, ValueFunction],
        given: Mapping[str, Tensor],
        random: Callable[[str], torch.Generator],
        previous: StepValues | None = None,
    ) -> None:
        self._previous = previous
        self._functions = functions
        self._given = given
        self._random = random
        self._made: dict[str, Any] = {}
        self._player: str | None = None

    def begin(self, player: str) -> None:
        """Begin a player's phase: what other players made becomes constant, the rest is forgotten.

        Another player's pictures are reused without their history; the player's own values and those of no
        one player are computed anew, since weights have moved or gradients are wanted.
        """
        self._player = player
        self._made = {
            name: _detached(made)
            for name, made in self._made.items()
            if self._functions[name].made_by not in (None, player)
        }

    def __getitem__(self, name: str) -> Any:
        if name not in self._functions:
            return self._elsewhere(name)
        if name not in self._made:
            function = self._functions[name]
            constant = function.made_by not in (None, self._player)
            with torch.set_grad_enabled(torch.is_grad_enabled() and not constant):
                needs = self.collect(function.needs, consumer=f"values.{name}")
                self._made[name] = function.function(**needs)
        return self._made[name]

    def _elsewhere(self, name: str) -> Any:
        """A value of the batch, by its name or as `given_NAME`, or the module before's `previous_NAME`."""
        if name not in self._given and self._previous is not None and name.startswith(PREVIOUS):
            return self._previous[name.removeprefix(PREVIOUS)]
        return self._given[name if name in self._given else name.removeprefix(GIVEN)]

    def at_hand(self, name: str) -> Any:
        """A value if it has been made already, or None: to look must cost nothing and move nothing."""
        return self._made.get(name)

    def not_finite(self) -> list[str]:
        """The values at hand, those of the batch included, that have a number that is not finite."""
        return [name for name, made in {**self._given, **self._made}.items() if not _finite(made)]

    def collect(self, names: tuple[str, ...], consumer: str) -> dict[str, Any]:
        """The values called `names`; `random` among them is the consumer's own stream."""
        return {name: self.stream(consumer) if name == RANDOM else self[name] for name in names}

    def stream(self, consumer: str) -> torch.Generator:
        """The random stream of a consumer in this step."""
        return self._random(consumer)


def attention_maps(modules: Sequence[StepValues]) -> dict[str, Tensor]:
    """By region, `(B, 1, h, w)` in [0, 1], without history; `REGION@K` is module K's, where there are several."""
    found: dict[str, Tensor] = {}
    for place, values in enumerate(modules, start=1):
        with torch.no_grad():
            maps = values["attention"]
        regions = maps if isinstance(maps, Mapping) else {"face": maps}
        suffix = f"@{place}" if len(modules) > 1 else ""
        found |= {f"{name}{suffix}": map_.detach() for name, map_ in regions.items()}
    return found


def needed(functions: Mapping[str, ValueFunction], given: Mapping[str, Any], asked: tuple[str, ...]) -> set[str]:
    """All values that must be computed for those asked for, the given ones left out.

    Raises:
        EfganError: A value is neither given nor declared by the graph or a plugin.
    """
    found: set[str] = set()
    waiting = [name for name in asked if name != RANDOM]
    while waiting:
        name = waiting.pop().removeprefix(PREVIOUS)
        if name in found:
            continue
        if name not in functions:
            if name.removeprefix(GIVEN) in given:
                continue
            raise fail(name, "no such named value in this graph", nearest(name, [*functions, *given]))
        found.add(name)
        waiting += [need for need in functions[name].needs if need != RANDOM]
    return found


def _finite(made: Any) -> bool:
    if isinstance(made, Tensor):
        return not made.is_floating_point() or bool(torch.isfinite(made).all())
    parts = made.values() if isinstance(made, Mapping) else made if isinstance(made, tuple) else ()
    return all(_finite(part) for part in parts)


def _detached(made: Any) -> Any:
    """A value without its history: tensors, and mappings and named tuples of them."""
    if isinstance(made, Tensor):
        return made.detach()
    if isinstance(made, Mapping):
        return {key: _detached(part) for key, part in made.items()}
    if isinstance(made, tuple):
        parts = [_detached(part) for part in made]
        return type(made)(*parts) if hasattr(made, "_fields") else tuple(parts)
    return made
