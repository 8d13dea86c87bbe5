"""A finished (or unfinished) run, or what was exported of one, loaded to edit or to be evaluated."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Final

import attrs
import torch
from torch import nn

from efgan_kit.recipe import Recipe, build_graph, load_recipe
from efgan_kit.registry.models import located
from efgan_kit.training import checkpoints
from efgan_kit.training.device import choose_device
from efgan_kit.training.exported import is_exported, load_exported
from efgan_kit.training.run_folder import RunFolder

TRIES: Final = 5
"""A checkpoint may be replaced by a newer one while it is read, of a training that goes on."""


@attrs.frozen
class Trained:
    """What a run learned.

    Attributes:
        path: The run folder, or the exported one.
        recipe: The run's own recipe.
        graph: In eval mode, with the averaged weights where the run has them.
        step: The checkpoint's step.
        device: Where the graph is.
        exported: Whether it is an exported folder, which nothing is written to and whose graph has no critics.
    """

    path: Path
    recipe: Recipe
    graph: nn.Module
    step: int
    device: torch.device
    exported: bool = False


def load_trained(run: str | Path, device: str = "auto") -> Trained:
    """The graph of a run's newest checkpoint, or of an exported folder.

    Args:
        run: A run folder, an exported folder, or the name of an installed model.

    Raises:
        EfganError: There is no such thing, or it is damaged.
    """
    for _ in range(TRIES):
        with contextlib.suppress(checkpoints.ReplacedError):
            return _loaded(run, device)
    return _loaded(run, device)


def _loaded(run: str | Path, device: str) -> Trained:
    path, place = located(run), choose_device(device)
    if is_exported(path):
        recipe, graph, step = load_exported(path)
        return Trained(path, recipe, graph.requires_grad_(False).to(place), step, place, exported=True)
    folder = RunFolder(path)
    folder.must_exist()
    checkpoint = checkpoints.newest(folder)
    step = checkpoints.read_state(checkpoint)["step"]
    recipe = load_recipe(str(folder.recipe))
    graph = build_graph(recipe)
    checkpoints.restore_module(checkpoint, "graph", graph)
    if recipe.train.ema is not None:
        editing = nn.ModuleList(graph.players()["generator"])  # type: ignore[operator]
        checkpoints.restore_module(checkpoint, "averaged", editing)
    return Trained(folder.path, recipe, graph.eval().requires_grad_(False).to(place), step, place)
