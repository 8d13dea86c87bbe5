"""Where a graph lives."""

from __future__ import annotations

import torch

from efgan_kit.errors import fail


def choose_device(name: str = "auto") -> torch.device:
    """The device called `name`; `auto` takes CUDA, then Apple's MPS, then the CPU. Raises EfganError if absent."""
    present = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        name = next(kind for kind in ("cuda", "mps", "cpu") if present[kind])
    kind = name.partition(":")[0]
    if not present.get(kind, False):
        there = ", ".join(kind for kind, found in present.items() if found)
        raise fail("--device", f"there is no '{name}' on this machine", f"there is: {there}")
    return torch.device(name)
