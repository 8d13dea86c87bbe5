"""Spectral normalisation in few passes over the weights, given out in the format that convolutions compute in."""

from __future__ import annotations

from typing import Any, Final, cast

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn.functional import normalize
from torch.nn.utils import parametrize

from efgan_kit.components.autocasting import computing_dtype

FIRST_ITERATIONS: Final = 15
"""Power iterations before the first forward, as in torch's own."""
TRANSPOSED: Final = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)


def spectrally_normalised(layer: nn.Module) -> nn.Module:
    """`layer`, its weight divided by the weight's largest singular value (Miyato et al. 2018, arXiv:1802.05957).

    The same as `torch.nn.utils.parametrizations.spectral_norm`, under the same names in checkpoints: one power
    iteration at each forward in training mode, none in eval mode, and none again within `parametrize.cached()`.
    """
    rows = 1 if isinstance(layer, TRANSPOSED) else 0  # where the outgoing channels are
    parametrize.register_parametrization(layer, "weight", SpectralNorm(layer.weight, rows))  # type: ignore[arg-type]
    return layer


class SpectralNorm(nn.Module):
    """Divides a weight by its largest singular value, taken as the matrix of one dimension by all the others.

    Under autocast the quotient is made in autocast's format, to which each convolution would cast it anew. The gradient
    takes two passes over the weight, where torch's own quotient takes six. It can be differentiated once, as penalties
    on pictures need it; a gradient of the weight's gradient, or `torch.func`, needs torch's own.

    Args:
        weight: Whose singular vectors the estimate begins with.
        rows: The dimension of the matrix's rows.
    """

    _u: Tensor
    _v: Tensor

    def __init__(self, weight: Tensor, rows: int = 0) -> None:
        super().__init__()
        self.rows = rows
        with torch.no_grad():
            matrix = weight.movedim(rows, 0).flatten(1)
            u, v = (matrix.new_empty(size) for size in matrix.shape)
            if not weight.is_meta:  # there nothing is computed, and torch imports its compiler for that
                u, v = (normalize(vector.normal_(), dim=0) for vector in (u, v))
                for _ in range(FIRST_ITERATIONS):
                    u, v, _ = _iterated(matrix, v)
        self.register_buffer("_u", u)
        self.register_buffer("_v", v)

    def forward(self, weight: Tensor) -> Tensor:
        """The weight by its norm, of the same shape."""
        if weight.is_meta:
            return weight
        with torch.no_grad():
            # Columns in the order that they have in memory: a matrix of several hundred MB is not copied.
            columns = [dim for dim in _dimensions_in_memory(weight) if dim != self.rows]
            matrix = weight.permute(self.rows, *columns).flatten(1)
            rest: Tensor = weight.movedim(self.rows, 0)[0]
            order = [dim - (dim > self.rows) for dim in columns]
            v = self._v.view(rest.shape).permute(order).flatten()
            if self.training:
                u, v, sigma = _iterated(matrix, v)
            else:
                u = self._u
                sigma = torch.vdot(u, torch.mv(matrix, v))
            shaped = v.view([rest.shape[dim] for dim in order]).permute([order.index(dim) for dim in range(rest.dim())])
            if self.training:
                self._u.copy_(u)
                self._v.copy_(shaped.flatten())
        across = u.clone().view([-1 if dim == self.rows else 1 for dim in range(weight.dim())])
        along = shaped.clone().unsqueeze(self.rows)
        quotient: Tensor = _Quotient.apply(weight, across, along, sigma, computing_dtype(weight))
        return quotient

    def right_inverse(self, weight: Tensor) -> Tensor:
        """A weight that is set is the one that is divided."""
        return weight


def _dimensions_in_memory(tensor: Tensor) -> list[int]:
    """The dimensions from the slowest to the fastest."""
    return sorted(range(tensor.dim()), key=lambda dim: -tensor.stride()[dim])


def _iterated(matrix: Tensor, v: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """One power iteration: u, v, and u^T W v, which is the length of W^T u since v is its direction."""
    u = normalize(torch.mv(matrix, v), dim=0)
    product = torch.mv(matrix.mT, u)
    sigma = torch.linalg.vector_norm(product)
    return u, product / sigma.clamp_min(1e-12), sigma


class _Quotient(torch.autograd.Function):
    """`W / sigma` with `sigma = u^T W v`, whose gradient is `(G - <G, W / sigma> u v^T) / sigma`.

    u and v are shaped to broadcast over W.
    """

    @staticmethod
    def forward(ctx: Any, weight: Tensor, u: Tensor, v: Tensor, sigma: Tensor, dtype: torch.dtype) -> Tensor:
        ctx.save_for_backward(weight, u, v, sigma)
        return (weight / sigma).to(dtype)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None, None, None]:
        weight, u, v, sigma = cast("tuple[Tensor, ...]", ctx.saved_tensors)
        order = _dimensions_in_memory(weight)
        own = gradient.to(weight.dtype)
        share = torch.dot(own.permute(order).flatten(), weight.permute(order).flatten()) / sigma
        into = None if own is gradient else own  # what came may be others', too
        return torch.addcmul(own, -share * u, v, out=into).div_(sigma), None, None, None, None
