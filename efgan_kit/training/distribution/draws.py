"""Random numbers that are the same however many processes share a batch.

Every process draws from the same named streams. What is drawn for each face of a batch, it draws for the faces of all
processes, and keeps its own: u of a gradient penalty, noise, a dropout's mask. All else is the same in all anyway.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.overrides import TorchFunctionMode

from efgan_kit.training.distribution.processes import Processes

FACTORIES: Final = (torch.rand, torch.randn)
BY_ROW: Final = (
    torch.rand_like,
    torch.randn_like,
    torch.randint_like,
    torch.bernoulli,
    torch.poisson,
    torch.multinomial,
    torch.dropout,
    F.dropout,
    F.dropout1d,
    F.dropout2d,
    F.dropout3d,
    F.alpha_dropout,
    F.feature_alpha_dropout,
    F.gumbel_softmax,
)
"""Functions that draw for each row of their first argument, and return as many."""
IN_PLACE: Final = (
    Tensor.uniform_,
    Tensor.normal_,
    Tensor.bernoulli_,
    Tensor.exponential_,
    Tensor.random_,
    Tensor.log_normal_,
    Tensor.cauchy_,
    Tensor.geometric_,
)


class SharedDraws(TorchFunctionMode):
    """Within, draws with a leading dimension of this process's share of the batch are a share of the batch's.

    So are those of twice as many, such as for real and edited pictures laid one behind the other.

    Args:
        processes: Those that share the batch.
        size: Faces in this process's share.
    """

    def __init__(self, processes: Processes, size: int) -> None:
        super().__init__()
        self.processes, self.size = processes, size
        self._draws: dict[Any, Callable[..., Any]] = {
            **dict.fromkeys(FACTORIES, self._factory),
            **dict.fromkeys(BY_ROW, self._by_row),
            **dict.fromkeys(IN_PLACE, self._in_place),
            torch.randint: self._integers,
            torch.normal: self._normal,
            Tensor.backward: self._backward,
        }

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        draw = self._draws.get(func)
        return func(*args, **(kwargs or {})) if draw is None else draw(func, *args, **(kwargs or {}))

    def _factory(self, func: Any, *size: Any, **options: Any) -> Any:
        shape = options.pop("size", size)
        shape = tuple(shape[0]) if len(shape) == 1 and not isinstance(shape[0], int) else tuple(shape)
        return self._drawn(shape, lambda whole: func(whole, **options), options)

    def _integers(self, func: Any, *bounds: Any, **options: Any) -> Any:
        *rest, shape = (*bounds, options.pop("size")) if "size" in options else bounds
        return self._drawn(tuple(shape), lambda whole: func(*rest, whole, **options), options)

    def _normal(self, func: Any, *args: Any, **options: Any) -> Any:
        if isinstance(args[0], Tensor):
            return self._by_row(func, *args, **options)
        *rest, shape = (*args, options.pop("size")) if "size" in options else args
        return self._drawn(tuple(shape), lambda whole: func(*rest, whole, **options), options)

    def _drawn(self, shape: tuple[int, ...], draw: Callable[[tuple[int, ...]], Tensor], options: Any) -> Tensor:
        if not self._for_faces(shape) or options.get("out") is not None:
            return draw(shape)
        return self._mine(draw((shape[0] * self.processes.count, *shape[1:])))

    def _by_row(self, func: Any, first: Any, *rest: Any, **options: Any) -> Any:
        if not isinstance(first, Tensor) or not self._for_faces(first.shape):
            return func(first, *rest, **options)
        others = [self._repeated(each) if _is_like(each, first) else each for each in rest]
        return self._mine(func(self._repeated(first), *others, **options))

    def _in_place(self, func: Any, target: Tensor, *rest: Any, **options: Any) -> Tensor:
        if not self._for_faces(target.shape):
            return func(target, *rest, **options)
        others = [self._repeated(each) if _is_like(each, target) else each for each in rest]
        return target.copy_(self._mine(func(self._repeated(target.detach()), *others, **options)))

    def _backward(self, func: Any, loss: Tensor, gradient: Tensor | None = None, **options: Any) -> None:
        """What is computed anew on the way backward draws as it did on the way forward."""
        # Of an edge, since a tensor would lead here again.
        edge = torch.autograd.graph.get_gradient_edge(loss)
        with self:
            torch.autograd.backward(edge, torch.ones_like(loss) if gradient is None else gradient, **options)

    def _for_faces(self, shape: tuple[int, ...]) -> bool:
        return bool(shape) and shape[0] in (self.size, 2 * self.size)

    def _repeated(self, rows: Tensor) -> Tensor:
        """`(k B, ...)` -> `(k N B, ...)`: as many rows as all processes have."""
        blocks = rows.unflatten(0, (-1, 1, self.size))
        return blocks.repeat(1, self.processes.count, *(1 for _ in blocks.shape[2:])).flatten(0, 2)

    def _mine(self, rows: Tensor) -> Tensor:
        """`(k N B, ...)` -> `(k B, ...)`: those of this process."""
        return rows.unflatten(0, (-1, self.processes.count, self.size))[:, self.processes.rank].flatten(0, 1)


def _is_like(argument: Any, rows: Tensor) -> bool:
    return isinstance(argument, Tensor) and argument.shape == rows.shape
