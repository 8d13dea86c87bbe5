"""Each process's share of every batch."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
from torch import nn

from efgan_kit.api import fail
from efgan_kit.recipe import Recipe
from efgan_kit.training.batches import BatchPlan, Draw
from efgan_kit.training.distribution.processes import Processes


@attrs.frozen
class SharedPlan:
    """The draws of this process's share of every batch: all shares together are the batch, none overlap.

    What is summed over the truths of the whole batch is, in each process, `count` times as much: the mean over the
    processes is the sum over the batch.
    """

    plan: BatchPlan
    processes: Processes

    def __getitem__(self, batch: int) -> Sequence[Draw]:
        draws, count = self.plan[batch], self.processes.count
        size = len(draws) // count
        mine = draws[self.processes.rank * size : (self.processes.rank + 1) * size]
        return [attrs.evolve(draw, truth_share=draw.truth_share * count) for draw in mine]


def must_share_evenly(recipe: Recipe, count: int) -> None:
    """Raises EfganError unless `count` processes can take equal shares of a batch, as means over it require."""
    size = recipe.train.batch_size
    if size % count:
        counts = ", ".join(str(number) for number in range(1, size + 1) if not size % number)
        more = size + count - size % count
        hint = f"train in {counts} processes, or with -o train.batch_size={more}"
        raise fail("train.batch_size", f"{count} processes can't share a batch of {size} evenly", hint)


def must_not_look_at_batches(graph: nn.Module, terms: nn.ModuleDict, recipe: Recipe) -> None:
    """Raises EfganError if a loss term, or a normalisation of the graph, looks at the whole batch."""
    for name, term in terms.items():
        if getattr(term, "looks_at_batch", False):
            use = recipe.losses[name].component
            what = f"losses.{name} looks at the whole batch, which no process has"
            raise fail(str(use.place), what, "train in one process, or drop the term")
    for name, part in graph.named_modules():
        if isinstance(part, nn.modules.batchnorm._BatchNorm) and part.training:
            what = f"graph.{name} is a {type(part).__name__}: it looks at the whole batch, which no process has"
            hint = "train in one process, or use a component with another normalisation"
            raise fail(str(recipe.graph.place), what, hint)
