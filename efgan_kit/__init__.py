"""A plugin-based GAN component framework for facial expression editing.

`load_recipe`, `build_graph`, `train`, `Editor` and `export` are imported when first used: `import efgan_kit` is cheap.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from efgan_kit.editing import Editor
    from efgan_kit.editing.export import export
    from efgan_kit.recipe import build_graph, load_recipe
    from efgan_kit.training import train

__all__ = ["Editor", "build_graph", "export", "load_recipe", "train"]

_HOMES = {
    "Editor": "efgan_kit.editing",
    "build_graph": "efgan_kit.recipe",
    "export": "efgan_kit.editing.export",
    "load_recipe": "efgan_kit.recipe",
    "train": "efgan_kit.training",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
