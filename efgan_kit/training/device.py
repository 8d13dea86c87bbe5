"""Where a graph lives."""

from __future__ import annotations

import torch

from efgan_kit.errors import fail
from efgan_kit.training.distribution.processes import ALONE, Processes


def choose_device(name: str = "auto", processes: Processes = ALONE) -> torch.device:
    """The device called `name`; `auto` takes CUDA, then Apple's MPS, then the CPU.

    Of several processes each takes a GPU of its own.

    Raises:
        EfganError: There is no such device here, or not one for each process.
    """
    if not processes.alone:
        return _own_device(name, processes)
    present = {"cpu": 1, "cuda": torch.cuda.device_count(), "mps": int(torch.backends.mps.is_available())}
    if name == "auto":
        name = next(kind for kind in ("cuda", "mps", "cpu") if present[kind])
    kind, colon, index = name.partition(":")
    numbered = index.isdecimal() and int(index) < present.get(kind, 0)
    if not present.get(kind) or (colon and not numbered):
        there = ", ".join(kind for kind, count in present.items() if count)
        raise fail("--device", f"there is no '{name}' on this machine", f"there is: {there}")
    return torch.device(name)


def _own_device(name: str, processes: Processes) -> torch.device:
    """Among several processes: the CPU, which they share, or the GPU of this one's number on its machine."""
    if name == "auto":
        name = "cuda" if torch.cuda.device_count() else "cpu"
    if name == "cpu":
        return torch.device("cpu")
    if name != "cuda":
        what = f"'{name}' is one device, and {processes.count} processes can't share it"
        raise fail("--device", what, "--device cuda gives each a GPU of its own, --device cpu shares the cores")
    gpus = torch.cuda.device_count()
    if processes.local_rank >= gpus:
        what = f"this machine has {gpus} GPUs, and at least {processes.local_rank + 1} processes are to train on it"
        hint = "give each a GPU of its own, or train with --device cpu"
        raise fail("--device", what, hint)
    return torch.device("cuda", processes.local_rank)
