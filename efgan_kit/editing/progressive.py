"""Progressive edits: what any graph's `edit` is asked for, once, or in passes as the modules of a cascade."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from efgan_kit.api import Edited, FaceSpec
from efgan_kit.components.graphs.steps import aus_on_the_way, edit_in_steps


def module_count(graph: nn.Module, faces: FaceSpec, device: torch.device) -> int:
    """How many modules of a graph edit one after the other; 1 for a single EF-GAN.

    Counted in an edit of a grey picture: `edit` is all that the graphs of plugins promise.
    """
    source = torch.zeros(1, 3, faces.size, faces.size, device=device)
    landmarks = torch.full((1, 68, 2), faces.size / 2, device=device)
    aus = torch.zeros(1, len(faces.aus), device=device)
    with torch.inference_mode():
        edited: Edited = graph.edit(source, landmarks, aus, aus)  # type: ignore[operator]
    return max(1, len(edited.steps))


def edit_once(graph: nn.Module, source: Tensor, landmarks: Tensor, source_aus: Tensor, target_aus: Tensor) -> Edited:
    """Edit pictures `(B, 3, H, W)` as the graph does by itself; `steps` is never empty.

    `targets` stays empty where a graph of several modules does not say what it asked of them.
    """
    edited: Edited = graph.edit(source, landmarks, source_aus, target_aus)  # type: ignore[operator]
    steps = edited.steps or (edited.image,)
    targets = edited.targets or ((target_aus,) if len(steps) == 1 else ())
    return edited._replace(steps=tuple(steps), targets=tuple(targets))


def edit_in_passes(
    graph: nn.Module, passes: int, source: Tensor, landmarks: Tensor, source_aus: Tensor, target_aus: Tensor
) -> Edited:
    """Edit pictures `(B, 3, H, W)` by a single EF-GAN as a cascade of so many modules does.

    Source: supplement, section 2, with the same weights in every module. Pass k edits the face that pass k - 1
    returned to Interp(y_x, (k/K) r), the last one to y_z itself.
    """
    interpolator: nn.Module | None = getattr(graph, "interpolator", None)
    shares = [number / passes for number in range(1, passes + 1)]
    targets = [aus_on_the_way(interpolator, source_aus, target_aus, share) for share in shares]
    edits = [graph.edit] * passes
    return edit_in_steps(edits, targets, source, landmarks, source_aus)  # type: ignore[arg-type]
