"""Recipes and records as flat names and values, which is all that trackers know."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

Scalar = bool | int | float | str


def parameters(recipe: Mapping[str, Any]) -> dict[str, Scalar]:
    """A recipe's keys as overrides write them (`losses.content.weight`); lists and nothing at all as JSON."""
    flat: dict[str, Scalar] = {}
    for key, value in recipe.items():
        if isinstance(value, Mapping) and value:
            flat |= {f"{key}.{rest}": inner for rest, inner in parameters(value).items()}
        else:
            flat[str(key)] = value if isinstance(value, (bool, int, float, str)) else json.dumps(value, default=str)
    return flat


def figures(record: Mapping[str, Any]) -> dict[str, float]:
    """The numbers of a line of the log, by names such as `losses/content.generator`, `rates/generator`, `seconds`.

    Module K's share of a loss in a cascade, `TERM.PLAYER@K`, is `losses/TERM.PLAYER.module-K`: MLflow takes no @.
    """
    flat: dict[str, float] = {}
    for key, value in record.items():
        if isinstance(value, Mapping):
            flat |= {f"{key}/{name.replace('@', '.module-')}": number for name, number in figures(value).items()}
        elif key != "step" and isinstance(value, (int, float)) and not isinstance(value, bool):
            flat[key] = float(value)
    return flat
