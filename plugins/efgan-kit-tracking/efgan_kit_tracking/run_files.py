"""What a run folder says, by the names that efgan-kit promises."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from efgan_kit.api import fail


def steps_kept(run: Path) -> int:
    """The step of the newest checkpoint, from which a training goes on; 0 where there is none."""
    folder = run / "checkpoints"
    names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    return max((int(name) for name in names if name.isdecimal()), default=0)


def recipe_of(run: Path) -> Mapping[str, Any]:
    """The run's resolved recipe. Raises EfganError if this is no folder of a run."""
    path = run / "recipe.yaml"
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        what = "not the folder of a run: it has no recipe.yaml" if run.exists() else "no such folder"
        raise fail(str(run), what, "a run folder is what `efgan train --run DIR` writes") from error
    except ValueError:
        text = ""
    try:
        recipe = yaml.safe_load(text)
    except yaml.YAMLError:
        recipe = None
    if not isinstance(recipe, dict):
        raise fail(str(path), "this is no recipe")
    return recipe


def log_of(run: Path) -> Iterator[dict[str, Any]]:
    """The lines of `log.jsonl`; one that a killed process left half written is left out."""
    path = run / "log.jsonl"
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else ():
        try:
            record = json.loads(line)
        except ValueError:
            continue
        if isinstance(record, dict) and isinstance(record.get("step"), int):
            yield record


def sheets_of(run: Path) -> list[tuple[int, Path]]:
    """The sample sheets with their steps, in order."""
    found = (path for path in (run / "samples").glob("*.png") if path.stem.isdecimal())
    return sorted((int(path.stem), path) for path in found)


def checkpoints_of(run: Path) -> list[tuple[int, Path]]:
    """The checkpoints with their steps, in order."""
    folder = run / "checkpoints"
    found = (path for path in folder.iterdir() if path.name.isdecimal()) if folder.is_dir() else ()
    return sorted((int(path.name), path) for path in found)


def summary_of(run: Path) -> dict[str, Any] | None:
    """What `summary.json` holds; None while the training is not at its end."""
    try:
        summary = json.loads((run / "summary.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return summary if isinstance(summary, dict) and isinstance(summary.get("steps"), int) else None
