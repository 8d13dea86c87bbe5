"""Convolutions to a few maps, such as the colour and attention maps of a generator."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

BLOCK: Final = 2
"""The side of a block. Larger ones, which few kernels and no gradient would mind, were slower in training."""
FEW: Final = 8
"""Maps that leave most of a CPU's vector idle."""


def drawn_together(features: Tensor, *heads: nn.Module) -> tuple[Tensor, ...]:
    """What several convolutions of one kind make of `features` `(B, C, H, W)`, by a single one.

    Four maps cost what one does. On a CPU even four leave most of a vector idle; there the pixels of a block are
    computed as so many maps of one, by `convolved_in_blocks`.
    """
    plain = [head for head in heads if isinstance(head, nn.Conv2d) and _is_plain(head)]
    if len(plain) < len(heads):  # what edits sooner has layers of its own in their place
        return tuple(head(features) for head in heads)
    first = plain[0]
    weight = torch.cat([head.weight for head in plain])
    bias = None if first.bias is None else torch.cat([head.bias for head in plain])  # type: ignore[misc]
    if features.device.type == "cpu" and len(weight) <= FEW and _is_large(first):
        maps = convolved_in_blocks(features, weight, bias, BLOCK)
    else:
        maps = functional.conv2d(features, weight, bias, first.stride, first.padding)
    return maps.split([head.out_channels for head in plain], dim=1)


def convolved_in_blocks(features: Tensor, weight: Tensor, bias: Tensor | None, block: int) -> Tensor:
    """`conv2d` that keeps the size, `(B, C, H, W)` -> `(B, N, H, W)`, by kernels that make `block x block` pixels each.

    Each kernel is as large as the pixels of its block need, and has zeros where one of them doesn't look: more
    products, and less time.
    """
    kernel, (height, width) = weight.shape[-1], features.shape[-2:]
    places = range(block)
    shifted = [functional.pad(weight, (b, block - 1 - b, a, block - 1 - a)) for a in places for b in places]
    large = torch.stack(shifted, dim=1).flatten(0, 1)
    more = (0, -width % block, 0, -height % block)
    whole = functional.pad(features, more) if any(more) else features
    repeated = None if bias is None else bias.repeat_interleave(block**2)
    blocks = functional.conv2d(whole, large, repeated, stride=block, padding=kernel // 2)
    return functional.pixel_shuffle(blocks, block)[:, :, :height, :width]


def convolved_doubled(features: Tensor, weight: Tensor) -> Tensor:
    """`conv2d` that keeps the size, by 3x3 kernels `(N, C, 3, 3)`, of doubled `features` `(B, C, H, W)`.

    The map doubled by nearest neighbours, `(B, C, 2H, 2W)`, is never made. Which of the small map's pixels one of its
    pixels looks at, and how often, depends on whether its row and column are even or odd: 4 N kernels make the four
    kinds as maps of their own.
    """
    kernels = _by_parity(_by_parity(weight, 2, 1), 4, 2)  # (N, 2, 2, C, 3, 3)
    maps = functional.conv2d(features, kernels.flatten(0, 2), padding=1)
    return functional.pixel_shuffle(maps, 2)


def _by_parity(weight: Tensor, side: int, new: int) -> Tensor:
    """Kernels for even and odd pixels of a doubled map along one `side`, stacked as the dimension `new`."""
    before, here, after = weight.unbind(side)
    none = torch.zeros_like(here)
    even = torch.stack([before, here + after, none], dim=side)
    odd = torch.stack([none, before + here, after], dim=side)
    return torch.stack([even, odd], dim=new)


def _is_plain(head: nn.Conv2d) -> bool:
    return head.groups == 1 and head.dilation == (1, 1) and head.padding_mode == "zeros"


def _is_large(head: nn.Conv2d) -> bool:
    """Whether it has a kernel of 5x5 or more that keeps the size: 3x3 gains nothing."""
    height, width = head.kernel_size
    keeps = head.stride == (1, 1) and head.padding == (height // 2, width // 2)
    return keeps and height == width > 3 and height % 2 == 1
