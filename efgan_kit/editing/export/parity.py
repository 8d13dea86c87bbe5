"""Parity: whether an exported network gives the pictures of the graph that it was exported from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import attrs
import torch
from torch import Tensor, nn

from efgan_kit.api import FaceDataset
from efgan_kit.components.datasets.drawn_faces import DrawnFaces
from efgan_kit.editing.export.network import OUTPUTS, Inputs
from efgan_kit.errors import EfganError, fail
from efgan_kit.recipe import Recipe, build_dataset

TOLERANCE: Final = 1e-4
"""The largest difference of any value of image or attention that is taken for the same network."""
BATCHES: Final = (1, 3, 8)
"""Batch sizes that are tried, none of them that of the trace."""
TRACED: Final = 2

Run = Callable[[Inputs], Sequence[Tensor]]
"""An exported network: values of `INPUTS` to values of `OUTPUTS`."""
Progress = Callable[[str, int, int], None]


@attrs.frozen
class Faces:
    """What a network is tried on.

    Attributes:
        described: Whose faces they are.
        batches: Inputs of different numbers of faces; the last is noise, with boxes beyond the border.
        traced: `TRACED` faces, to trace the graph with.
    """

    described: str
    batches: tuple[Inputs, ...]
    traced: Inputs


@attrs.frozen
class Parity:
    """The largest absolute differences found between an exported network and its graph.

    Attributes:
        image: Of the pictures, in [-1, 1].
        attention: Of the attention maps, in [0, 1].
        mean: The mean absolute difference of the pictures, on a scale from 0 to 1.
        faces: What they were found on.
        batch_sizes: Numbers of faces tried at once.
    """

    image: float
    attention: float
    mean: float
    faces: str
    batch_sizes: tuple[int, ...]

    def to_plain(self) -> dict[str, Any]:
        return {**attrs.asdict(self), "tolerance": TOLERANCE}


def faces_to_try(recipe: Recipe) -> Faces:
    """The run's own test faces, each to be edited to another one's AUs; drawn ones if its own can't be read."""
    try:
        data, described = build_dataset(recipe, "test"), "the run's test faces and noise"
    except EfganError as error:
        data = DrawnFaces(recipe.faces, people=4, expressions=4, group="test")
        described = f"drawn faces and noise, since the run's own can't be read ({str(error).splitlines()[0]})"
    wanted = iter(range(TRACED + sum(BATCHES)))

    def some(count: int) -> Inputs:
        return _inputs(data, [next(wanted) for _ in range(count)])

    traced = some(TRACED)
    return Faces(described, (*(some(count) for count in BATCHES), _noise(traced)), traced)


def _inputs(data: FaceDataset, numbers: Sequence[int]) -> Inputs:
    """Faces spread over the data, each with the AUs of one half the data away."""
    apart = max(1, len(data) // (TRACED + sum(BATCHES)))
    samples = [data[number * apart % len(data)] for number in numbers]
    targets = [data[(number * apart + len(data) // 2) % len(data)] for number in numbers]
    return (
        torch.stack([sample.image for sample in samples]).float() / 127.5 - 1,
        torch.stack([sample.landmarks for sample in samples]),
        torch.stack([sample.aus for sample in samples]),
        torch.stack([target.aus for target in targets]),
    )


def _noise(like: Inputs) -> Inputs:
    """Inputs of the same shapes whose values are random, landmarks far beyond the picture among them."""
    random = torch.Generator().manual_seed(0)
    source, landmarks, aus, targets = (torch.rand(part.shape, generator=random) for part in like)
    return 2 * source - 1, (2 * landmarks - 0.5) * source.shape[-1], aus, targets


def check_parity(where: str, network: Run, reference: nn.Module, faces: Faces, progress: Progress) -> Parity:
    """Compare an exported network with its graph.

    Args:
        where: What messages call it.
        reference: Of the same inputs and outputs.

    Raises:
        EfganError: It differs by more than `TOLERANCE`, or a value is not finite.
    """
    worst = dict.fromkeys(OUTPUTS, 0.0)
    means: list[float] = []
    for number, inputs in enumerate(faces.batches):
        progress("checking the export against the run", number, len(faces.batches))
        with torch.inference_mode():
            pairs = list(zip(OUTPUTS, reference(*inputs), network(inputs), strict=True))
        for name, wanted, found in pairs:
            if found.shape != wanted.shape:
                what = f"{name} of shape {tuple(found.shape)} in place of {tuple(wanted.shape)}"
                raise fail(where, f"the export is not the run's network: {what}")
            # A comparison with nan is false: it is counted as what it is.
            largest = (found - wanted).abs().max().nan_to_num(nan=float("inf")).item()
            worst[name] = max(worst[name], largest)
        means.append(((pairs[0][2] - pairs[0][1]).abs().mean() / 2).item())
    progress("checking the export against the run", len(faces.batches), len(faces.batches))
    if max(worst.values()) > TOLERANCE:
        differing = " and ".join(f"{most:.2g} in {name}" for name, most in worst.items())
        what = f"the export differs from the run by {differing}; {TOLERANCE:g} is allowed"
        raise fail(where, what, "nothing is written; a component computes otherwise when it is traced")
    sizes = tuple(len(batch[0]) for batch in faces.batches)
    return Parity(worst["image"], worst["attention"], max(means), faces.described, sizes)
