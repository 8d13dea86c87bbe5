"""Whether the attention maps still choose."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor


class Attention:
    """Mean of the attention map and its shares that copy and that redraw, over the face and in each region.

    Args:
        saturated_from: A map of which this share copies (or redraws) is saturated: 1, else 0.
    """

    def __init__(self, *, saturated_from: float = 0.98) -> None:
        self.saturated_from = saturated_from

    def __call__(
        self,
        attention_mean: Mapping[str, Tensor],
        attention_copies: Mapping[str, Tensor],
        attention_redraws: Mapping[str, Tensor],
    ) -> dict[str, float]:
        """From figures `(N,)` by region."""
        figures: dict[str, float] = {}
        for region, means in attention_mean.items():
            copies, redraws = attention_copies[region].mean().item(), attention_redraws[region].mean().item()
            figures[f"{region}.mean"] = means.mean().item()
            figures[f"{region}.copies"] = copies
            figures[f"{region}.redraws"] = redraws
            figures[f"{region}.saturated"] = float(max(copies, redraws) >= self.saturated_from)
        return figures
