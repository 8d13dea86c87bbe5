"""Networks: what a recipe's generators, refiners, critics, interpolators and extractors take and return."""

from __future__ import annotations

from typing import NamedTuple, Protocol, runtime_checkable

from torch import Tensor


class Edit(NamedTuple):
    """What a generator returns for one region, all of the region's size."""

    image: Tensor
    """The edited picture `(B, 3, h, w)` in [-1, 1]: `attention * colour + (1 - attention) * input`."""
    attention: Tensor
    """`(B, 1, h, w)` in [0, 1]: 1 = edited, 0 = copied."""
    colour: Tensor
    """The colour map `(B, 3, h, w)` in [-1, 1]."""
    flow: Tensor | None = None
    """Displacement in pixels (x, y), `(B, 2, h, w)`, for generators that move the input before they mix."""


class Verdict(NamedTuple):
    """What a discriminator says of pictures."""

    score: Tensor
    """Realness `(B, ...)`, unbounded; higher is more real. A patch critic returns a map `(B, 1, h', w')`."""
    aus: Tensor | None = None
    """The AU head's reading `(B, A)`, for discriminators built with `predicts_aus`."""


@runtime_checkable
class Generator(Protocol):
    """Edits one region. Context: `region`, `aus` (the number A)."""

    def __call__(self, image: Tensor, source_aus: Tensor, target_aus: Tensor) -> Edit: ...


@runtime_checkable
class Refiner(Protocol):
    """Merges the initial outputs into the final picture. Context: `region` (the face).

    It gets the face branch's output and the same with the local outputs pasted in place, both `(B, 3, H, W)`, and
    returns the final picture `(B, 3, H, W)` in [-1, 1].
    """

    def __call__(self, face: Tensor, pasted: Tensor) -> Tensor: ...


@runtime_checkable
class Discriminator(Protocol):
    """Judges pictures of one region. Context: `region`, `aus`."""

    def __call__(self, image: Tensor) -> Verdict: ...


@runtime_checkable
class Interpolator(Protocol):
    """`Interp(y_x, r)`: AUs `(B, A)` and a residual `(B, A)` to AUs `(B, A)` in [0, 1]. Context: `aus`."""

    def __call__(self, source_aus: Tensor, residual: Tensor) -> Tensor: ...


@runtime_checkable
class AUDiscriminator(Protocol):
    """Judges whether AU vectors `(B, A)` look natural: a score `(B, 1)`. Context: `aus`."""

    def __call__(self, aus: Tensor) -> Tensor: ...


@runtime_checkable
class FeatureExtractor(Protocol):
    """An `nn.Module` that says of a picture what a metric compares: features `(N, F)`. Context: `faces`.

    An extractor that must learn something first has a method `prepare(self, faces: FaceDataset, random:
    torch.Generator) -> None`, called with a run's training split. What it has learned is kept, and shared by all runs
    on the same faces: it may depend on nothing but its parameters, the faces and `random`.

    An attribute `caveat`, where it is a text and not empty, is what to know before believing figures by its features:
    that its weights are random, say. An evaluation warns of it.
    """

    def __call__(self, pictures: Tensor) -> Tensor: ...
