"""What recipes and commands name: settings of the training, action units, expressions."""

from __future__ import annotations

import json
import typing
from collections.abc import Iterator

import attrs

from efgan_kit.faces.aus import DESCRIPTIONS, EXPRESSIONS
from efgan_kit.recipe.model import TrainSettings
from efgan_kit.recipe.typed import describe
from generating.markdown import table


def train_settings() -> Iterator[str]:
    """The keys of a recipe's `train` section."""
    annotations = typing.get_type_hints(TrainSettings)
    rows = [
        (f"`{f.name}`", describe(annotations[f.name]), f"`{json.dumps(f.default)}`", f.metadata["doc"])
        for f in attrs.fields(TrainSettings)
    ]
    yield table(("key", "type", "default", "what it does"), rows)


def action_units() -> Iterator[str]:
    """The AUs of the set `openface-17`."""
    yield table(("AU", "what it does"), list(DESCRIPTIONS.items()))


def presets() -> Iterator[str]:
    """The expressions that have a name."""
    rows = [
        (name, ", ".join(f"{unit} {value:g}" for unit, value in aus.items()) or "every AU 0")
        for name, aus in EXPRESSIONS.items()
    ]
    yield table(("expression", "AUs"), rows)
