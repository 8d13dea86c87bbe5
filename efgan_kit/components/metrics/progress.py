"""What each module of a graph that edits in steps adds."""

from __future__ import annotations

import torch
from torch import Tensor

from efgan_kit.components.metrics.au_error import share_of_gap_closed


class Progress:
    """The judge's AU error after each module, and whether the expression grows steadily.

    Under the module's number: `error`, of its picture against the AUs that the module itself was asked for, where the
    graph says which, and `share_of_gap_closed`, of its picture against the final target AUs, as in `au-error`. A
    cascade that spreads its work closes about k / K after module k. `steady` is the share of faces whose reading comes
    nearer to the final target with every module, the first one included.

    A graph that edits in one step has no figures here.
    """

    def __call__(
        self, step_aus: Tensor, step_targets: Tensor, target_aus: Tensor, noop_aus: Tensor, floor_aus: Tensor
    ) -> dict[str, float]:
        """From the judge's readings `(N, K, A)`, `step_targets` `(N, K, A)` or `(N, 0, A)`, and AUs `(N, A)`."""
        steps = step_aus.shape[1]
        if steps < 2:
            return {}
        distances = (step_aus - target_aus[:, None]).abs().mean(dim=2)
        start = (noop_aus - target_aus).abs().mean(dim=1)
        floor = (floor_aus - target_aus).abs().mean().item()
        figures: dict[str, float] = {}
        for step in range(steps):
            if step_targets.shape[1] == steps:
                own = (step_aus[:, step] - step_targets[:, step]).abs().mean().item()
                figures[f"{step + 1}.error"] = own
            left = distances[:, step].mean().item()
            share = share_of_gap_closed(edit=left, no_op=start.mean().item(), floor=floor)
            figures[f"{step + 1}.share_of_gap_closed"] = share
        way = torch.cat([start[:, None], distances], dim=1)
        return {**figures, "steady": (way.diff(dim=1) < 0).all(dim=1).double().mean().item()}
