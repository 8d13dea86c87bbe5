"""What loss terms learn before the first step: learned once, kept for all trainings that would learn the same."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import torch
from torch import nn

from efgan_kit.api import FaceDataset
from efgan_kit.recipe import LossUse, Recipe
from efgan_kit.recipe.dump import to_plain
from efgan_kit.training.fitted import fit_or_restore, fitted_name
from efgan_kit.training.reading_ahead import read_ahead
from efgan_kit.training.streams import drawn_globally, stream

FOLDER = "terms"


def learn_beforehand(
    name: str, term: nn.Module, recipe: Recipe, faces: FaceDataset, say: Callable[[str], None]
) -> None:
    """Let a loss term learn what it must, or give it what the same term learned from the same faces and seed before.

    Nothing a training does may depend on whether it did: what the outcome depends on is part of the name it is kept
    under, down to the number of threads, which moves last bits.

    Args:
        name: The recipe's for it.
        say: Told that it takes a while, if it does.
    """
    random = stream(recipe.train.seed, f"losses.{name}.prepare")

    def fit() -> None:
        say(f"preparing the loss term '{name}' ...")
        with read_ahead(recipe, faces), drawn_globally(random):
            term.prepare(faces, random)  # type: ignore[operator]

    if not term.state_dict():
        fit()
        return
    device = next(iter(term.state_dict().values())).device.type
    about = {**_identity(name, recipe.losses[name], recipe), "device": device}
    if fit_or_restore(term, FOLDER, fitted_name(faces, about), fit):
        say(f"the loss term '{name}' has been prepared before")
    term.train()  # as in a run that is resumed, whose terms learn nothing beforehand


def _identity(name: str, use: LossUse, recipe: Recipe) -> dict[str, Any]:
    """What decides what a term learns, beside the faces."""
    plain = to_plain(recipe)
    entry = {key: value for key, value in plain["losses"][name].items() if key not in ("weight", "every")}
    offer = use.component.offer
    return {
        "term": name,
        "component": entry,
        "of": [offer.distribution, offer.version] if offer is not None else None,
        "source": _source_hash(use),
        "faces": plain["faces"],
        "seed": recipe.train.seed,
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
    }


def _source_hash(use: LossUse) -> str:
    """Of the whole package a term comes from: an author who mends it must not meet what it had learned before."""
    offer = use.component.offer
    if offer is None:
        return ""
    try:
        home = Path(inspect.getfile(import_module(inspect.unwrap(offer.load()).__module__.partition(".")[0])))
        files = sorted(home.parent.rglob("*.py")) if home.name == "__init__.py" else [home]
        return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    except (OSError, TypeError):
        return ""
