"""Values over pairs: tensors whose first dimension is the pair, or mappings and tuples of such tensors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor


def on_cpu(made: Any) -> Any:
    """The value without its history, on the CPU."""
    return _mapped(made, lambda tensor: tensor.detach().cpu())


def picked(made: Any, positions: Tensor) -> Any:
    """The value of the pairs at `positions`, a tensor of indices `(K,)`."""
    return _mapped(made, lambda tensor: tensor[positions])


def joined(parts: Sequence[Any]) -> Any:
    """The values of all batches as one."""
    first = parts[0]
    if isinstance(first, Tensor):
        return torch.cat(list(parts))
    if isinstance(first, Mapping):
        return {key: joined([part[key] for part in parts]) for key in first}
    if isinstance(first, tuple):
        columns = [joined(column) for column in zip(*parts, strict=True)]
        return type(first)(*columns) if hasattr(first, "_fields") else tuple(columns)
    return first


def is_figure(made: Any) -> bool:
    """Whether a value is a few numbers a face, cheap to draw again and again."""
    if isinstance(made, Mapping):
        return all(map(is_figure, made.values()))
    return isinstance(made, Tensor) and made.ndim <= 3


def _mapped(made: Any, change: Callable[[Tensor], Tensor]) -> Any:
    if isinstance(made, Tensor):
        return change(made)
    if isinstance(made, Mapping):
        return {key: _mapped(part, change) for key, part in made.items()}
    if isinstance(made, tuple):
        parts = [_mapped(part, change) for part in made]
        return type(made)(*parts) if hasattr(made, "_fields") else tuple(parts)
    return made
