"""What a step costs, counted and so the same on every machine: operations, and the memory that gradients need."""

from __future__ import annotations

import weakref
from collections import Counter
from types import TracebackType
from typing import Any

import torch
from torch import Tensor
from torch.autograd.graph import saved_tensors_hooks
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry


class CountedFlops(TorchDispatchMode):
    """Within, counts the floating-point operations of convolutions and products, as torch's own formulas have them.

    torch's FlopCounterMode follows modules, too, and cannot do so where a penalty differentiates a gradient.

    Attributes:
        total: So far.
    """

    def __init__(self) -> None:
        super().__init__()
        self.total = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        formula = flop_registry.get(func._overloadpacket)
        if formula is not None:
            self.total += formula(*args, **(kwargs or {}), out_val=result)
        return result


class _Kept:
    """A tensor that autograd keeps for as long as it keeps this."""

    __slots__ = ("__weakref__", "tensor")

    def __init__(self, tensor: Tensor) -> None:
        self.tensor = tensor


class KeptForGradients:
    """Within, counts the bytes that are kept for gradients; parameters, which are there anyway, are left out.

    Attributes:
        now: Bytes kept at present; a storage that is kept several times counts once.
        most: The largest that `now` has been.
    """

    def __init__(self) -> None:
        self.now = 0
        self.most = 0
        self._keepers: Counter[tuple[torch.device, int]] = Counter()
        self._hooks = saved_tensors_hooks(self._keep, lambda kept: kept.tensor)

    def __enter__(self) -> KeptForGradients:
        self._hooks.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._hooks.__exit__(kind, error, trace)

    def _keep(self, tensor: Tensor) -> _Kept:
        kept = _Kept(tensor)
        if not isinstance(tensor, torch.nn.Parameter):
            storage = tensor.untyped_storage()
            key, size = (tensor.device, storage.data_ptr()), storage.nbytes()
            if not self._keepers[key]:
                self.now += size
                self.most = max(self.most, self.now)
            self._keepers[key] += 1
            weakref.finalize(kept, self._let_go, key, size)
        return kept

    def _let_go(self, key: tuple[torch.device, int], size: int) -> None:
        self._keepers[key] -= 1
        if not self._keepers[key]:
            del self._keepers[key]
            self.now -= size
