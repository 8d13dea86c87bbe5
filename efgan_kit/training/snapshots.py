"""What a checkpoint is written from: a copy of everything, so that the training may go on meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import attrs
import torch
from torch import Tensor, nn
from torch.optim import Optimizer

RATES: Final = ("params", "lr", "initial_lr")
"""What a parameter group holds that comes from the recipe and the schedule, at every step anew."""


@attrs.frozen
class Snapshot:
    """A training at one step, in the machine's own memory.

    Attributes:
        step: How many steps were done.
        tensors: By the file's name without `.safetensors`, what it is to hold.
        state: The rest, as JSON has it.
    """

    step: int
    tensors: Mapping[str, Mapping[str, Tensor]]
    state: Mapping[str, Any]


def snapshot(
    step: int, modules: Mapping[str, nn.Module], optimizers: Mapping[str, Optimizer], state: Mapping[str, Any]
) -> Snapshot:
    """Copy modules and optimizers as they are now."""
    tensors = {}
    for name, module in modules.items():
        again = tied(module)
        tensors[name] = _copied({key: value for key, value in module.state_dict().items() if key not in again})
    for player, optimizer in optimizers.items():
        tensors[optimizer_file(player)] = _copied(dict(_moments(optimizer, Tensor)))
    numbers = {player: optimizer_numbers(optimizer) for player, optimizer in optimizers.items()}
    kept = {player: found for player, found in numbers.items() if any(found.values())}
    return Snapshot(step, tensors, {**state, **({"optimizers": kept} if kept else {})})


def optimizer_file(player: str) -> str:
    return f"optimizer.{player}"


def optimizer_numbers(optimizer: Optimizer) -> dict[str, Any]:
    """What an optimizer counts outside of tensors: of single parameters, and of groups where it is not as it began.

    Adam has nothing of the kind; optimizers that adapt their own step size have.
    """
    groups = [
        {
            key: value
            for key, value in group.items()
            if key not in RATES and _is_plain(value) and value != optimizer.defaults.get(key)
        }
        for group in optimizer.param_groups
    ]
    return {
        "parameters": dict(_moments(optimizer, (bool, int, float, str))),
        "groups": groups if any(groups) else [],
    }


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, (bool, int, float, str))


def _moments(optimizer: Optimizer, kinds: Any) -> list[tuple[str, Any]]:
    """What is kept of the parameters, as `INDEX.FIELD`."""
    return [
        (f"{index}.{field}", value)
        for index, fields in optimizer.state_dict()["state"].items()
        for field, value in fields.items()
        if isinstance(value, kinds)
    ]


def tied(module: nn.Module) -> dict[str, str]:
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
