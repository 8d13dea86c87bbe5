"""timm's networks: made by name, and looked at on the meta device, where nothing is computed."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import timm
import torch
from timm.data.config import resolve_model_data_config
from timm.models import PretrainedCfg
from torch import Tensor

from efgan_kit.api import fail, nearest
from efgan_kit_timm.weights import LOCAL

SCALES: Final = 4
"""Feature maps that are taken where none are chosen, as in Projected GANs."""
NEEDED: Final = ("forward_intermediates", "prune_intermediate_layers")

Shape = tuple[int, int, int]
"""Channels, height and width of a feature map."""


def make_network(model: str, **settings: Any) -> Any:
    """The network with random weights.

    Raises:
        EfganError: timm has none of that name, or it gives no intermediate features.
    """
    if ":" in model and not model.startswith(LOCAL):
        hint = f"download the folder and write {LOCAL}FOLDER"
        raise fail(model, "networks are taken from no hub, for nothing is downloaded", hint)
    try:
        network = timm.create_model(model, pretrained=False, **settings)
    except Exception as error:  # timm refuses names, tags and folders in its own ways
        known = model.startswith(LOCAL) or timm.is_model(model.partition(".")[0])
        hint = "" if known else nearest(model, timm.list_models())
        raise fail(model, f"timm can't make this network: {first_line(error)}", hint) from error
    if not all(hasattr(network, name) for name in NEEDED):
        what = f"gives no intermediate features in timm {timm.__version__}"
        raise fail(model, what, "choose another network")
    return network


class Look:
    """What pictures of one size become in a network.

    Attributes:
        config: timm's `PretrainedCfg` of it.
        data: timm's words on how its pictures were prepared: `mean`, `std`, ...
        settings: What it must be made with to see pictures of that size.
        size: Height and width that pictures are scaled to first.
        layers: The chosen feature maps, counted from 0, each once and from the front.
        shapes: Of these maps.

    Args:
        size: What the longer side of pictures is scaled to; None leaves them, or takes a fixed network's own size.
        layers: Feature maps, counted from 0, or from the end from -1. None: the last of each of the last four sizes,
            or four spread evenly where all are of one size.

    Raises:
        EfganError: It has no such maps, or can't see such pictures.
    """

    def __init__(
        self, model: str, height: int, width: int, size: int | None, layers: tuple[int, ...] | None = None
    ) -> None:
        if size is not None and size < 1:
            raise ValueError(f"size is {size}: 1 or more is wanted")
        self.model = model
        with torch.device("meta"):
            network = make_network(model, num_classes=0)
            self.config = PretrainedCfg(**network.pretrained_cfg)
            self.data: dict[str, Any] = resolve_model_data_config(network)
            self.size = self._working_size(network, (height, width), size)
            self.settings: dict[str, Any] = {"img_size": self.size} if self.config.fixed_input_size else {}
            known = range(len(network.feature_info))
            wanted = known if layers is None else self._counted(layers, len(known))
            shapes = self._shapes(make_network(model, num_classes=0, **self.settings).eval(), list(wanted))
        self.layers = _spread(shapes) if layers is None else list(wanted)
        self.shapes = [shapes[layer] for layer in self.layers]

    def _working_size(self, network: Any, seen: tuple[int, int], size: int | None) -> tuple[int, int]:
        fixed = self.config.fixed_input_size
        if size is None and not fixed:
            return seen
        times = (size or max(self.config.input_size[-2:])) / max(seen)
        # Networks of a fixed size cut pictures into patches and windows that must come out even.
        step = max(info["reduction"] for info in network.feature_info) if fixed else 1
        height, width = (step * max(1, math.ceil(round(side * times) / step)) for side in seen)
        return height, width

    def _counted(self, layers: Sequence[int], count: int) -> list[int]:
        wrong = [str(layer) for layer in layers if not -count <= layer < count]
        if wrong:
            what = f"has {count} feature maps, and none called {', '.join(wrong)}"
            raise fail(self.model, what, f"`layers` go from 0 to {count - 1}, or from -{count} to -1")
        return sorted({layer % count for layer in layers})

    def _shapes(self, network: Any, layers: list[int]) -> dict[int, Shape]:
        pixels = "{}x{}".format(*self.size)
        try:
            with torch.no_grad():
                maps: list[Tensor] = network.forward_intermediates(
                    torch.empty(1, 3, *self.size),
                    indices=layers,
                    stop_early=True,
                    output_fmt="NCHW",
                    intermediates_only=True,
                )
        except Exception as error:  # a network refuses sizes as it likes
            what = f"can't look at pictures of {pixels} pixels: {first_line(error)}"
            hint = "give a larger `size`, or fewer `layers`, from the front: [0, 1, 2]"
            raise fail(self.model, what, hint) from error
        shapes = {layer: (one.shape[1], one.shape[2], one.shape[3]) for layer, one in zip(layers, maps, strict=True)}
        if any(min(shape) < 1 for shape in shapes.values()):
            raise fail(self.model, f"nothing is left of pictures of {pixels} pixels", "give a larger `size`")
        return shapes


def _spread(shapes: Mapping[int, Shape]) -> list[int]:
    """The last map of each of the last four sizes, or four spread evenly where all are of one size."""
    last = {shape[1:]: layer for layer, shape in shapes.items()}
    if len(last) > 1:
        return sorted(last.values())[-SCALES:]
    count, parts = len(shapes), min(SCALES, len(shapes))
    return [count * (part + 1) // parts - 1 for part in range(parts)]


@functools.lru_cache(maxsize=64)
def look_at(model: str, height: int, width: int, size: int | None, layers: tuple[int, ...] | None = None) -> Look:
    """A `Look`, taken once: the critics of a graph and their terms ask for the same again and again."""
    return Look(model, height, width, size, layers)


def first_line(error: Exception) -> str:
    """What an exception says, in one line."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]
