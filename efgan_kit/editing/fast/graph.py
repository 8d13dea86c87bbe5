"""A graph whose layers are exchanged for faster ones, and which of them earn it."""

from __future__ import annotations

import copy
from typing import Any, Final

import torch
from torch import Tensor, nn

from efgan_kit.api import Edited
from efgan_kit.components.au_planes import AUPlanesConv2d
from efgan_kit.components.generators.attention_resnet import AttentionResNet
from efgan_kit.editing.fast.layers import LAST, BesidePlanes, FewOutputs, HeadsTogether, PictureNorm, SameConvolution

CONVOLUTIONS: Final = (nn.Conv2d, nn.ConvTranspose2d)
MANY: Final = 64
"""From so many channels on, minimal filtering earns its transforms."""
FEW: Final = 4


class FastGraph(nn.Module):
    """A graph that edits as `graph` does, but for rounding.

    Args:
        graph: In eval mode, with plain weights, on the CPU; it stays as it is, and shares what weights it can.
        dtype: What it computes in, float32 or bfloat16.
    """

    def __init__(self, graph: nn.Module, dtype: torch.dtype) -> None:
        super().__init__()
        self.dtype = dtype
        self.exchanged = exchanged(graph, dtype)

    @property
    def interpolator(self) -> nn.Module | None:
        return getattr(self.exchanged, "interpolator", None)

    def edit(self, source: Tensor, landmarks: Tensor, source_aus: Tensor, target_aus: Tensor) -> Edited:
        """As the graph's own `edit`."""
        with torch.autocast("cpu", torch.bfloat16, enabled=self.dtype == torch.bfloat16):
            edited: Edited = self.exchanged.edit(  # type: ignore[operator]
                source.contiguous(memory_format=LAST), landmarks, source_aus, target_aus
            )
        return edited


def exchanged(graph: nn.Module, dtype: torch.dtype) -> nn.Module:
    """A copy of `graph` with faster layers. Only kinds that are known are exchanged, never what a plugin derives."""
    shared = {id(tensor): tensor for tensor in graph.parameters()}
    fast = copy.deepcopy(graph, dict(shared))
    _exchange_within(fast, dtype)
    return fast.requires_grad_(False)


def _exchange_within(module: nn.Module, dtype: torch.dtype) -> None:
    for name, layer in list(module.named_children()):
        faster = _faster(layer, dtype)
        if faster is not layer:
            setattr(module, name, faster)
        _exchange_within(faster, dtype)


def _faster(layer: nn.Module, dtype: torch.dtype) -> nn.Module:
    if type(layer) is AttentionResNet:
        return HeadsTogether(layer, dtype)
    if type(layer) is AUPlanesConv2d:
        return BesidePlanes(layer, dtype)
    if type(layer) is nn.InstanceNorm2d and layer.affine and not layer.track_running_stats:
        return PictureNorm(layer)
    if type(layer) is nn.Conv2d and _keeps_size(layer):
        if layer.kernel_size[0] > 3 and layer.out_channels <= FEW:
            return FewOutputs(layer, dtype)
        if layer.kernel_size[0] == 3 and min(layer.in_channels, layer.out_channels) >= MANY and not _has_amx():
            return SameConvolution(layer, dtype)
    return _recast(layer, dtype) if type(layer) in CONVOLUTIONS else layer


def _recast(layer: Any, dtype: torch.dtype) -> nn.Module:
    """The layer with weights of its own, in `dtype` and channels last."""
    for name, parameter in list(layer.named_parameters(recurse=False)):
        layout = LAST if parameter.dim() == 4 else torch.contiguous_format
        setattr(layer, name, nn.Parameter(parameter.detach().to(dtype, memory_format=layout)))
    return layer


def _keeps_size(layer: nn.Conv2d) -> bool:
    height, width = layer.kernel_size
    return (
        height == width
        and height % 2 == 1
        and layer.stride == (1, 1)
        and layer.dilation == (1, 1)
        and layer.groups == 1
        and layer.padding == (height // 2, width // 2)
        and layer.padding_mode == "zeros"
    )


def _has_amx() -> bool:
    """Whether products are so fast that transforms cost more than they save."""
    return torch.cpu._is_amx_tile_supported()
