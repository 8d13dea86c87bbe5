"""Everything a plugin imports: the hook marker, the contract of every kind of component, and the shared types.

A component is a plain `nn.Module` (or a callable, for optimizers, schedules, data and metrics). Its constructor is
its schema: **keyword-only parameters are the keys that a recipe may write**; positional parameters are what the
framework supplies, by name, from the context that `KINDS` lists for the kind. A constructor names only those it needs:

    class MyGenerator(nn.Module):
        def __init__(self, region: Region, aus: int, *, width: int = 64) -> None: ...

Pictures are RGB in [-1, 1], `(B, 3, H, W)`; AU vectors `(B, A)` in [0, 1]; landmarks `(B, 68, 2)` in pixels.

The contracts are imported when first asked for: a module that holds hooks takes `hookimpl` from here without torch.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

from efgan_kit.errors import EfganError, Fault, fail, nearest
from efgan_kit.hookspecs import Register, hookimpl

if TYPE_CHECKING:
    from efgan_kit.api.commands import Command, CommandSupplies
    from efgan_kit.api.faces import AULabeller, FaceDataset, FaceSample, Landmarker
    from efgan_kit.api.kinds import KINDS, Kind, Maker
    from efgan_kit.api.launchers import Job, Launcher
    from efgan_kit.api.learning import Edited, Graph, LossTerm, Metric, OptimizerMaker, Schedule
    from efgan_kit.api.networks import (
        AUDiscriminator,
        Discriminator,
        Edit,
        FeatureExtractor,
        Generator,
        Interpolator,
        Refiner,
        Verdict,
    )
    from efgan_kit.api.values import GIVEN_VALUES, NamedValue, ValueFunction, named_value, stages_of, value, values_of
    from efgan_kit.faces import landmarks
    from efgan_kit.faces.aus import AUSet, au_set
    from efgan_kit.faces.found import FoundFace, Picture
    from efgan_kit.faces.regions import LOCAL_REGIONS, FaceSpec, Region, crop, edge_mask, paste, region_corners

__all__ = [
    "GIVEN_VALUES",
    "KINDS",
    "LOCAL_REGIONS",
    "AUDiscriminator",
    "AULabeller",
    "AUSet",
    "Command",
    "CommandSupplies",
    "Discriminator",
    "Edit",
    "Edited",
    "EfganError",
    "FaceDataset",
    "FaceSample",
    "FaceSpec",
    "Fault",
    "FeatureExtractor",
    "FoundFace",
    "Generator",
    "Graph",
    "Interpolator",
    "Job",
    "Kind",
    "Landmarker",
    "Launcher",
    "LossTerm",
    "Maker",
    "Metric",
    "NamedValue",
    "OptimizerMaker",
    "Picture",
    "Refiner",
    "Region",
    "Register",
    "Schedule",
    "ValueFunction",
    "Verdict",
    "au_set",
    "crop",
    "edge_mask",
    "fail",
    "hookimpl",
    "landmarks",
    "named_value",
    "nearest",
    "paste",
    "region_corners",
    "stages_of",
    "value",
    "values_of",
]

_HOMES: Final = (
    "efgan_kit.api.networks",
    "efgan_kit.api.faces",
    "efgan_kit.api.learning",
    "efgan_kit.api.launchers",
    "efgan_kit.api.commands",
    "efgan_kit.api.kinds",
    "efgan_kit.api.values",
    "efgan_kit.faces.aus",
    "efgan_kit.faces.regions",
)


def __getattr__(name: str) -> Any:
    if name == "landmarks":
        return importlib.import_module("efgan_kit.faces.landmarks")
    if name in __all__:
        for home in map(importlib.import_module, _HOMES):
            if hasattr(home, name):
                return globals().setdefault(name, getattr(home, name))
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
