"""Where a graph lives."""

from __future__ import annotations

import torch

from efgan_kit.errors import fail


def choose_device(name: str = "auto") -> torch.device:
    """The device called `name`; `auto` takes CUDA, then Apple's MPS, then the CPU.

    Raises:
        EfganError: There is no such device here.
    """
    present = {"cpu": 1, "cuda": torch.cuda.device_count(), "mps": int(torch.backends.mps.is_available())}
    if name == "auto":
        name = next(kind for kind in ("cuda", "mps", "cpu") if present[kind])
    kind, colon, index = name.partition(":")
    numbered = index.isdecimal() and int(index) < present.get(kind, 0)
    if not present.get(kind) or (colon and not numbered):
        there = ", ".join(kind for kind, count in present.items() if count)
        raise fail("--device", f"there is no '{name}' on this machine", f"there is: {there}")
    return torch.device(name)
