"""Learning: loss terms and the graphs whose values they ask for, optimizers, schedules, and metrics."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, runtime_checkable

from torch import Tensor, nn
from torch.optim import Optimizer


class LossTerm(Protocol):
    """A module with a method for each player it teaches: `generator`, `discriminator` or `interpolator`.

    Each method names, as parameters, the values of the graph it wants and returns a scalar to be minimised. A
    parameter called `random` receives a `torch.Generator` of the term's own. Context: `faces`.

    A term that must learn something before the first step (a frozen regressor, say) has a method
    `prepare(self, faces: FaceDataset, random: torch.Generator) -> None`, called once in a new run.

    Of several processes each computes the loss of its share of the batch, and the mean is taken: right for means over
    faces. What is drawn for each face has the number of faces as its leading dimension. A term whose loss is none of
    these, which compares the faces of a batch with each other, say, has an attribute `looks_at_batch = True`, and is
    refused there.
    """


class Graph(Protocol):
    """One EF-GAN, or a cascade of them: an `nn.Module` whose `@value` methods are what loss terms may ask for.

    Context: `faces`. Nested components are constructor parameters annotated `Maker[Generator]` and the like.

    A graph of several modules also has `stages() -> list[dict[str, ValueFunction]]`: each module's named values.
    Every loss term is computed in every module, and the sum is what is minimised. A module's value may ask for
    `given_x`, the batch's x, and for `previous_x`, the x of the module before; one called like a value of the batch
    stands in its place. The class names those that declare the values: `values_declared_by = (...)`.

    A part of a graph may be built for some values alone: `built_for`, an attribute of the class, names these by the
    recipe's key below `graph` (`{"au_discriminator": ("au_judge",)}`). An ablation leaves the part out when no live
    term needs any of them; a part that editing uses is never listed.

    A graph with a constructor parameter `start_from` can begin with the weights of a run: `initialise(trained)` takes
    them over from the run's graph or raises ValueError; `parts()` names what it takes, by the recipe's keys below
    `graph`.
    """

    def players(self) -> Mapping[str, Sequence[nn.Module]]:
        """The modules each player optimises: `generator`, `discriminator`, `interpolator`."""
        ...

    def edit(self, source: Tensor, landmarks: Tensor, source_aus: Tensor, target_aus: Tensor) -> Edited:
        """Edits pictures, as a user of the trained graph does."""
        ...


class Edited(NamedTuple):
    """What a graph returns to those who edit with it."""

    image: Tensor
    """The final picture `(B, 3, H, W)` in [-1, 1]."""
    initial: Tensor
    """The face branch's own output."""
    attention: Tensor
    """`(B, 1, H, W)`: the regions' attention maps laid over the face's."""
    steps: Sequence[Tensor]
    """The face after each module of a cascade; for a single EF-GAN, the final picture alone."""
    targets: Sequence[Tensor] = ()
    """`(B, A)` for each of `steps`: the AUs that it was asked for. Empty where a graph does not say."""


@runtime_checkable
class Metric(Protocol):
    """A figure of a finished run. Like a loss term, it names what it wants and gets it; see docs/values.md.

    A metric may declare values of its own by methods marked `@value()`; they are computed batch by batch. A
    `Maker[FeatureExtractor]` among its parameters makes extractors that are fitted already. Figures get intervals by
    asking again over resampled people; a metric whose figures that would falsify has an attribute
    `resampled = False`, and is asked once, of all pairs.
    """

    def __call__(self, *args: Any) -> Mapping[str, float]: ...


@runtime_checkable
class OptimizerMaker(Protocol):
    """Makes an optimizer over `parameters`. Context: `parameters`."""

    def __call__(self, parameters: Iterable[nn.Parameter]) -> Optimizer: ...


@runtime_checkable
class Schedule(Protocol):
    """The learning rate's factor at a step in [0, steps). Context: `steps`, `steps_per_epoch`."""

    def __call__(self, step: int) -> float: ...
