"""Making what a recipe describes."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Any

from torch import nn
from torch.optim import Optimizer

from efgan_kit.api import FaceDataset, Maker, Metric, Schedule
from efgan_kit.errors import fail
from efgan_kit.recipe.model import ComponentUse, Recipe
from efgan_kit.recipe.wiring import target_of

Begin = Callable[[str], AbstractContextManager[None]]
"""Within what it returns, a part of the graph is made; called with the part's name, such as `generator.eyes`."""


def maker(use: ComponentUse, begin: Begin | None = None, name: str = "") -> Maker[Any]:
    """A component ready to be made. What its constructor refuses is an error at the component's place.

    Args:
        begin: Around the making of each component nested in it.
        name: What `begin` is told that this one is called.
    """
    inside = f"{name}." if name else ""
    params = {key: _made_ready(value, begin, inside + key) for key, value in use.params.items()}
    special = {
        region: {key: _made_ready(value, begin, inside + key) for key, value in values.items()}
        for region, values in use.per_region.items()
    }
    if begin is None or not name:
        return Maker(_placed(use), params, special)
    return Maker(_placed(use), params, special, lambda region: begin(f"{name}.{region}" if region else name))


def _made_ready(value: Any, begin: Begin | None, name: str) -> Any:
    if isinstance(value, ComponentUse):
        return maker(value, begin, name)
    if isinstance(value, Mapping):
        return {key: _made_ready(item, begin, f"{name}.{key}") for key, item in value.items()}
    return [_made_ready(item, begin, name) for item in value] if isinstance(value, list) else value


def _placed(use: ComponentUse) -> Callable[..., Any]:
    target = target_of(use)

    @functools.wraps(target, updated=())
    def make(*args: Any, **kwargs: Any) -> Any:
        try:
            return target(*args, **kwargs)
        except (ValueError, TypeError, RuntimeError) as error:  # torch refuses sizes by a RuntimeError
            raise fail(str(use.place), f"the {use.kind} '{use.use}' cannot be made: {error}") from error

    make.__signature__ = inspect.signature(target)  # type: ignore[attr-defined]
    return make


def build_graph(recipe: Recipe, begin: Begin | None = None) -> nn.Module:
    """The graph, its weights drawn from torch's global random state: seed it first for a repeatable one.

    Args:
        begin: Around the making of each part, called with its name: by its region and the recipe's key below `graph`.
    """
    graph: nn.Module = maker(recipe.graph, begin)(faces=recipe.faces)
    return graph


def build_losses(recipe: Recipe) -> dict[str, nn.Module]:
    """The loss terms by name, in the recipe's order."""
    return {name: maker(term.component)(faces=recipe.faces) for name, term in recipe.losses.items()}


def build_dataset(recipe: Recipe, split: str) -> FaceDataset:
    """The faces of `train` or `test`.

    Raises:
        EfganError: The recipe has no such data, or the data are at fault.
    """
    if split not in recipe.data:
        raise fail(recipe.source, f"the recipe has no data.{split}", "give it with --data or -o")
    dataset: FaceDataset = maker(recipe.data[split])(faces=recipe.faces)
    return dataset


def build_optimizer(recipe: Recipe, player: str, parameters: Iterable[nn.Parameter]) -> Optimizer:
    """The player's optimizer over `parameters`."""
    optimizer: Optimizer = recipe.optimizer.maker(player)(parameters=parameters)
    return optimizer


def build_schedule(recipe: Recipe, *, steps: int, steps_per_epoch: int) -> Schedule:
    """The learning rate's factor over a training of `steps` steps."""
    schedule: Schedule = maker(recipe.schedule)(steps=steps, steps_per_epoch=steps_per_epoch)
    return schedule


def metric_makers(recipe: Recipe) -> dict[str, Maker[Metric]]:
    """The metrics by name, to be made where their extractors are fitted; the second `frechet` is `frechet-2`."""
    makers: dict[str, Maker[Metric]] = {}
    for position, use in enumerate(recipe.metrics):
        same = sum(earlier.use == use.use for earlier in recipe.metrics[:position])
        makers[f"{use.use}-{same + 1}" if same else use.use] = maker(use)
    return makers
