"""The averaged weights that edit: timm's exponential moving average over the modules that make pictures."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from itertools import chain

import torch
from torch import nn


class Averaged:
    """An exponential moving average of `module`'s parameters (Karras et al. 2018 for GANs), warmed up.

    Args:
        module: What is averaged, in place of which the average can stand.
        decay: The average's memory; None averages nothing and `module` edits as it is.
    """

    def __init__(self, module: nn.Module, decay: float | None) -> None:
        self.module = module
        self.ema = None
        if decay is not None:
            from timm.utils.model_ema import ModelEmaV3  # seconds that an edit should not wait for

            self.ema = ModelEmaV3(module, decay=decay, use_warmup=True, warmup_power=3 / 4, exclude_buffers=True)
            self.ema.requires_grad_(False)

    def update(self, step: int) -> None:
        if self.ema is not None:
            self.ema.update(self.module, step=step)

    @contextlib.contextmanager
    def applied(self) -> Iterator[None]:
        """Within, the module has the averaged weights."""
        if self.ema is None:
            yield
            return
        self._exchange(self.ema.module)
        try:
            yield
        finally:
            self._exchange(self.ema.module)

    def _exchange(self, other: nn.Module) -> None:
        mine = chain(self.module.parameters(), self.module.buffers())
        theirs = chain(other.parameters(), other.buffers())
        with torch.no_grad():
            for one, another in zip(mine, theirs, strict=True):
                one.data, another.data = another.data, one.data
