"""Recipes: YAML with positions, checked against the components' constructors before anything is built.

The names below are imported when first used, so that listing recipes needs no torch.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from efgan_kit.recipe.build import (
        build_dataset,
        build_graph,
        build_losses,
        build_optimizer,
        build_schedule,
        metric_makers,
    )
    from efgan_kit.recipe.load import load_recipe
    from efgan_kit.recipe.model import ComponentUse, LossUse, OptimizerUse, Recipe, TrainSettings
    from efgan_kit.recipe.overrides import with_photo_folder
    from efgan_kit.recipe.provenance import lock

_HOMES = {
    "build_dataset": "build",
    "build_graph": "build",
    "build_losses": "build",
    "metric_makers": "build",
    "build_optimizer": "build",
    "build_schedule": "build",
    "load_recipe": "load",
    "lock": "provenance",
    "ComponentUse": "model",
    "LossUse": "model",
    "OptimizerUse": "model",
    "Recipe": "model",
    "TrainSettings": "model",
    "with_photo_folder": "overrides",
}

__all__ = [
    "ComponentUse",
    "LossUse",
    "OptimizerUse",
    "Recipe",
    "TrainSettings",
    "build_dataset",
    "build_graph",
    "build_losses",
    "build_optimizer",
    "build_schedule",
    "load_recipe",
    "lock",
    "metric_makers",
    "with_photo_folder",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
