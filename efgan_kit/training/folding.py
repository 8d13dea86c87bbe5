"""Parametrizations folded into plain weights: what training needs, editing pays for."""

from __future__ import annotations

from typing import TypeVar

import torch
from torch import nn
from torch.nn.utils import parametrize

Module = TypeVar("Module", bound=nn.Module)


def folded(module: Module) -> Module:
    """`module` itself, in eval mode, with every computed weight (a spectral norm's, say) standing as a plain parameter.

    It returns what it returned before, and saves computing its weights at every call.
    """
    module.eval()
    with torch.no_grad():
        for part in module.modules():
            if not parametrize.is_parametrized(part):
                continue
            # Copies of a parametrized module share one class, from which the first one folded would take the weight.
            kind = type(part)
            part.__class__ = type(kind.__name__, kind.__bases__, dict(vars(kind)))
            for name in list(part.parametrizations):  # type: ignore[arg-type]
                parametrize.remove_parametrizations(part, name, leave_parametrized=True)
    return module
