"""A finished (or unfinished) run, or what was exported of one, loaded to edit or to be evaluated."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Final

import attrs
import torch
from torch import nn

from efgan_kit.recipe import Recipe, build_graph, load_recipe
from efgan_kit.recipe.pruning import for_editing
from efgan_kit.registry.models import located
from efgan_kit.training import checkpoints
from efgan_kit.training.device import choose_device
from efgan_kit.training.exported import is_exported, load_exported
from efgan_kit.training.folding import folded
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
    """The whole graph of a run's newest checkpoint, or the graph of an exported folder.

    Args:
        run: A run folder, an exported folder, or the name of an installed model.

    Raises:
        EfganError: There is no such thing, or it is damaged.
    """
    return _load(run, device, whole=True)


def load_to_edit(run: str | Path, device: str = "auto") -> Trained:
    """As `load_trained`, but of a run's graph only what edits, with plain weights, as exported folders have it.

    It edits to the bit as the whole graph does. At full width it takes a fifth of the memory.
    """
    return _load(run, device, whole=False)


def _load(run: str | Path, device: str, *, whole: bool) -> Trained:
    for _ in range(TRIES):
        with contextlib.suppress(checkpoints.ReplacedError):
            return _loaded(run, device, whole=whole)
    return _loaded(run, device, whole=whole)


def _loaded(run: str | Path, device: str, *, whole: bool) -> Trained:
    path, place = located(run), choose_device(device)
    if is_exported(path):
        recipe, graph, step = load_exported(path)
        return Trained(path, recipe, graph.requires_grad_(False).to(place), step, place, exported=True)
    folder = RunFolder(path)
    folder.must_exist()
    checkpoint = checkpoints.newest(folder)
    step = checkpoints.read_state(checkpoint)["step"]
    recipe = load_recipe(str(folder.recipe))
    made = recipe if whole else for_editing(recipe)
    graph = checkpoints.made_from(checkpoint, "graph", lambda: build_graph(made), of_more=not whole)
    if recipe.train.ema is not None:
        editing = nn.ModuleList(graph.players()["generator"])  # type: ignore[operator]
        checkpoints.restore_module(checkpoint, "averaged", editing)
    graph = graph.eval() if whole else folded(graph)
    return Trained(folder.path, recipe, graph.requires_grad_(False).to(place), step, place)
