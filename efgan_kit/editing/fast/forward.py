"""Which graph edits: a run's own, or a faster one that makes the same of a face of the run's."""

from __future__ import annotations

import contextlib
import hashlib
import json
from pathlib import Path
from typing import Final, Literal, get_args

import attrs
import torch
from torch import Tensor, nn

from efgan_kit.api import Edited, FaceDataset
from efgan_kit.cache import cache_folder
from efgan_kit.components.datasets.drawn_faces import DrawnFaces
from efgan_kit.editing.fast.graph import FastGraph
from efgan_kit.errors import EfganError, fail
from efgan_kit.files import write_json
from efgan_kit.recipe import build_dataset
from efgan_kit.recipe.provenance import versions_of
from efgan_kit.training import Trained
from efgan_kit.training.precision import fast_bf16

Precision = Literal["auto", "fp32", "bf16"]
TOLERANCE: Final = 0.5 / 255
"""How far a face may be from the run's own edit of it, on average over its pixels: half a grey value of 255."""
LARGE: Final = 4_000_000
"""From so many weights on an edit takes long enough to be made in another way."""


@attrs.frozen(eq=False)
class Forward:
    """A run's forward pass.

    Attributes:
        graph: What edits.
        precision: What it computes in: `fp32`, as the run's own graph; `fp32, fast`; or `bf16`.
        apart: How far the faster graph was from the run's own, on a scale from 0 to 1; None if that was not asked.
    """

    graph: nn.Module
    precision: str
    apart: float | None = None


def refuse_precision(precision: str, device: torch.device) -> None:
    """Raises EfganError if there is no such precision, or not on this device."""
    if precision not in get_args(Precision):
        raise fail("precision", f"there is no '{precision}'", f"there is: {', '.join(get_args(Precision))}")
    if precision == "bf16" and device.type != "cpu":
        raise fail("precision", f"bf16 edits on a CPU, and the run is on {device.type}", "use auto or fp32")


def forward_of(trained: Trained, precision: Precision) -> Forward:
    """The forward pass that edits with a run.

    Args:
        precision: `fp32`: the run's own graph. `bf16`: the faster one in bfloat16. `auto`: for a large graph on a CPU
            the faster one, in bfloat16 where the CPU has instructions for it, if it edits one of the run's own test
            faces within `TOLERANCE` as the run's own graph does; else that. What was found is kept in
            `EFGAN_CACHE_DIR`, by the weights.
    """
    own = Forward(trained.graph, "fp32")
    if precision == "fp32" or (precision == "auto" and not _is_worth_it(trained)):
        return own
    dtype = torch.bfloat16 if precision == "bf16" or fast_bf16(trained.device) else torch.float32
    fast = FastGraph(trained.graph, dtype)
    if precision == "bf16":
        return Forward(fast, "bf16")
    apart = _known_distance(trained, fast)
    if apart > TOLERANCE:
        return attrs.evolve(own, apart=apart)
    return Forward(fast, "bf16" if dtype == torch.bfloat16 else "fp32, fast", apart)


def _is_worth_it(trained: Trained) -> bool:
    return trained.device.type == "cpu" and sum(weight.numel() for weight in trained.graph.parameters()) >= LARGE


def _known_distance(trained: Trained, fast: FastGraph) -> float:
    """The distance of this graph, measured once for these weights, versions and this kind of CPU."""
    digest = hashlib.sha256()
    for name, tensor in trained.graph.state_dict().items():
        digest.update(name.encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy())
    kind = [torch.backends.cpu.get_cpu_capability(), str(torch.cpu._is_amx_tile_supported())]
    digest.update(json.dumps([versions_of(trained.recipe), str(fast.dtype), *kind]).encode())
    place = cache_folder() / "edits" / f"{digest.hexdigest()[:32]}.json"
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        return float(json.loads(place.read_text(encoding="utf-8"))["apart"])
    apart = distance(trained, fast)
    _keep(place, apart)
    return apart


def _keep(place: Path, apart: float) -> None:
    with contextlib.suppress(OSError, EfganError):  # it is measured again, then
        place.parent.mkdir(parents=True, exist_ok=True)
        write_json(place, {"apart": apart})


def distance(trained: Trained, fast: nn.Module) -> float:
    """The mean difference, on a scale from 0 to 1, of two edits of one of the run's faces; infinite if one fails."""
    faces = _faces(trained)
    sample, other = faces[0], faces[len(faces) // 2]
    given = (sample.image[None].float() / 127.5 - 1, sample.landmarks[None], sample.aus[None], other.aus[None])
    with torch.inference_mode():
        wanted: Edited = trained.graph.edit(*given)  # type: ignore[operator]
        try:
            found: Edited = fast.edit(*given)  # type: ignore[operator]
            apart: Tensor = (found.image.float() - wanted.image).abs().mean() / 2
        except Exception:  # a plugin's parts may refuse what they are given: the run's own graph then edits
            return float("inf")
    return apart.nan_to_num(nan=float("inf"), posinf=float("inf")).item()


def _faces(trained: Trained) -> FaceDataset:
    """The run's own test faces; drawn ones if those can't be read here."""
    try:
        return build_dataset(trained.recipe, "test")
    except EfganError:
        return DrawnFaces(trained.recipe.faces, people=2, expressions=1, group="test")
