"""Everything a plugin imports: the hook marker, the contract of every kind of component, and the shared types.

A component is a plain `nn.Module` (or a callable, for optimizers, schedules, data and metrics). Its constructor is
its schema: **keyword-only parameters are the keys that a recipe may write**; positional parameters are what the
framework supplies, by name, from the context that `KINDS` lists for the kind. A constructor names only those it needs:

    class MyGenerator(nn.Module):
        def __init__(self, region: Region, aus: int, *, width: int = 64) -> None: ...

Pictures are RGB in [-1, 1], `(B, 3, H, W)`; AU vectors `(B, A)` in [0, 1]; landmarks `(B, 68, 2)` in pixels.
"""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Generic, NamedTuple, Protocol, TypeVar, runtime_checkable

import attrs
from torch import Tensor, nn
from torch.optim import Optimizer

from efgan_kit.errors import EfganError, Fault, fail, nearest
from efgan_kit.faces import landmarks
from efgan_kit.faces.aus import AUSet, au_set
from efgan_kit.faces.found import FoundFace, Picture
from efgan_kit.faces.regions import LOCAL_REGIONS, FaceSpec, Region, crop, edge_mask, paste, region_corners
from efgan_kit.hookspecs import Register, hookimpl

__all__ = [
    "GIVEN_VALUES",
    "KINDS",
    "LOCAL_REGIONS",
    "AUDiscriminator",
    "AULabeller",
    "AUSet",
    "Discriminator",
    "Edit",
    "Edited",
    "EfganError",
    "FaceDataset",
    "FaceSample",
    "FaceSpec",
    "Fault",
    "FeatureExtractor",
    "FoundFace",
    "Generator",
    "Graph",
    "Interpolator",
    "Job",
    "Kind",
    "Landmarker",
    "Launcher",
    "LossTerm",
    "Maker",
    "Metric",
    "OptimizerMaker",
    "Picture",
    "Refiner",
    "Region",
    "Register",
    "Schedule",
    "ValueFunction",
    "Verdict",
    "au_set",
    "crop",
    "edge_mask",
    "fail",
    "hookimpl",
    "landmarks",
    "nearest",
    "paste",
    "region_corners",
    "stages_of",
    "value",
    "values_of",
]


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


class FaceSample(NamedTuple):
    """One face of a dataset."""

    image: Tensor
    """uint8 `(3, H, W)`, RGB."""
    landmarks: Tensor
    """float32 `(68, 2)`, pixels, x then y."""
    aus: Tensor
    """float32 `(A,)` in [0, 1]."""


@runtime_checkable
class FaceDataset(Protocol):
    """Faces with landmarks and AUs. Indexing gives the same face every time; augmentation is the trainer's."""

    @property
    def names(self) -> Sequence[str]:
        """A unique name for each face, for messages and file names."""
        ...

    @property
    def people(self) -> Sequence[str]:
        """Whose face each is. Faces of one person may serve as each other's truth."""
        ...

    @property
    def pairs(self) -> Sequence[tuple[int, int]]:
        """(source, truth) indices, for tests: the source edited to the truth's AUs is compared with the truth."""
        ...

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> FaceSample: ...


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
    """

    def __call__(self, pictures: Tensor) -> Tensor: ...


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


@runtime_checkable
class Job(Protocol):
    """A command that a launcher has started. Its methods raise no errors; what goes wrong is the `reason`."""

    def poll(self) -> int | None:
        """The exit code once the command has ended, negative for a signal; None while it waits its turn or runs."""
        ...

    def reason(self) -> str:
        """Why it ended, in a clause, if it was the engine that ended it; empty if the command ended by itself."""
        ...

    def stop(self) -> None:
        """Ask the command to write a checkpoint and end, by SIGTERM; one that waits its turn is not begun any more."""
        ...

    def kill(self) -> None:
        """End it at once; `poll` says when it has."""
        ...


@runtime_checkable
class Launcher(Protocol):
    """Runs trainings by an engine: on this machine, on a cluster. Context: `jobs`, how many are to run side by side.

    Machines share their files: a command runs in the present working directory, its output is appended to `log`. It
    sees the engine's variables, `environment` laid over them, and `OMP_NUM_THREADS` from the launcher. It goes on where
    it stopped, so that an engine may run it again.

    A job outlives the process that started it. What is needed to find it again is kept in `log.with_suffix(".job")`,
    which is there no longer than the job.
    """

    def prepare(self) -> None:
        """Called once before the first job: find the engine. Raises EfganError if it can't start any."""
        ...

    def start(
        self, command: Sequence[str], *, log: Path, environment: Mapping[str, str], name: str
    ) -> Job | None:
        """Start a command, or put it into the engine's queue; `name` is what the engine lists it by.

        Returns:
            The job; None while an earlier job with this log has not ended, whoever started it. That may be asked often.

        Raises:
            EfganError: The engine refuses it.
        """
        ...


@runtime_checkable
class Landmarker(Protocol):
    """Finds the faces of a picture, with their 68 landmarks. No context.

    It is made once in each process and asked for picture after picture, from one thread. A `close()` method, where
    there is one, is called at the end. What it answers depends on the picture alone, not on those before.
    """

    def __call__(self, picture: Picture) -> Sequence[FoundFace]:
        """The faces, the largest first; empty where there are none. Raises EfganError if it can't look."""
        ...


@runtime_checkable
class AULabeller(Protocol):
    """Measures the AUs of a found face. No context. Made, asked and closed as a `Landmarker` is."""

    units: Sequence[str]
    """The AUs it measures: `("AU01", "AU02", ...)`."""
    blind: Mapping[str, str]
    """The AUs of `openface-17` that it can't see, each with the reason in a clause; it reports them as 0."""

    def __call__(self, picture: Picture, face: FoundFace) -> Mapping[str, float]:
        """Intensities in [0, 1] of all its `units`. Raises EfganError if it can't say."""
        ...


class LossTerm(Protocol):
    """A module with a method for each player it teaches: `generator`, `discriminator` or `interpolator`.

    Each method names, as parameters, the values of the graph it wants and returns a scalar to be minimised. A
    parameter called `random` receives a `torch.Generator` of the term's own. Context: `faces`.

    A term that must learn something before the first step (a frozen regressor, say) has a method
    `prepare(self, faces: FaceDataset, random: torch.Generator) -> None`, called once in a new run.
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
}


GIVEN_VALUES: dict[str, str] = {
    "source": "`(B, 3, H, W)` in [-1, 1]: the pictures to edit, the paper's I_x.",
    "landmarks": "`(B, 68, 2)` in pixels: the sources' landmarks.",
    "source_aus": "`(B, A)` in [0, 1]: the sources' AUs, y_x.",
    "target_aus": "`(B, A)` in [0, 1]: the AUs to edit to, y_z.",
    "truth": "`(B, 3, H, W)` in [-1, 1]: the person under the target AUs where `has_truth`, else the source.",
    "has_truth": "`(B,)`, 1 where the target AUs are those of another picture of the same person, else 0.",
}
"""The named values that every batch brings along; the graph's `@value` methods make the others from them."""


@attrs.frozen
class ValueFunction:
    """A named value: the function that computes it and the names of what it is computed from.

    Attributes:
        function: Called with the values it names.
        needs: The names of its parameters.
        made_by: The player whose modules make it. In the other players' phases it is a constant, reused from the
            generator's phase where it was computed there; None for what depends on no one player.
    """

    function: Callable[..., Any]
    needs: tuple[str, ...]
    made_by: str | None = None

    @classmethod
    def of(cls, function: Callable[..., Any], made_by: str | None = None) -> ValueFunction:
        """The named value that `function` computes, its needs read off its parameters."""
        return cls(function, tuple(inspect.signature(function).parameters), made_by)


def values_of(owner: object) -> dict[str, ValueFunction]:
    """The named values that a graph, or a metric, declares with `@value`, by name."""
    declared: dict[str, ValueFunction] = {}
    for name in dir(type(owner)):
        made_by = getattr(getattr(type(owner), name, None), "efgan_value", None)
        if made_by is not None:
            declared[name] = ValueFunction.of(getattr(owner, name), None if made_by == "anyone" else made_by)
    return declared


def stages_of(graph: nn.Module) -> list[dict[str, ValueFunction]]:
    """The named values of each module of a graph; a graph without `stages` is one module."""
    stages = getattr(graph, "stages", None)
    return [values_of(graph)] if stages is None else stages()


Function = TypeVar("Function", bound=Callable[..., Any])


def value(made_by: str | None = None) -> Callable[[Function], Function]:
    """Declare a graph's method a named value: its parameters name other values, as a loss term's do.

    The docstring is the value's entry in the table of named values, and begins with shape and range.
    """

    def declare(function: Function) -> Function:
        function.efgan_value = made_by or "anyone"  # type: ignore[attr-defined]
        return function

    return declare
