"""The kinds of component: each one's contract and context, and how a recipe's choice is made into one."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, Generic, TypeVar

import attrs

from efgan_kit.api.commands import Command
from efgan_kit.api.faces import AULabeller, FaceDataset, Landmarker
from efgan_kit.api.launchers import Launcher
from efgan_kit.api.learning import Graph, LossTerm, Metric, OptimizerMaker, Schedule
from efgan_kit.api.networks import AUDiscriminator, Discriminator, FeatureExtractor, Generator, Interpolator, Refiner
from efgan_kit.api.values import NamedValue

Contract_co = TypeVar("Contract_co", covariant=True)


def _as_it_comes(part: str) -> AbstractContextManager[None]:
    return contextlib.nullcontext()


@attrs.frozen
class Maker(Generic[Contract_co]):
    """A component that a recipe has chosen and set, ready to be made where the context is known.

    Attributes:
        target: The component's class or function.
        params: The recipe's parameters.
        per_region: Parameters that differ for a region, by the region's name.
        begin: Within what it returns, the component is made; called with the name of the region, or an empty one. The
            trainer gives each part a random stream of its own by it.
    """

    target: Callable[..., Contract_co]
    params: Mapping[str, Any] = attrs.field(factory=dict)
    per_region: Mapping[str, Mapping[str, Any]] = attrs.field(factory=dict)
    begin: Callable[[str], AbstractContextManager[None]] = attrs.field(default=_as_it_comes, eq=False, repr=False)

    def __call__(self, **context: Any) -> Contract_co:
        """Make it, giving the constructor those parts of the context that it names."""
        region = context.get("region")
        special = self.per_region.get(region.name, {}) if region is not None else {}
        wanted = {
            name: context[name]
            for name, parameter in inspect.signature(self.target).parameters.items()
            if parameter.kind is not parameter.KEYWORD_ONLY and name in context
        }
        with self.begin(region.name if region is not None else ""):
            return self.target(**wanted, **{**self.params, **special})


@attrs.frozen
class Kind:
    """A kind of component: its contract, and what the framework supplies to its constructor."""

    contract: type
    context: tuple[str, ...]


KINDS: dict[str, Kind] = {
    "generator": Kind(Generator, ("region", "aus")),
    "refiner": Kind(Refiner, ("region",)),
    "discriminator": Kind(Discriminator, ("region", "aus")),
    "interpolator": Kind(Interpolator, ("aus",)),
    "au-discriminator": Kind(AUDiscriminator, ("aus",)),
    "graph": Kind(Graph, ("faces",)),
    "loss": Kind(LossTerm, ("faces",)),
    "optimizer": Kind(OptimizerMaker, ("parameters",)),
    "schedule": Kind(Schedule, ("steps", "steps_per_epoch")),
    "dataset": Kind(FaceDataset, ("faces",)),
    "extractor": Kind(FeatureExtractor, ("faces",)),
    "metric": Kind(Metric, ("faces",)),
    "launcher": Kind(Launcher, ("jobs",)),
    "landmarker": Kind(Landmarker, ()),
    "au-labeller": Kind(AULabeller, ()),
    "value": Kind(NamedValue, ()),
    "command": Kind(Command, ()),
}
