"""Products of a few rows by a large weight, whose gradient is gathered from all of them and computed at once."""

from __future__ import annotations

from typing import Any, cast
from weakref import WeakValueDictionary

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional


def multiplied(rows: Tensor, weight: Tensor) -> Tensor:
    """`rows` `(P, K)` by `weight` `(N, ...)`, taken as a matrix: `(P, N)`, with one gradient of the weight for all.

    A critic sees real pictures, edited ones and those between them, and a penalty differentiates its gradient. Of each
    of these comes a gradient of the weight: the product of a few rows, which is as large as the weight and is added to
    the others. Here the rows are put under one another, and multiplied once. The sums run in the order in which the
    weight lies in memory.

    The rows' gradient can be differentiated, as penalties need it; the weight's gradient can't.

    Args:
        rows: In the format to compute in, which the weight is cast to.
    """
    gathering = _GATHERINGS.get(id(weight))
    if gathering is None or not gathering.is_of(weight, rows.dtype):
        gathering = _GATHERINGS[id(weight)] = _Gathering(weight, rows.dtype)
    return gathering.product(rows)


def as_matrix(weight: Tensor) -> Tensor:
    """A convolution's weight `(N, C, h, w)` as `(N, C h w)` or `(N, h w C)`, whichever lies so in memory."""
    return (weight.permute(0, 2, 3, 1) if in_channels_last(weight) else weight).flatten(1)


def in_channels_last(weight: Tensor) -> bool:
    """Whether the channels are what lies next to each other."""
    return weight.stride(1) == 1 and weight.is_contiguous(memory_format=torch.channels_last)


class _Gathering:
    """A weight, and the one node of the graph behind all products by it.

    It lives as long as a product's history does: the histories hold it, and it holds the weight.
    """

    def __init__(self, weight: Tensor, dtype: torch.dtype) -> None:
        self.weight, self.version = weight, weight._version
        self.matrix = as_matrix(weight.detach().to(dtype))
        self.parts: list[Tensor] = []
        self.token: Tensor = _Gathered.apply(weight, self.parts)

    def is_of(self, weight: Tensor, dtype: torch.dtype) -> bool:
        return self.weight is weight and self.version == weight._version and self.matrix.dtype == dtype

    def product(self, rows: Tensor) -> Tensor:
        """`(P, K)` -> `(P, N)`."""
        return cast("Tensor", _Product.apply(rows, self.matrix, self._ticket(rows), self))

    def product_back(self, rows: Tensor) -> Tensor:
        """`(P, N)` -> `(P, K)`, by the transposed matrix."""
        return cast("Tensor", _ProductBack.apply(rows, self.matrix, self._ticket(rows), self))

    def _ticket(self, rows: Tensor) -> Tensor:
        return cast("Tensor", _Ticket.apply(self.token, self.parts, (len(rows), sum(self.matrix.shape)), rows.dtype))


_GATHERINGS: WeakValueDictionary[int, _Gathering] = WeakValueDictionary()


class _Product(torch.autograd.Function):
    """`Y = X W^T`. The weight's gradient is `G^T X`: its ticket is given G and X."""

    @staticmethod
    def forward(ctx: Any, rows: Tensor, matrix: Tensor, ticket: Tensor, gathering: _Gathering) -> Tensor:
        ctx.save_for_backward(rows, matrix)
        ctx.gathering = gathering
        return functional.linear(rows, matrix)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, None, Tensor, None]:
        rows, _ = ctx.saved_tensors  # the matrix among them, so that torch sees whether it has been written to
        back = ctx.gathering.product_back(gradient) if ctx.needs_input_grad[0] else None
        return back, None, torch.cat([gradient, rows], dim=1), None


class _ProductBack(torch.autograd.Function):
    """`Z = G W`. The weight's gradient by Z's own, H, is `G^T H`: its ticket is given G and H."""

    @staticmethod
    def forward(ctx: Any, rows: Tensor, matrix: Tensor, ticket: Tensor, gathering: _Gathering) -> Tensor:
        ctx.save_for_backward(rows, matrix)
        ctx.gathering = gathering
        return rows @ matrix

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, None, Tensor, None]:
        rows, _ = ctx.saved_tensors
        on = ctx.gathering.product(gradient) if ctx.needs_input_grad[0] else None
        return on, None, torch.cat([rows, gradient], dim=1), None


class _Ticket(torch.autograd.Function):
    """Stands between a product and the weight; runs only where the weight's gradient is asked for.

    Its own gradient is the rows of a product, on which it hands to the gathering: sums are not what it wants.
    """

    @staticmethod
    def forward(ctx: Any, token: Tensor, parts: list[Tensor], shape: tuple[int, int], dtype: torch.dtype) -> Tensor:
        ctx.parts = parts
        return token.new_zeros((), dtype=dtype).expand(shape)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, rows: Tensor) -> tuple[Tensor, None, None, None]:
        ctx.parts.append(rows)
        return rows.new_zeros((), dtype=torch.float32), None, None, None


class _Gathered(torch.autograd.Function):
    """Stands for the weight: by the time it is asked for its gradient, all products have given their rows."""

    @staticmethod
    def forward(ctx: Any, weight: Tensor, parts: list[Tensor]) -> Tensor:
        ctx.parts, ctx.shape, ctx.channels_last = parts, weight.shape, in_channels_last(weight)
        return weight.new_zeros((), dtype=torch.float32)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, _: Tensor) -> tuple[Tensor | None, None]:
        if not ctx.parts:  # a backward pass within this one, as of checkpointing, has already handed them on
            return None, None
        left, right = torch.cat(ctx.parts).tensor_split([ctx.shape[0]], dim=1)
        ctx.parts.clear()
        product = left.mT @ right
        if ctx.channels_last:
            count, channels, height, width = ctx.shape
            return product.view(count, height, width, channels).permute(0, 3, 1, 2), None
        return product.view(ctx.shape), None
