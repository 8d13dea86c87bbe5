"""Convolutions of small maps by large kernels, as matrix products."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from efgan_kit.components.autocasting import computing_dtype
from efgan_kit.components.gathered_gradient import as_matrix, in_channels_last, multiplied

SMALL_MAP: Final = 16
"""Pixels of an output map up to which a CPU multiplies matrices sooner than it convolves."""

LARGE_WEIGHT: Final = 2**20
"""Numbers of a weight from which on adding up its gradients costs more than gathering their rows."""


class MatrixConv2d(nn.Conv2d):
    """A convolution that a CPU computes as one matrix product where its output map is small.

    A critic's last layers have maps of 2x2 pixels and kernels of up to 33 million weights. A CPU's convolutions reorder
    those weights for maps that are large, and spend most of a step on it. The result is the same up to rounding, and
    can be differentiated as often; only the gradient of a weight of `LARGE_WEIGHT` numbers or more can't be again.
    Elsewhere, and on GPUs, it is torch's convolution.
    """

    def __init__(self, channels_in: int, channels: int, kernel_size: int, stride: int, padding: int) -> None:
        super().__init__(channels_in, channels, kernel_size, stride, padding)
        self.window = (kernel_size, stride, padding)

    def _conv_forward(self, input: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        kernel, stride, padding = self.window
        height, width = ((size + 2 * padding - kernel) // stride + 1 for size in input.shape[-2:])
        if input.device.type != "cpu" or height * width > SMALL_MAP:
            return super()._conv_forward(input, weight, bias)
        return convolved_by_matrix(input, weight, bias, stride=stride, padding=padding)


def convolved_by_matrix(
    image: Tensor, weight: Tensor, bias: Tensor | None = None, *, stride: int = 1, padding: int = 0
) -> Tensor:
    """`conv2d` of `image` `(B, C, H, W)` and `weight` `(N, C, h, w)`, as a product of `(B H' W', C h w)` by it."""
    dtype = computing_dtype(image)
    kernel = weight.shape[-2:]
    padded = functional.pad(image.to(dtype), [padding] * 4)
    patches = padded.unfold(2, kernel[0], stride).unfold(3, kernel[1], stride)  # (B, C, H', W', h, w)
    batch, _, height, width = patches.shape[:4]
    # The sums run in the order in which the weights lie in memory, which are not copied for it.
    order = (0, 2, 3, 4, 5, 1) if in_channels_last(weight) else (0, 2, 3, 1, 4, 5)
    rows = patches.permute(order).reshape(batch * height * width, weight[0].numel())
    if weight.numel() >= LARGE_WEIGHT and _learns_by_backward(weight):
        product = multiplied(rows, weight)
        product = product if bias is None else product + bias.to(dtype)
    else:
        product = functional.linear(rows, as_matrix(weight.to(dtype)), bias)
    return product.view(batch, height, width, len(weight)).permute(0, 3, 1, 2)


def _learns_by_backward(weight: Tensor) -> bool:
    """Whether it gets a gradient by a backward pass, and by none of torch's other ways."""
    if torch._C._are_functorch_transforms_active() or torch._C._get_tracing_state() is not None:
        return False
    return weight.requires_grad and torch.is_grad_enabled() and not weight.is_inference()
