"""The number format that autocast has convolutions and products compute in, and doing without it."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor


def computing_dtype(tensor: Tensor) -> torch.dtype:
    """The format in which a convolution would compute with `tensor` here and now: autocast's, or its own.

    Autocast leaves float64 alone.
    """
    device = tensor.device.type
    if tensor.dtype != torch.float64 and torch.amp.is_autocast_available(device) and torch.is_autocast_enabled(device):
        return torch.get_autocast_dtype(device)
    return tensor.dtype


def own_format(tensor: Tensor) -> AbstractContextManager[object]:
    """Within, what is computed where `tensor` lies is computed in the format of its operands."""
    device = tensor.device.type
    return torch.autocast(device, enabled=False) if torch.amp.is_autocast_available(device) else nullcontext()
