"""What modules may do for a while: learn, or only answer."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator

from torch import nn


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
