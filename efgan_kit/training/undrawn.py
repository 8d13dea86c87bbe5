"""Modules made for weights that are there already: none are drawn first, to be thrown away."""

from __future__ import annotations

import gc
import warnings
import weakref
from collections.abc import Callable, Mapping
from itertools import chain
from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from efgan_kit.training.snapshots import tied

DRAWS: Final = (Tensor.normal_, Tensor.uniform_)
"""To draw nothing, on the meta device, torch would import its compiler: a second and a half."""


def with_weights(make: Callable[[], nn.Module], tensors: Mapping[str, Tensor], *, of_more: bool = False) -> nn.Module:
    """The module that `make` makes, with copies of `tensors` as its state.

    It is made on the meta device, where orthogonal weights cost nothing. What can't be made there, or keeps a tensor
    that is no state, is made as always, and its weights are then overwritten.

    Args:
        make: Called once or twice; draws its weights from torch's global random state, or not at all.
        of_more: Whether `tensors` may have others besides, those of a larger module.

    Raises:
        RuntimeError: A tensor is missing, of another size, or not the module's; as `load_state_dict` does.
    """
    undrawn = _undrawn(make, tensors, of_more=of_more)
    if undrawn is not None:
        return undrawn
    module = make()
    module.load_state_dict(_of(module, tensors, of_more=of_more))
    return module


def _undrawn(make: Callable[[], nn.Module], tensors: Mapping[str, Tensor], *, of_more: bool) -> nn.Module | None:
    """The module without a drawing, or None if that can't be."""
    with _Watched() as watched, torch.device("meta"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pretrained weights that are copied to nowhere
        try:
            module = make()
        except Exception:  # a plugin's constructor may do anything; made as always it says what is wrong
            return None
    sharing = tied(module)
    given = _of(module, tensors, of_more=of_more)
    if any(name in given and given[name].dtype != kept.dtype for name, kept in module.state_dict().items()):
        return None
    module.load_state_dict({name: tensor.clone() for name, tensor in given.items()}, assign=True)
    without = any(tensor.is_meta for tensor in chain(module.parameters(), module.buffers()))
    return None if without or watched.left() or tied(module) != sharing else module


def _of(module: nn.Module, tensors: Mapping[str, Tensor], *, of_more: bool) -> dict[str, Tensor]:
    """The module's share of the tensors; one that is kept once stands under all of its names."""
    given = {**tensors, **{name: tensors[first] for name, first in tied(module).items() if first in tensors}}
    return {name: given[name] for name in module.state_dict() if name in given} if of_more else given


class _Watched(TorchFunctionMode):
    """Knows the tensors without memory that were made within, and which of them somebody still holds."""

    def __init__(self) -> None:
        super().__init__()
        self._made: list[weakref.ref[Tensor]] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func in DRAWS and args[0].is_meta:
            return args[0]
        result = func(*args, **(kwargs or {}))
        if isinstance(result, Tensor) and result.is_meta:
            self._made.append(weakref.ref(result))
        return result

    def left(self) -> bool:
        """Whether any is still there: a constant of a module, say, that is neither parameter nor buffer."""
        if any(made() is not None for made in self._made):
            gc.collect()
        return any(made() is not None for made in self._made)
