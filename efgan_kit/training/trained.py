"""A finished (or unfinished) run, loaded to edit or to be evaluated."""

from __future__ import annotations

from pathlib import Path

import attrs
import torch
from torch import nn

from efgan_kit.recipe import Recipe, build_graph, load_recipe
from efgan_kit.training import checkpoints
from efgan_kit.training.device import choose_device
from efgan_kit.training.run_folder import RunFolder


@attrs.frozen
class Trained:
    """What a run learned.

    Attributes:
        path: The run folder.
        recipe: The run's own recipe.
        graph: In eval mode, with the averaged weights where the run has them.
        step: The checkpoint's step.
        device: Where the graph is.
    """

    path: Path
    recipe: Recipe
    graph: nn.Module
    step: int
    device: torch.device


def load_trained(run: str | Path, device: str = "auto") -> Trained:
    """The graph of a run's newest checkpoint. Raises EfganError if there is no run, or it is damaged."""
    folder = RunFolder(Path(run))
    folder.must_exist()
    checkpoint = checkpoints.newest(folder)
    step = checkpoints.read_state(checkpoint)["step"]
    recipe = load_recipe(str(folder.recipe))
    graph = build_graph(recipe)
    checkpoints.restore_module(checkpoint, "graph", graph)
    if recipe.train.ema is not None:
        editing = nn.ModuleList(graph.players()["generator"])  # type: ignore[operator]
        checkpoints.restore_module(checkpoint, "averaged", editing)
    place = choose_device(device)
    return Trained(folder.path, recipe, graph.eval().requires_grad_(False).to(place), step, place)
