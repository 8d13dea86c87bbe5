"""Number formats: fp32, bf16 or fp16 under autocast, with a loss scale where fp16 needs one."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from efgan_kit.api import fail


class Precision:
    """How the forward passes compute and how gradients are scaled.

    A gradient penalty is taken of unscaled scores inside the loss, so that the scale multiplies its square's
    gradient once, like every other term's.

    Args:
        name: `fp32`, `bf16`, `fp16`; or `auto`: bf16 where the device computes it fast, else fp32.
        device: Where the graph lives.
    """

    def __init__(self, name: str, device: torch.device) -> None:
        if name == "fp16" and device.type != "cuda":
            hint = "bf16 works here: -o train.precision=bf16"
            raise fail("train.precision", "fp16 needs a CUDA device", hint)
        if name == "auto":
            name = "bf16" if fast_bf16(device) else "fp32"
        self.device = device
        self.dtype = {"fp32": None, "bf16": torch.bfloat16, "fp16": torch.float16}[name]
        self.scaler = torch.amp.GradScaler(device.type, enabled=name == "fp16")

    @contextlib.contextmanager
    def autocast(self) -> Iterator[None]:
        """Within, convolutions and products compute in the reduced format; parameters stay fp32."""
        if self.dtype is None:
            yield
            return
        with torch.autocast(self.device.type, dtype=self.dtype):
            yield

    def backward(self, loss: Tensor) -> None:
        self.scaler.scale(loss).backward()

    def step(self, optimizer: Optimizer, parameters: Sequence[nn.Parameter], clip: float | None) -> bool:
        """Unscale, clip the gradients' norm if asked, and move the weights.

        Returns:
            Whether the gradients are finite. If not, no weight is moved. Under a loss scale they may overflow
            by design: the scale is lowered, no weight is moved, and the answer is yes.
        """
        gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
        if not gradients:
            return True
        self.scaler.unscale_(optimizer)
        norm = torch.nn.utils.get_total_norm(gradients)
        if not self.scaler.is_enabled() and not torch.isfinite(norm):
            return False
        if clip is not None:
            torch.nn.utils.clip_grads_with_norm_(parameters, clip, norm)
        self.scaler.step(optimizer)
        self.scaler.update()
        return True


def fast_bf16(device: torch.device) -> bool:
    """Whether bf16 convolutions beat fp32: on GPUs that have them, on CPUs with AMX or AVX512-BF16; others emulate."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return device.type == "cpu" and (torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported())
