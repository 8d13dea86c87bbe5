"""What modules may do for a while: learn, or only answer."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator

import torch
from torch import Tensor, nn


@contextlib.contextmanager
def only_learns(learner: Iterable[nn.Module], everything: Iterable[nn.Module]) -> Iterator[None]:
    """Within, gradients flow to the parameters of `learner` alone; all others of `everything` are constants.

    What a component has frozen for good stays frozen, before and after.
    """
    own = {id(parameter) for module in learner for parameter in module.parameters()}
    others = [
        parameter
        for module in everything
        for parameter in module.parameters()
        if parameter.requires_grad and id(parameter) not in own
    ]
    for parameter in others:
        parameter.requires_grad_(False)
    try:
        yield
    finally:
        for parameter in others:
            parameter.requires_grad_(True)


@contextlib.contextmanager
def evaluating(*modules: nn.Module) -> Iterator[None]:
    """Within, modules and their parts are in eval mode; afterwards each is in the mode it was in."""
    modes = {part: part.training for module in modules for part in module.modules()}
    for module in modules:
        module.eval()
    try:
        yield
    finally:
        for part, training in modes.items():
            part.training = training


class Buffers:
    """What modules keep beside their parameters, such as the vectors of spectral norms, as it is now."""

    def __init__(self, *modules: nn.Module) -> None:
        self._before: list[tuple[nn.Module, str, Tensor, Tensor]] = [
            (part, name, buffer, buffer.clone())
            for module in modules
            for part in module.modules()
            for name, buffer in part.named_buffers(recurse=False)
        ]

    def put_back(self) -> None:
        """Let it be what it was."""
        with torch.no_grad():
            for part, name, buffer, copy in self._before:
                setattr(part, name, buffer.copy_(copy))


@contextlib.contextmanager
def unmoved(*modules: nn.Module) -> Iterator[None]:
    """Within, buffers may move, as spectral norms' do with every forward; afterwards they are what they were."""
    before = Buffers(*modules)
    try:
        yield
    finally:
        before.put_back()
