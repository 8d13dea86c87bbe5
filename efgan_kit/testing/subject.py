"""A component under examination: made as the framework makes it, called as the framework calls it."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

import attrs
import numpy as np
import torch
from torch import Tensor, nn

from efgan_kit.api import KINDS, Maker
from efgan_kit.errors import EfganError
from efgan_kit.registry import Offer
from efgan_kit.registry.signature import signature_of
from efgan_kit.testing.contract import NotExaminedError, demand
from efgan_kit.testing.scenes import SQUARE, Scene

Tensors = dict[str, Tensor]


@attrs.frozen(eq=False)
class Subject:
    """A component and how to make it.

    Attributes:
        kind: Its kind, a key of `efgan_kit.api.KINDS`.
        target: Its class or function.
        params: The recipe's parameters; choose small ones, for every check makes it anew.
        values: For a loss term or metric: what it asks for, where the graph `ef-gan` has no such named value. For a
            landmarker `pictures`, in each of which it finds a face; for an AU labeller `faces`, (picture, face) each.
        offer: The plugin's offer of it, where it was found by its name.
    """

    kind: str
    target: Callable[..., Any]
    params: Mapping[str, Any] = attrs.field(factory=dict)
    values: Mapping[str, Any] = attrs.field(factory=dict)
    offer: Offer | None = None

    def __str__(self) -> str:
        if self.offer is not None:
            return f"{self.kind} {self.offer.name} of {self.offer.origin}"
        return f"{self.kind} {getattr(self.target, '__name__', self.target)}"

    def make(self, scene: Scene = SQUARE, seed: int = 0) -> Any:
        """The component, its weights drawn under `seed`; the global random state is as before afterwards."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return self.make_here(self.params, scene)

    def make_with_defaults(self, scene: Scene = SQUARE) -> Any:
        """The component with those parameters alone that it cannot do without."""
        keys = signature_of(self.target, self.kind).parameters.values()
        return self.make_here({p.name: self.params[p.name] for p in keys if p.required}, scene)

    def make_here(self, params: Mapping[str, Any], scene: Scene, **more: Any) -> Any:
        """The component under whatever random state and device are set."""
        region = scene.faces.face if self.kind == "refiner" else scene.region
        known: dict[str, Any] = {"region": region, "aus": scene.aus, "faces": scene.faces, "jobs": 1, **more}
        context = {name: known[name] for name in KINDS[self.kind].context}
        try:
            return Maker(self.target, params)(**context)
        except EfganError as error:  # its engine, say, is not installed on this machine
            raise NotExaminedError(f"it cannot be made here: {error}") from error


class Check(Protocol):
    """One thing that every component of a kind must hold."""

    __name__: str

    def __call__(self, subject: Subject) -> None:
        """Raises AssertionError where it does not."""
        ...


def inputs_of(kind: str, scene: Scene, batch: int = 2) -> tuple[Tensor, ...]:
    """What the framework calls a component of that kind with; a graph, to edit."""
    source, target = scene.au_vectors(batch, "source_aus"), scene.au_vectors(batch, "target_aus")
    face = scene.faces.face
    if kind == "generator":
        return scene.pictures(batch, scene.region), source, target
    if kind == "refiner":
        return scene.pictures(batch, face, "face"), scene.pictures(batch, face, "pasted")
    if kind == "extractor":
        return (scene.pictures(batch, face),)
    if kind == "discriminator":
        return (scene.pictures(batch, scene.region),)
    if kind == "interpolator":
        return source, target - source
    if kind == "au-discriminator":
        return (source,)
    return scene.pictures(batch, face, "source"), scene.landmarks(batch), source, target


def call(subject: Subject, module: nn.Module, inputs: tuple[Tensor, ...]) -> Any:
    """Call the component as the framework does."""
    return module.edit(*inputs) if subject.kind == "graph" else module(*inputs)  # type: ignore[operator]


def tensors_in(output: Any, name: str = "output") -> Tensors:
    """The tensors of nested mappings, sequences and named tuples, by dotted name."""
    if isinstance(output, Tensor):
        return {name: output}
    if isinstance(output, Mapping):
        parts: Any = output.items()
    elif isinstance(output, tuple) and hasattr(output, "_fields"):
        parts = zip(output._fields, output, strict=True)
    elif isinstance(output, (list, tuple)):
        parts = enumerate(output)
    else:
        return {}
    return {
        key: tensor for part, value in parts for key, tensor in tensors_in(value, f"{name}.{part}").items()
    }


def differing(first: Tensors, second: Tensors) -> list[str]:
    """The names under which two sets of tensors are not equal, bit for bit."""
    names = sorted({*first, *second})
    return [n for n in names if n not in first or n not in second or not torch.equal(first[n], second[n])]


def copied(tensors: Mapping[str, Any]) -> Tensors:
    """The tensors as they are now; what is none is left out."""
    return {name: tensor.detach().clone() for name, tensor in tensors.items() if isinstance(tensor, Tensor)}


@contextlib.contextmanager
def global_randomness_stays(subject: Subject, doing: str) -> Iterator[None]:
    """Demand that nothing within draws from Python's, NumPy's or torch's global generator, or seeds it."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(20_200_614)
        before = _random_states()
        yield
        after = _random_states()
    moved = [library for library, state in before.items() if after[library] != state]
    contract = f"{doing} leaves the global random state alone; a torch.Generator is there for draws"
    demand(subject, not moved, contract, f"the state of {' and '.join(moved)} has changed")


def _random_states() -> dict[str, Any]:
    numpy: Any = np.random.get_state()
    return {
        "torch": torch.get_rng_state().numpy().tobytes(),
        "random": random.getstate(),
        "numpy": (numpy[1].tobytes(), *numpy[2:]),
    }
