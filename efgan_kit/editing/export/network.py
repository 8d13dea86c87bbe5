"""What is exported: the graph's `edit` as a network of four inputs and two outputs, and what it says of itself."""

from __future__ import annotations

import json
from typing import Any, Final

from torch import Tensor, nn

from efgan_kit.api import Edited
from efgan_kit.editing.export.preprocessing import preprocessing
from efgan_kit.editing.export.sources import Data
from efgan_kit.registry.distributions import OWN, version_of
from efgan_kit.training import Trained

INPUTS: Final = {
    "source": "(B, 3, S, S) float32, RGB in [-1, 1]: the face, cut out as `preprocessing` says",
    "landmarks": "(B, 68, 2) float32, x then y in pixels of the cut; (0, 0) is the centre of its first pixel",
    "source_aus": "(B, A) float32 in [0, 1]: the face's own action units, in the order of `aus`",
    "target_aus": "(B, A) float32 in [0, 1]: the action units to edit to",
}
OUTPUTS: Final = {
    "image": "(B, 3, S, S) float32, RGB in [-1, 1]: the edited face",
    "attention": "(B, 1, S, S) float32 in [0, 1]: where it was edited (1) and where copied (0)",
}

Inputs = tuple[Tensor, Tensor, Tensor, Tensor]
"""Values of `INPUTS`, in their order."""


class EditingNetwork(nn.Module):
    """A graph's `edit`, as tracers want it: tensors in, tensors out."""

    def __init__(self, graph: nn.Module) -> None:
        super().__init__()
        self.edits = graph  # `graph` is the name of a traced module's own

    def forward(
        self, source: Tensor, landmarks: Tensor, source_aus: Tensor, target_aus: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Image `(B, 3, S, S)` in [-1, 1] and attention `(B, 1, S, S)` in [0, 1]; the arguments are `INPUTS`."""
        edited: Edited = self.edits.edit(source, landmarks, source_aus, target_aus)  # type: ignore[operator]
        return edited.image, edited.attention


def facts(trained: Trained, data: Data) -> dict[str, str]:
    """What an exported file says of itself, as text by key; what has parts is JSON."""
    known: dict[str, Any] = {
        "efgan_kit": version_of(OWN) or "unknown",
        "recipe": trained.recipe.name,
        "step": trained.step,
        "size": trained.recipe.faces.size,
        "aus": list(trained.recipe.faces.aus.names),
        "inputs": INPUTS,
        "outputs": OUTPUTS,
        "preprocessing": preprocessing(trained.recipe),
        "licence": data.licence,
    }
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in known.items()}
