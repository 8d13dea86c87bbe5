"""Checkpoints: safetensors and JSON, complete or absent. No pickle is written or read."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.optim import Optimizer

from efgan_kit.errors import fail
from efgan_kit.files import write_json
from efgan_kit.training.run_folder import RunFolder

STATE = "state.json"


def save(
    run: RunFolder,
    step: int,
    modules: Mapping[str, nn.Module],
    optimizers: Mapping[str, Optimizer],
    state: Mapping[str, Any],
    keep: int,
) -> Path:
    """Write `checkpoints/STEP/`: a file for each module and each optimizer, and the state.

    They are written under a temporary name, and the folder gets its own by one rename after everything is on
    disk, so that a complete checkpoint is all that ever carries a step's name. The oldest beyond `keep` are
    removed afterwards.

    Raises:
        EfganError: It can't be written.
    """
    final = run.checkpoints / f"{step:07d}"
    part = run.checkpoints / f".{step:07d}.part"
    try:
        for unfinished in run.checkpoints.glob(".*.part"):
            shutil.rmtree(unfinished, ignore_errors=True)
        part.mkdir(parents=True)
        for name, module in modules.items():
            tied, tensors = _tied(module), module.state_dict()
            own = {key: tensor for key, tensor in tensors.items() if key not in tied}
            save_file(_copied(own), part / f"{name}.safetensors")
        for player, optimizer in optimizers.items():
            save_file(_optimizer_tensors(optimizer), part / f"optimizer.{player}.safetensors")
        write_json(part / STATE, {"step": step, **state})
        for file in part.iterdir():
            _flush(file)
        shutil.rmtree(final, ignore_errors=True)
        part.rename(final)
        _flush(run.checkpoints)
    except (OSError, SafetensorError) as error:
        shutil.rmtree(part, ignore_errors=True)
        what = f"the checkpoint could not be written: {error}"
        raise fail(str(final), what, "earlier checkpoints are intact: make room and go on with --resume") from error
    for old in complete(run)[:-keep]:
        shutil.rmtree(old, ignore_errors=True)
    return final


def complete(run: RunFolder) -> list[Path]:
    """The run's checkpoints, oldest first."""
    if not run.checkpoints.is_dir():
        return []
    found = (path for path in run.checkpoints.iterdir() if path.name.isdecimal() and (path / STATE).is_file())
    return sorted(found, key=lambda path: int(path.name))


def newest(run: RunFolder) -> Path:
    """The run's last checkpoint. Raises EfganError if it has none."""
    found = complete(run)
    if not found:
        hint = "train it longer: train.checkpoint_every says how often one is written"
        raise fail(str(run.path), "the run has no checkpoint yet", hint)
    return found[-1]


def read_state(checkpoint: Path) -> dict[str, Any]:
    try:
        state = json.loads((checkpoint / STATE).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _damaged(checkpoint / STATE, error) from error
    if not isinstance(state, dict) or not isinstance(state.get("step"), int):
        raise _damaged(checkpoint / STATE, ValueError("it does not say its step"))
    return state


def restore_module(checkpoint: Path, name: str, module: nn.Module) -> None:
    """Load `NAME.safetensors` into `module`, which must have just these tensors."""
    path = checkpoint / f"{name}.safetensors"
    tensors = _read(path)
    tensors |= {key: tensors[first] for key, first in _tied(module).items() if first in tensors}
    try:
        module.load_state_dict(tensors)
    except RuntimeError as error:
        first = str(error).strip().splitlines()[-1].strip()
        hint = "is recipe.yaml the one it was trained with?"
        raise fail(str(path), f"does not fit the recipe's {name}: {first}", hint) from error


def read_module(checkpoint: Path, name: str) -> dict[str, Tensor]:
    """The tensors of `NAME.safetensors`, by name."""
    return _read(checkpoint / f"{name}.safetensors")


def restore_optimizer(checkpoint: Path, player: str, optimizer: Optimizer) -> None:
    """Load the player's moments and step counts into its optimizer."""
    path = checkpoint / f"optimizer.{player}.safetensors"
    moments: dict[int, dict[str, Tensor]] = {}
    groups = optimizer.state_dict()["param_groups"]
    try:
        for key, tensor in _read(path).items():
            index, _, field = key.partition(".")
            moments.setdefault(int(index), {})[field] = tensor
        optimizer.load_state_dict({"state": moments, "param_groups": groups})
    except (ValueError, KeyError) as error:
        raise _damaged(path, error) from error
    for parameter, fields in optimizer.state.items():
        for field, tensor in fields.items():
            if isinstance(tensor, Tensor) and tensor.shape == parameter.shape:
                # Fused optimizers walk the memory: moments must lie in it as their parameter does.
                fields[field] = torch.empty_like(parameter, dtype=tensor.dtype).copy_(tensor)


def _optimizer_tensors(optimizer: Optimizer) -> dict[str, Tensor]:
    return _copied(
        {
            f"{index}.{field}": torch.as_tensor(value)
            for index, fields in optimizer.state_dict()["state"].items()
            for field, value in fields.items()
            if value is not None
        }
    )


def _tied(module: nn.Module) -> dict[str, str]:
    """The names under which a tensor stands once more, such as those of a critic that several modules share."""
    first: dict[int, str] = {}
    names = {name: first.setdefault(id(tensor), name) for name, tensor in module.state_dict(keep_vars=True).items()}
    return {name: owner for name, owner in names.items() if name != owner}


def _copied(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Copies on the CPU, each with a memory of its own: safetensors refuses tied weights."""
    plain = torch.contiguous_format
    return {
        name: tensor.detach().to("cpu", copy=True, memory_format=plain).contiguous() for name, tensor in tensors.items()
    }


def _read(path: Path) -> dict[str, Tensor]:
    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> Exception:
    what = "is missing" if isinstance(error, FileNotFoundError) else f"is damaged: {error}"
    hint = f"remove the folder {path.parent} to use the checkpoint before it"
    return fail(str(path), f"a file of the checkpoint {what}", hint)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
