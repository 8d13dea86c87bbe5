"""The processes that train together, and what they tell each other."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

import attrs
import torch
import torch.distributed as dist
from torch import Tensor, nn

from efgan_kit.api import fail

BITS: Final = {1: torch.int8, 2: torch.int16, 4: torch.int32, 8: torch.int64}
"""Integers as wide as a number of so many bytes."""


class LostProcessError(Exception):
    """Another process of the training has ended, or can't be reached."""

    def __init__(self) -> None:
        super().__init__("another process of this training has ended")


@attrs.define
class Processes:
    """The processes that train together, as one of them sees them. One that trains alone tells nobody anything.

    All must call the same methods in the same order; each waits there for the others.

    Attributes:
        rank: Which of them this one is, from 0.
        count: How many there are.
        local_rank: Which of those on this machine it is.
        consolation: Says what is saved, should one of them be lost.
    """

    rank: int = 0
    count: int = 1
    local_rank: int = 0
    consolation: Callable[[], str] = str

    @property
    def alone(self) -> bool:
        return self.count == 1

    @property
    def first(self) -> bool:
        """Whether this is the one that writes and speaks."""
        return self.rank == 0

    def any(self, flag: bool) -> bool:
        """Whether the flag is set in any of them."""
        if self.alone:
            return flag
        raised = torch.tensor(int(flag))
        with _together():
            dist.all_reduce(raised, dist.ReduceOp.MAX)
        return bool(raised)

    def same(self, number: int) -> bool:
        """Whether it is the same number in all of them."""
        if self.alone:
            return True
        extremes = torch.tensor([number, -number])
        with _together():
            dist.all_reduce(extremes, dist.ReduceOp.MAX)
        return not extremes.sum()

    def decided(self, question: Callable[[], bool]) -> bool:
        """The first one's answer; only that one is asked."""
        return self.any(self.first and question())

    def mean(self, figures: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Each figure's mean over the processes, without history, in one exchange."""
        told = {name: figure.detach() for name, figure in figures.items()}
        if self.alone or not told:
            return told
        flat = torch.cat([figure.flatten() for figure in told.values()])
        self._average(flat)
        parts = flat.split([figure.numel() for figure in told.values()])
        return {name: part.view_as(figure) for (name, figure), part in zip(told.items(), parts, strict=True)}

    def average_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        """Give every process the mean of all processes' gradients, in one exchange.

        Not DistributedDataParallel: a step has several players with optimizers of their own, and a gradient penalty
        goes backward twice. What no process has a gradient of keeps none, so that its moments stay as they are.
        """
        if self.alone:
            return
        own = [parameter for parameter in dict.fromkeys(parameters) if parameter.requires_grad]
        if not own:
            return
        taught = own[0].new_tensor([float(parameter.grad is not None) for parameter in own])
        gradients = [torch.zeros_like(p) if p.grad is None else p.grad for p in own]
        flat = torch.cat([taught, *(gradient.flatten() for gradient in gradients)])
        self._average(flat)
        anyones, *means = flat.split([len(own), *(parameter.numel() for parameter in own)])
        for parameter, gradient, mean, share in zip(own, gradients, means, anyones.tolist(), strict=True):
            if share:
                # In the memory layout that it had: fused optimizers walk gradients as they walk parameters.
                parameter.grad = gradient.copy_(mean.view_as(gradient))

    def give(self, modules: Mapping[str, nn.Module]) -> None:
        """Every process takes over the first one's parameters and buffers."""
        if not self.alone:
            for module in modules.values():
                self._give([*module.parameters(), *module.buffers()])

    def give_buffers(self, modules: Mapping[str, nn.Module]) -> None:
        """Every process takes over the first one's buffers: what is saved is then what all go on with."""
        if not self.alone:
            for module in modules.values():
                self._give(list(module.buffers()))

    def must_agree(self, modules: Mapping[str, nn.Module]) -> None:
        """Raises EfganError, in all processes alike, if a parameter is not the same in all to the bit."""
        if self.alone:
            return
        named = {f"{name}.{p}": tensor for name, module in modules.items() for p, tensor in module.named_parameters()}
        if not named:
            return
        sums = torch.stack([_checksum(tensor) for tensor in named.values()])
        extremes = torch.cat([sums, -sums])
        with _together():
            dist.all_reduce(extremes, dist.ReduceOp.MAX)
        most, least = extremes[: len(sums)], -extremes[len(sums) :]
        differing = [name for name, differs in zip(named, (most != least).tolist(), strict=True) if differs]
        if differing:
            raise fail(
                differing[0],
                f"its weights are no longer the same in all {self.count} processes (so are {len(differing)} of "
                f"{len(named)} tensors): a component changes weights by itself, outside its optimizer",
                "train this recipe in one process",
            )

    def whole(self, share: Tensor) -> Tensor:
        """The batch `(N B, ...)` of which this process has its share `(B, ...)`, in the order of the processes."""
        if self.alone:
            return share
        shares = [torch.empty_like(share, memory_format=torch.contiguous_format) for _ in range(self.count)]
        with _together():
            dist.all_gather(shares, share.detach().contiguous())
        return torch.cat(shares)

    def texts(self, text: str) -> list[str]:
        """What each of them says, in their order."""
        if self.alone:
            return [text]
        said = torch.tensor([list(text.encode())], dtype=torch.uint8)
        lengths = self.whole(torch.tensor([said.numel()])).tolist()
        padded = self.whole(nn.functional.pad(said, (0, max(lengths) - said.numel())))
        return [bytes(row[:length].tolist()).decode() for row, length in zip(padded, lengths, strict=True)]

    def wait(self) -> None:
        """Until all have come here."""
        self.any(False)

    def _average(self, flat: Tensor) -> None:
        with _together():
            dist.all_reduce(flat)
        flat /= self.count

    def _give(self, tensors: list[Tensor]) -> None:
        by_type: dict[torch.dtype, list[Tensor]] = {}
        for tensor in dict.fromkeys(tensors):
            by_type.setdefault(tensor.dtype, []).append(tensor.detach())
        for kind, same in by_type.items():
            flat = torch.cat([tensor.flatten() for tensor in same])
            sent = flat.to(torch.uint8) if kind == torch.bool else flat
            with _together():
                dist.broadcast(sent, src=0)
            for tensor, part in zip(same, sent.split([tensor.numel() for tensor in same]), strict=True):
                tensor.copy_(part.view_as(tensor))


ALONE: Final = Processes()


def _checksum(tensor: Tensor) -> Tensor:
    """The sum of its numbers, read as integers: a change of one bit changes it."""
    return tensor.detach().view(BITS[tensor.element_size()]).sum(dtype=torch.int64)


@contextlib.contextmanager
def _together() -> Iterator[None]:
    """An exchange with the others. Raises LostProcessError if it fails, as it does where one of them has ended."""
    try:
        yield
    except RuntimeError as error:
        raise LostProcessError from error
