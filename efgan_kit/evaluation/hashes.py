"""Short names for things that are too large to print."""

from __future__ import annotations

import hashlib
from typing import Final

from torch import nn

HASHED: Final = 12
"""Hexadecimal digits of a hash that people are to compare."""


def weights_hash(module: nn.Module) -> str:
    """The first digits of a SHA-256 over the names, shapes and bytes of a module's state."""
    digest = hashlib.sha256()
    for name, tensor in sorted(module.state_dict().items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()[:HASHED]
