"""An exported folder: the weights that edit, the recipe, how faces are prepared, and a manifest that vouches for them.

`efgan export RUN --to safetensors` writes it; it is read wherever a RUN is asked for that only edits or is measured.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import attrs
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor, nn

from efgan_kit.errors import EfganError, Fault, fail
from efgan_kit.files import write_json
from efgan_kit.recipe import Recipe, build_graph, load_recipe
from efgan_kit.recipe.load import FOR_TRAINING
from efgan_kit.recipe.pruning import for_editing
from efgan_kit.registry.models import MANIFEST
from efgan_kit.training.folding import folded
from efgan_kit.training.undrawn import with_weights

FORMAT: Final = 1
WEIGHTS: Final = "model.safetensors"
RECIPE: Final = "recipe.yaml"
CARD: Final = "README.md"
"""Not in the manifest: it is for people, who may amend it."""
ANEW: Final = "copy or export the folder again"


@attrs.frozen
class Manifest:
    """What an exported folder says of itself.

    Attributes:
        name: The recipe's name.
        step: The training step that the weights are of.
        exported_by: The version of efgan-kit that wrote it.
        files: By file, its size in bytes and its SHA-256.
    """

    name: str
    step: int
    exported_by: str
    files: Mapping[str, Mapping[str, Any]]


def is_exported(folder: Path) -> bool:
    """Whether this is an exported folder, and no run."""
    return (folder / MANIFEST).is_file()


def editing_graph(recipe: Recipe, trained: nn.Module | None = None) -> nn.Module:
    """The graph of a recipe as exported folders have it: without what training alone needs, its weights plain.

    Args:
        trained: The recipe's whole graph, whose weights it takes over.
    """
    pruned = for_editing(recipe)
    if trained is None:
        return folded(build_graph(pruned))
    return folded(with_weights(lambda: build_graph(pruned), trained.state_dict(), of_more=True))


def save_weights(folder: Path, graph: nn.Module, facts: Mapping[str, str]) -> None:
    """Write an `editing_graph`'s weights to the folder; `facts` go into the file's own metadata."""
    tensors = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in graph.state_dict().items()}
    (folder / WEIGHTS).write_bytes(save(tensors, metadata={"format": "pt", **facts}))


def write_manifest(folder: Path, *, name: str, step: int, exported_by: str) -> Manifest:
    """Vouch for every file that now is in the folder, but for the card."""
    files = {
        path.name: {"bytes": path.stat().st_size, "sha256": _sha256(path)}
        for path in sorted(folder.iterdir())
        if path.name not in (MANIFEST, CARD)
    }
    manifest = Manifest(name, step, exported_by, files)
    write_json(folder / MANIFEST, {"format": FORMAT, **attrs.asdict(manifest)})
    return manifest


def read_manifest(folder: Path) -> Manifest:
    """What the folder says of itself. Raises EfganError if that can't be read, or is of a later efgan_kit."""
    path = folder / MANIFEST
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        version, fields = said["format"], {field.name: said[field.name] for field in attrs.fields(Manifest)}
        manifest = Manifest(**fields)
        _must_be_sound(manifest)
        unnamed = {WEIGHTS, RECIPE} - set(manifest.files)
        if unnamed:
            raise ValueError(f"it does not name {', '.join(sorted(unnamed))}")
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise fail(str(path), f"is damaged: {error}", ANEW) from error
    if version != FORMAT:
        what = f"is of format {version}, exported by efgan-kit {manifest.exported_by}; this one reads format {FORMAT}"
        raise fail(str(path), what, "install a later efgan-kit")
    return manifest


def _must_be_sound(manifest: Manifest) -> None:
    """Raises ValueError, TypeError or KeyError if entries are not of their types, or lead elsewhere."""
    if not (isinstance(manifest.step, int) and isinstance(manifest.name, str)):
        raise ValueError("name or step are of another type")
    for name, said in manifest.files.items():
        if not (isinstance(said["bytes"], int) and isinstance(said["sha256"], str)):
            raise ValueError(f"its entry of {name} is of another form")
        if Path(name).name != name or "\0" in name:
            raise ValueError(f"it names files outside the folder: {name}")


def verify(folder: Path, manifest: Manifest) -> None:
    """Raises EfganError, with every fault, unless all files are what the manifest says."""
    faults: list[Fault] = []
    for name, said in manifest.files.items():
        path = folder / name
        if not path.is_file():
            faults.append(Fault(str(path), "is missing from the exported folder", ANEW))
        elif path.stat().st_size != said["bytes"]:
            what = f"is damaged: it has {path.stat().st_size} bytes, not {said['bytes']}"
            faults.append(Fault(str(path), what, ANEW))
        elif _sha256(path) != said["sha256"]:
            faults.append(Fault(str(path), f"is damaged or was changed: its SHA-256 is not that of {MANIFEST}", ANEW))
    if faults:
        raise EfganError(*faults)


def load_exported(folder: Path) -> tuple[Recipe, nn.Module, int]:
    """Recipe, graph and step of an exported folder, after all its files have been checked.

    Raises:
        EfganError: A file is damaged, or the recipe needs what is not installed.
    """
    manifest = read_manifest(folder)
    verify(folder, manifest)
    # What only a training needs may be missing here: its photographs, and plugins that offered its data and losses.
    recipe = load_recipe(folder / RECIPE, allow_missing=True, dispensable=FOR_TRAINING)
    try:
        graph = with_weights(lambda: editing_graph(recipe), _tensors(folder / WEIGHTS))
    except RuntimeError as error:
        first = str(error).strip().splitlines()[-1].strip()
        hint = f"it was exported by efgan-kit {manifest.exported_by}; its plugins' versions stand in lock.json"
        raise fail(str(folder / WEIGHTS), f"does not fit the recipe's graph: {first}", hint) from error
    return recipe, graph, manifest.step


def _tensors(path: Path) -> dict[str, Tensor]:
    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise fail(str(path), f"is damaged: {error}", ANEW) from error


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
