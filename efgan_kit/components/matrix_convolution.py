"""Convolutions of small maps by large kernels, as matrix products."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

SMALL_MAP: Final = 16
"""Pixels of an output map up to which a CPU multiplies matrices sooner than it convolves."""


class MatrixConv2d(nn.Conv2d):
    """A convolution that a CPU computes as one matrix product where its output map is small.

    A critic's last layers have maps of 2x2 pixels and kernels of up to 33 million weights. A CPU's convolutions reorder
    those weights for maps that are large, and spend most of a step on it. The result is the same up to rounding, and can
    be differentiated as often. Elsewhere, and on GPUs, it is torch's convolution.
    """

    def _conv_forward(self, input: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        if input.device.type != "cpu" or not self._is_plain() or self._pixels(input) > SMALL_MAP:
            return super()._conv_forward(input, weight, bias)
        return convolved_by_matrix(input, weight, bias, stride=self.stride[0], padding=self.padding[0])  # type: ignore[arg-type]

    def _is_plain(self) -> bool:
        """Whether it has nothing that `convolved_by_matrix` doesn't know."""
        same = isinstance(self.padding, tuple) and len(set(self.padding)) == 1 and len(set(self.stride)) == 1
        return same and self.groups == 1 and self.dilation == (1, 1) and self.padding_mode == "zeros"

    def _pixels(self, input: Tensor) -> int:
        sizes = zip(input.shape[-2:], self.kernel_size, self.padding, self.stride, strict=True)
        height, width = ((size + 2 * int(pad) - kernel) // stride + 1 for size, kernel, pad, stride in sizes)
        return height * width


def convolved_by_matrix(
    image: Tensor, weight: Tensor, bias: Tensor | None = None, *, stride: int = 1, padding: int = 0
) -> Tensor:
    """`conv2d` of `image` `(B, C, H, W)` and `weight` `(N, C, h, w)`, as a product of `(B H' W', C h w)` by it."""
    if torch.is_autocast_enabled(image.device.type):
        dtype = torch.get_autocast_dtype(image.device.type)
        image, weight = image.to(dtype), weight.to(dtype)
    kernel = weight.shape[-2:]
    padded = functional.pad(image, [padding] * 4)
    patches = padded.unfold(2, kernel[0], stride).unfold(3, kernel[1], stride)  # (B, C, H', W', h, w)
    batch, _, height, width = patches.shape[:4]
    # The sums run in the order in which the weights lie in memory, which are not copied for it.
    channels_last = weight.stride(1) == 1 and weight.is_contiguous(memory_format=torch.channels_last)
    rows = patches.permute((0, 2, 3, 4, 5, 1) if channels_last else (0, 2, 3, 1, 4, 5))
    columns = weight.permute(0, 2, 3, 1) if channels_last else weight
    product = functional.linear(rows.reshape(batch * height * width, -1), columns.reshape(len(weight), -1), bias)
    return product.view(batch, height, width, len(weight)).permute(0, 3, 1, 2)
