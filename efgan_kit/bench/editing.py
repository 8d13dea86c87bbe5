"""What an edit costs: the run's own graph and each faster way, in turns, and how far their pictures are apart."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from unittest import mock

import attrs
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrizations

from efgan_kit.api import FaceSpec
from efgan_kit.components import layers
from efgan_kit.components.datasets.drawn_faces import DrawnFaces
from efgan_kit.editing.fast.graph import FastGraph
from efgan_kit.editing.progressive import edit_in_passes, edit_once
from efgan_kit.recipe import Recipe, build_graph
from efgan_kit.recipe.pruning import for_editing
from efgan_kit.timing import Ratio, in_turns, ratio
from efgan_kit.training import load_to_edit, load_trained
from efgan_kit.training.device import choose_device
from efgan_kit.training.folding import folded
from efgan_kit.training.precision import fast_bf16

REFERENCE: Final = "as trained, fp32"
OWN: Final = "own graph, fp32"

Inputs = tuple[Tensor, Tensor, Tensor, Tensor]
"""Pictures, landmarks, source and target AUs, as a graph's `edit` takes them."""


@attrs.frozen
class EditingCosts:
    """What an edit costs in each way.

    Attributes:
        subject: The run or recipe.
        trained: Whether its weights have learned: those of a recipe are as drawn.
        faces: How many are edited at once.
        passes: In how many passes, where a single EF-GAN edits as a cascade does; 1 is the graph's own way.
        seconds: By way, one figure a round.
        times: By way, how many times as long `REFERENCE` takes.
        apart: By way, the mean difference of its picture from `OWN`'s, in grey values of 255.
    """

    subject: str
    trained: bool
    faces: int
    passes: int
    seconds: Mapping[str, Sequence[float]]
    times: Mapping[str, Ratio]
    apart: Mapping[str, float]

    def to_plain(self) -> dict[str, Any]:
        """The same as JSON knows it."""
        return attrs.asdict(self)


def editing_costs(
    subject: Recipe | str | Path,
    *,
    device: str = "auto",
    faces: int = 1,
    passes: int = 1,
    rounds: int = 5,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> EditingCosts:
    """Time every way to make an edit.

    Args:
        subject: A recipe, whose weights are then as they are drawn, or a run.
        faces: How many drawn faces are edited at once.
        passes: More than 1: so many passes of a single EF-GAN, as `efgan edit --steps` makes.
        rounds: How often each way is timed.
        progress: Told how many edits are done, of how many.

    Raises:
        EfganError: The run can't be loaded, or there is no such device.
    """
    ways = edit_ways(subject, device=device, faces=faces, passes=passes)
    wanted = ways[OWN]()
    apart = {name: ((way() - wanted).abs().mean() / 2 * 255).item() for name, way in ways.items()}
    seconds = in_turns(ways, rounds=rounds, device=choose_device(device), progress=progress)
    return EditingCosts(
        subject=subject.name if isinstance(subject, Recipe) else str(subject),
        trained=not isinstance(subject, Recipe),
        faces=faces,
        passes=passes,
        seconds=seconds,
        times={name: ratio(seconds[REFERENCE], those) for name, those in seconds.items()},
        apart=apart,
    )


def edit_ways(
    subject: Recipe | str | Path, *, device: str = "auto", faces: int = 1, passes: int = 1
) -> dict[str, Callable[[], Tensor]]:
    """Ways to edit the same faces, by name; each returns the pictures `(B, 3, H, W)`.

    The first is the graph as a training has it, in training mode, each spectral norm estimated at every forward by
    torch's own layer. It is what the others are compared with in time; in pictures they are with `OWN`, since an
    estimate moves a little at each forward.
    """
    place = choose_device(device)
    as_trained, own, spec = _graphs(subject, device)
    given = _faces_to_edit(spec, faces, place)
    half = fast_bf16(place)
    ways = {REFERENCE: _way(as_trained, given, passes), OWN: _way(own, given, passes)}
    if half:
        ways["own graph, bf16 autocast"] = _way(own, given, passes, autocast=True)
    if place.type == "cpu":
        ways["fast layers, fp32"] = _way(FastGraph(own, torch.float32), given, passes)
        if half:
            ways["fast layers, bf16"] = _way(FastGraph(own, torch.bfloat16), given, passes)
    return ways


def _graphs(subject: Recipe | str | Path, device: str) -> tuple[nn.Module, nn.Module, FaceSpec]:
    """The graph in training mode, the one that edits, and their faces."""
    with _torchs_spectral_norm():
        if not isinstance(subject, Recipe):
            whole, to_edit = load_trained(subject, device), load_to_edit(subject, device)
            return whole.graph.train(), to_edit.graph, to_edit.recipe.faces
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            drawn = build_graph(for_editing(subject)).requires_grad_(False).to(choose_device(device))
        return drawn.train(), folded(copy.deepcopy(drawn)), subject.faces


@contextlib.contextmanager
def _torchs_spectral_norm() -> Iterator[None]:
    """Within, layers are built with it; it has the same names in checkpoints as this package's own."""
    with mock.patch.object(layers, "spectrally_normalised", parametrizations.spectral_norm):
        yield


def _faces_to_edit(spec: FaceSpec, count: int, device: torch.device) -> Inputs:
    """Drawn faces, each to be edited to the AUs of the next."""
    data = DrawnFaces(spec, people=count + 1, expressions=1, group="test")
    samples = [data[number] for number in range(count + 1)]
    return (
        torch.stack([sample.image for sample in samples[:-1]]).to(device).float() / 127.5 - 1,
        torch.stack([sample.landmarks for sample in samples[:-1]]).to(device),
        torch.stack([sample.aus for sample in samples[:-1]]).to(device),
        torch.stack([sample.aus for sample in samples[1:]]).to(device),
    )


def _way(graph: nn.Module, given: Inputs, passes: int, *, autocast: bool = False) -> Callable[[], Tensor]:
    device = given[0].device.type

    def edit() -> Tensor:
        with torch.inference_mode(), torch.autocast(device, torch.bfloat16, enabled=autocast):
            edited = edit_once(graph, *given) if passes == 1 else edit_in_passes(graph, passes, *given)
        return edited.image.float()

    return edit
