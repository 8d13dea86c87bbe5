"""Which graph edits: a run's own, or a faster one that has shown on the run's own edits that it makes the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal, get_args

import torch
from torch import nn

from efgan_kit.api import Edited
from efgan_kit.editing.fast.graph import FastGraph
from efgan_kit.errors import fail

Precision = Literal["auto", "fp32", "bf16"]
TOLERANCE: Final = 0.5 / 255
"""How far a face may be from the run's own edit of it, on average over its pixels: half a grey value of 255."""


class Forward:
    """A run's forward pass, asked for with the edit that is to be made: `forward(lambda graph: graph.edit(...))`.

    Args:
        graph: The run's own, in eval mode, with plain weights.
        device: Where it is.
        precision: `fp32`: the run's own graph makes every edit. `bf16`: the faster one in bfloat16 does. `auto`: on a
            CPU the first edit is the run's own; the second one waits until the faster graph, in bfloat16 where the CPU
            has instructions for it, has made the first one too. If both are the same within `TOLERANCE`, it makes
            all others. A single edit is thus always exact, and the same edits in the same order are always the same.

    Raises:
        EfganError: There is no such precision, or not on this device.
    """

    def __init__(self, graph: nn.Module, device: torch.device, precision: Precision = "fp32") -> None:
        if precision not in get_args(Precision):
            raise fail("precision", f"there is no '{precision}'", f"there is: {', '.join(get_args(Precision))}")
        if precision == "bf16" and device.type != "cpu":
            raise fail("precision", f"bf16 edits on a CPU, and the run is on {device.type}", "use auto or fp32")
        self._own = graph
        self._chosen: nn.Module | None = None
        self._first: tuple[Callable[[nn.Module], Edited], Edited] | None = None
        self.apart: float | None = None
        """How far the faster graph was from the run's own, on a scale from 0 to 1; None before that is known."""
        if precision == "bf16":
            self._chosen = FastGraph(graph, torch.bfloat16)
        elif precision == "fp32" or device.type != "cpu":
            self._chosen = graph

    def __call__(self, edit: Callable[[nn.Module], Edited]) -> Edited:
        """The edit, by the graph that is to make it."""
        if self._chosen is None and self._first is None:
            edited = edit(self._own)
            self._first = (edit, edited)
            return edited
        if self._chosen is None:
            self._chosen = self._proven()
        return edit(self._chosen)

    @property
    def described(self) -> str:
        """What the last edit was computed in: `fp32`, `fp32, fast` or `bf16`."""
        if self._chosen is None or self._chosen is self._own:
            return "fp32"
        return "bf16" if self._chosen.dtype == torch.bfloat16 else "fp32, fast"

    def _proven(self) -> nn.Module:
        assert self._first is not None
        edit, wanted = self._first
        self._first = None
        fast = FastGraph(self._own, torch.bfloat16 if computes_bf16() else torch.float32)
        try:
            found = edit(fast)
            self.apart = _apart(found.image, wanted.image)
        except Exception:  # a plugin's parts may refuse what they are given: the run's own graph then edits
            self.apart = float("inf")
        return fast if self.apart <= TOLERANCE else self._own


def computes_bf16() -> bool:
    """Whether the CPU multiplies bfloat16 by itself; elsewhere it is slower than float32."""
    return torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()


def _apart(found: torch.Tensor, wanted: torch.Tensor) -> float:
    """The mean difference of the face, in [-1, 1], that differs most, on a scale from 0 to 1; infinite for a nan."""
    differences = (found.float() - wanted.float()).abs().mean(dim=(1, 2, 3)) / 2
    return differences.max().nan_to_num(nan=float("inf"), posinf=float("inf")).item()
