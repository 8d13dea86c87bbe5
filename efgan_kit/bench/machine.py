"""What the machine can give: its fastest products and convolutions, and what else it is doing meanwhile."""

from __future__ import annotations

import os
from typing import Any, Final

import attrs
import torch
from torch import Tensor

from efgan_kit.recipe.provenance import hardware
from efgan_kit.timing import in_turns

SIDE: Final = {"cpu": 1024, "cuda": 8192}
"""Of the square matrices that are multiplied."""
PICTURES: Final = {"cpu": 4, "cuda": 64}
"""Of 256 channels and 32x32 pixels, that are convolved 3x3 with 256 channels: a generator's residual blocks."""
FORMATS: Final = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


@attrs.frozen
class Peak:
    """What one format reaches, in floating-point operations a second.

    Attributes:
        product: Of two large square matrices.
        convolution: Of a generator's residual blocks, forward.
    """

    product: float
    convolution: float

    @property
    def best(self) -> float:
        return max(self.product, self.convolution)


def measured_peak(precision: str, device: torch.device, rounds: int = 5) -> Peak:
    """The best of several rounds, by the threads that torch has."""
    dtype = FORMATS[precision]
    side, pictures = SIDE.get(device.type, 1024), PICTURES.get(device.type, 4)
    left, right = (torch.randn(side, side, device=device, dtype=dtype) for _ in range(2))
    maps = torch.randn(pictures, 256, 32, 32, device=device, dtype=dtype).contiguous(memory_format=torch.channels_last)
    kernels = torch.randn(256, 256, 3, 3, device=device, dtype=dtype).contiguous(memory_format=torch.channels_last)

    def multiply() -> Tensor:
        return left @ right

    def convolve() -> Tensor:
        return torch.nn.functional.conv2d(maps, kernels, padding=1)

    with torch.no_grad():
        seconds = in_turns({"product": multiply, "convolution": convolve}, rounds=rounds, warmup=2, device=device)
    return Peak(
        product=2 * side**3 / min(seconds["product"]),
        convolution=2 * pictures * 32 * 32 * 256 * 256 * 9 / min(seconds["convolution"]),
    )


def described(device: torch.device, threads: int) -> dict[str, Any]:
    """The machine, for a report."""
    found: dict[str, Any] = {**hardware(), "torch": torch.__version__, "device": str(device), "threads": threads}
    if device.type == "cuda":
        found["gpu"] = torch.cuda.get_device_name(device)
    return found


def load() -> float | None:
    """How many processes wanted to run in the last minute, in the mean, these included; None if nobody knows."""
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None
