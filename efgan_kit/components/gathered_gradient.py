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

    The rows' gradient can be differentiated, as penalties need it; the weight's gradient can't, nor can any of it by
    `torch.func`.

    Args:
        rows: In the format to compute in, which the weight is cast to.
    """
    gathering = _GATHERINGS.get(id(weight))
    if gathering is None or not gathering.taken.is_of(weight, rows.dtype):
        gathering = _GATHERINGS[id(weight)] = _Gathering(weight, rows.dtype)
    assert gathering.taken.matrix is not None
    return gathering.product(rows, gathering.taken.matrix)


def as_matrix(weight: Tensor) -> Tensor:
    """A convolution's weight `(N, C, h, w)` as `(N, C h w)` or `(N, h w C)`, whichever lies so in memory."""
    return (weight.permute(0, 2, 3, 1) if in_channels_last(weight) else weight).flatten(1)


def in_channels_last(weight: Tensor) -> bool:
    """Whether the channels are what lies next to each other."""
    return weight.stride(1) == 1 and weight.is_contiguous(memory_format=torch.channels_last)


class _Taken:
    """A weight as products take it, until a backward pass has taken the rows that they hand in.

    What is computed afterwards joins no more, since weights may have moved, and the history that is left holds no
    weight. Rows are kept by backward pass: one that failed leaves some that nobody wants.
    """

    def __init__(self, weight: Tensor, dtype: torch.dtype) -> None:
        self.weight: Tensor | None = weight
        self.matrix: Tensor | None = as_matrix(weight.detach().to(dtype))
        self.dtype, self.state = dtype, _state(weight)
        self._rows: dict[int, list[Tensor]] = {}

    def is_of(self, weight: Tensor, dtype: torch.dtype) -> bool:
        """Whether a further product by the weight, as it is now, may join."""
        return self.weight is weight and self.state == _state(weight) and self.dtype == dtype

    def hand_in(self, rows: Tensor) -> None:
        self._rows.setdefault(torch._C._current_graph_task_id(), []).append(rows)

    def take_rows(self) -> list[Tensor]:
        self.weight = self.matrix = None
        return self._rows.pop(torch._C._current_graph_task_id())


def _state(weight: Tensor) -> tuple[int, int, tuple[int, ...]]:
    return weight._version, weight.data_ptr(), weight.stride()


class _Gathering:
    """The one node of the graph behind all products by a weight. It lives as long as their history."""

    def __init__(self, weight: Tensor, dtype: torch.dtype) -> None:
        self.taken = _Taken(weight, dtype)
        self.token: Tensor = _Gathered.apply(weight, self.taken)

    def product(self, rows: Tensor, matrix: Tensor) -> Tensor:
        """`(P, K)` -> `(P, N)`."""
        return cast("Tensor", _Product.apply(rows, matrix, self._ticket(rows, matrix), self))

    def product_back(self, rows: Tensor, matrix: Tensor) -> Tensor:
        """`(P, N)` -> `(P, K)`, by the transposed matrix."""
        return cast("Tensor", _ProductBack.apply(rows, matrix, self._ticket(rows, matrix), self))

    def _ticket(self, rows: Tensor, matrix: Tensor) -> Tensor:
        return cast("Tensor", _Ticket.apply(self.token, self.taken, (len(rows), sum(matrix.shape)), rows.dtype))


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
        rows, matrix = ctx.saved_tensors  # torch sees whether they have been written to
        back = ctx.gathering.product_back(gradient, matrix) if ctx.needs_input_grad[0] else None
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
        rows, matrix = ctx.saved_tensors
        on = ctx.gathering.product(gradient, matrix) if ctx.needs_input_grad[0] else None
        return on, None, torch.cat([rows, gradient], dim=1), None


class _Ticket(torch.autograd.Function):
    """Stands between a product and the weight; runs only where the weight's gradient is asked for.

    Its own gradient is the rows of a product, on which it hands to the gathering: sums are not what it wants.
    """

    @staticmethod
    def forward(ctx: Any, token: Tensor, taken: _Taken, shape: tuple[int, int], dtype: torch.dtype) -> Tensor:
        ctx.taken = taken
        return token.new_zeros((), dtype=dtype).expand(shape)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, rows: Tensor) -> tuple[Tensor, None, None, None]:
        ctx.taken.hand_in(rows)
        return rows.new_zeros((), dtype=torch.float32), None, None, None


class _Gathered(torch.autograd.Function):
    """Stands for the weight: by the time it is asked for its gradient, all products have given their rows."""

    @staticmethod
    def forward(ctx: Any, weight: Tensor, taken: _Taken) -> Tensor:
        ctx.taken, ctx.shape, ctx.channels_last = taken, weight.shape, in_channels_last(weight)
        return weight.new_zeros((), dtype=torch.float32)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, _: Tensor) -> tuple[Tensor, None]:
        left, right = torch.cat(ctx.taken.take_rows()).tensor_split([ctx.shape[0]], dim=1)
        product = left.mT @ right
        if ctx.channels_last:
            count, channels, height, width = ctx.shape
            return product.view(count, height, width, channels).permute(0, 3, 1, 2), None
        return product.view(ctx.shape), None
