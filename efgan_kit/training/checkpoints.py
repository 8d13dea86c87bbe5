"""A run's checkpoints, read: safetensors and JSON, every file with its hash. No pickle is written or read."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.optim import Optimizer

from efgan_kit.errors import EfganError, Fault, fail
from efgan_kit.files import writing
from efgan_kit.training.run_folder import RunFolder
from efgan_kit.training.snapshots import optimizer_file, tied
from efgan_kit.training.undrawn import with_weights

STATE: Final = "state.json"
SEAL: Final = "sha256"
"""Of `state.json` itself: the hash of all the rest of it, which holds those of the other files."""
UNSEALED: Final = frozenset({"step", "seconds", "scaler", "latest"})
"""All that `state.json` held before it had hashes. Nothing less can be taken for such a one."""


class DamagedError(EfganError):
    """A checkpoint is not what was written."""


class ReplacedError(DamagedError):
    """A checkpoint is gone: a training that goes on has newer ones, and keeps no more than it was told to."""


def complete(run: RunFolder) -> list[Path]:
    """The run's checkpoints, oldest first. They got their names when everything was on the disk."""
    if not run.checkpoints.is_dir():
        return []
    found = (path for path in run.checkpoints.iterdir() if path.name.isdecimal() and path.is_dir())
    return sorted(found, key=lambda path: int(path.name))


def newest(run: RunFolder) -> Path:
    """The run's last checkpoint. Raises EfganError if it has none."""
    found = complete(run)
    if not found:
        hint = "train it longer: train.checkpoint_every says how often one is written"
        raise fail(str(run.path), "the run has no checkpoint yet", hint)
    return found[-1]


def newest_sound(run: RunFolder, say: Callable[[str], None]) -> Path | None:
    """The run's last checkpoint that is what was written; None if the run has none at all.

    DamagedError ones after it are told and set aside as `STEP.damaged`: a training that goes on writes them anew.

    Raises:
        EfganError: All are damaged, or one can't be read for other reasons.
    """
    faults: list[Fault] = []
    for checkpoint in reversed(complete(run)):
        try:
            verify(checkpoint)
        except DamagedError as error:
            faults += error.faults
            continue
        for fault in faults:
            say(f"warning: {fault.where}: {fault.what}; going on from step {int(checkpoint.name)} instead")
        for later in complete(run):
            if int(later.name) > int(checkpoint.name):
                _set_aside(later)
        return checkpoint
    if faults:
        hint = "restore the folder from a copy, or begin a new --run"
        raise DamagedError(*(Fault(fault.where, fault.what, hint) for fault in faults))
    return None


def _set_aside(checkpoint: Path) -> None:
    aside = checkpoint.with_name(f"{checkpoint.name}.damaged")
    with writing(checkpoint):
        if aside.exists():
            shutil.rmtree(aside)
        checkpoint.rename(aside)


def verify(checkpoint: Path) -> None:
    """Raises DamagedError unless all files are what was written, and EfganError if one can't be read."""
    for name in read_state(checkpoint).get("files", ()):
        _verify_file(checkpoint / name)


def read_state(checkpoint: Path) -> dict[str, Any]:
    """What `state.json` holds. Raises DamagedError if that is not what was written."""
    path = checkpoint / STATE
    try:
        state = json.loads(_bytes_of(path))
    except (ValueError, RecursionError) as error:
        raise _damaged(path, f"is damaged: {error}") from error
    if not isinstance(state, dict) or type(state.get("step")) is not int:
        raise _damaged(path, "is damaged: it does not say its step")
    if set(state) <= UNSEALED:
        return state
    if state.get(SEAL) != seal(state):
        raise _damaged(path, "is damaged or was changed: it is not what its own SHA-256 says")
    if state["step"] != int(checkpoint.name):
        raise _damaged(path, f"is of step {state['step']}, and the folder is of another")
    return state


def seal(state: Mapping[str, Any]) -> str:
    """The hash of a state: of what it says, however it is laid out."""
    said = {key: value for key, value in state.items() if key != SEAL}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def restore_module(checkpoint: Path, name: str, module: nn.Module) -> None:
    """Load `NAME.safetensors` into `module`, which must have just these tensors."""
    tensors = read_module(checkpoint, name)
    tensors |= {key: tensors[first] for key, first in tied(module).items() if first in tensors}
    with _fitting(checkpoint, name):
        module.load_state_dict(tensors)


def made_from(checkpoint: Path, name: str, make: Callable[[], nn.Module], *, of_more: bool = False) -> nn.Module:
    """What `make` makes, with the tensors of `NAME.safetensors`; which may be those `of_more` than it has."""
    tensors = read_module(checkpoint, name)
    with _fitting(checkpoint, name):
        return with_weights(make, tensors, of_more=of_more)


@contextlib.contextmanager
def _fitting(checkpoint: Path, name: str) -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:
        first = str(error).strip().splitlines()[-1].strip()
        raise _misfit(checkpoint, name, f"does not fit the recipe's {name}: {first}") from error


def read_module(checkpoint: Path, name: str) -> dict[str, Tensor]:
    """The tensors of `NAME.safetensors`, by name."""
    path = checkpoint / f"{name}.safetensors"
    _verify_file(path)
    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise _damaged(path, f"is damaged: {error}") from error


def restore_optimizer(checkpoint: Path, player: str, optimizer: Optimizer) -> None:
    """Load what the player's optimizer kept of its parameters: moments, counts of steps."""
    name = optimizer_file(player)
    numbers = read_state(checkpoint).get("optimizers", {}).get(player, {})
    kept = {**read_module(checkpoint, name), **numbers.get("parameters", {})}
    moments: dict[int, dict[str, Any]] = {}
    groups = optimizer.state_dict()["param_groups"]
    try:
        for key, value in kept.items():
            index, _, field = key.partition(".")
            moments.setdefault(int(index), {})[field] = value
        for group, changed in zip(groups, numbers.get("groups", ()), strict=False):
            group.update(changed)
        optimizer.load_state_dict({"state": moments, "param_groups": groups})
    except (ValueError, KeyError) as error:
        raise _misfit(checkpoint, name, f"does not fit the recipe's optimizer: {error}") from error
    for parameter, fields in optimizer.state.items():
        for field, tensor in fields.items():
            if isinstance(tensor, Tensor) and tensor.shape == parameter.shape:
                # Fused optimizers walk the memory: moments must lie in it as their parameter does.
                fields[field] = torch.empty_like(parameter, dtype=tensor.dtype).copy_(tensor)


def _verify_file(path: Path) -> None:
    """Raises DamagedError unless a file is what `state.json` says it is; those of old checkpoints are not spoken of."""
    state = read_state(path.parent)
    if "files" not in state:
        _must_be_there(path)
        return
    said = state["files"].get(path.name)
    if said is None:
        raise _misfit(path.parent, path.stem, "is not part of this checkpoint")
    _must_be_there(path)
    size = path.stat().st_size
    if size != said["bytes"]:
        raise _damaged(path, f"is damaged: it has {size} bytes, not {said['bytes']}")
    if _hash_of(path) != said["sha256"]:
        raise _damaged(path, f"is damaged or was changed: its SHA-256 is not the one in {STATE}")


def _hash_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise _unreadable(path, error) from error


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from error


def _must_be_there(path: Path) -> None:
    if not path.is_file():
        raise _damaged(path, "is missing")


def _unreadable(path: Path, error: OSError) -> EfganError:
    """Damage if the file is gone or the disk can't read it; a file that may not be read is as sound as ever."""
    if isinstance(error, FileNotFoundError):
        return _damaged(path, "is missing")
    if error.errno in (errno.EIO, errno.EISDIR, errno.ENOTDIR):
        return _damaged(path, f"is damaged: {error.strerror}")
    return fail(str(path), f"cannot be read: {error.strerror}", "mend the permissions")


def _misfit(checkpoint: Path, name: str, what: str) -> EfganError:
    return fail(str(checkpoint / f"{name}.safetensors"), what, "is recipe.yaml the one it was trained with?")


def _damaged(path: Path, what: str) -> DamagedError:
    kind = DamagedError if path.parent.is_dir() else ReplacedError
    hint = f"--resume goes on from the checkpoint before it; remove the folder {path.parent} to use that as it is"
    return kind(Fault(str(path), f"a file of the checkpoint {what}", hint))
