"""The self-contained folder: all that it takes to edit, with efgan_kit or without, and to know what one edits with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from torch import nn

from efgan_kit.editing.export.card import card
from efgan_kit.editing.export.parity import Parity
from efgan_kit.editing.export.preprocessing import FILE as PREPROCESSING
from efgan_kit.editing.export.preprocessing import preprocessing
from efgan_kit.editing.export.sources import Data
from efgan_kit.errors import fail
from efgan_kit.files import write_json
from efgan_kit.recipe.pruning import without_places
from efgan_kit.registry.distributions import OWN, version_of
from efgan_kit.training import Trained
from efgan_kit.training.exported import CARD, RECIPE, save_weights, write_manifest

TAKEN_OVER: Final = ("lock.json", "summary.json", "evaluation.json", "preparation.json")
"""Files of a run that go with it, where it has them."""


def fill_folder(
    folder: Path, trained: Trained, graph: nn.Module, data: Data, facts: Mapping[str, str], parity: Parity, network: str
) -> None:
    """Write everything but the executable network, which is there.

    Args:
        graph: As `editing_graph` makes it.
        network: The executable network's file.
    """
    save_weights(folder, graph, {key: facts[key] for key in ("efgan_kit", "recipe", "step", "licence")})
    (folder / RECIPE).write_text(without_places(trained.recipe).to_yaml(), encoding="utf-8")
    write_json(folder / PREPROCESSING, preprocessing(trained.recipe))
    for name in TAKEN_OVER:
        if (trained.path / name).is_file():
            write_json(folder / name, _told(_read(trained.path / name)))
    (folder / CARD).write_text(card(trained, folder, data, parity, network), encoding="utf-8")
    version = version_of(OWN) or "unknown"
    write_manifest(folder, name=trained.recipe.name, step=trained.step, exported_by=version)


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        hint = "restore it from a copy, or remove it and export without"
        raise fail(str(path), f"is damaged: {error}", hint) from error


def _told(value: Any) -> Any:
    """What a run's file says, with places of the machine by their last name alone."""
    if isinstance(value, dict):
        return {key: _told(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_told(item) for item in value]
    return Path(value).name if isinstance(value, str) and Path(value).is_absolute() else value
