"""The parts of a graph: what they must be, what they are called, and whose weights they begin with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs
from torch import nn

from efgan_kit.api import FaceSpec, nearest


def module(part: object) -> nn.Module:
    """A part as the module it must be, to be moved, saved and taught with the graph."""
    if not isinstance(part, nn.Module):
        raise TypeError(f"{type(part).__name__} is not a torch.nn.Module, as the parts of a graph must be")
    return part


def with_branches(faces: FaceSpec, branches: Sequence[str] | None) -> FaceSpec:
    """The faces as a graph with these branches knows them: the others of its regions are none of its own."""
    if branches is None:
        return faces
    for name in branches:
        if name not in faces.regions:
            raise ValueError(f"branches: there is no region '{name}'; {nearest(name, faces.regions)}")
    if "face" not in branches:
        raise ValueError("branches: 'face' is missing; the local branches are pasted over the face's output")
    return attrs.evolve(faces, local={name: region for name, region in faces.local.items() if name in branches})


def learning(parts: Mapping[str, nn.Module | None]) -> dict[str, nn.Module]:
    """Those parts that are there and have weights."""
    return {name: part for name, part in parts.items() if part is not None and any(True for _ in part.parameters())}


def copy_parts(trained: nn.Module, parts: Mapping[str, nn.Module]) -> None:
    """Give `parts` the weights that a trained graph's parts of the same names have.

    Raises:
        ValueError: It has no such part, or one of other sizes.
    """
    theirs: Mapping[str, nn.Module] = getattr(trained, "parts", dict)()
    missing = [name for name in parts if name not in theirs]
    if missing:
        raise ValueError(f"it has no {' and no '.join(f'graph.{name}' for name in missing)}")
    for name, part in parts.items():
        try:
            part.load_state_dict(theirs[name].state_dict())
        except RuntimeError as error:
            raise ValueError(f"graph.{name}: {_mismatch(theirs[name], part, error)}") from error


def _mismatch(there: nn.Module, here: nn.Module, error: RuntimeError) -> str:
    """In what two parts differ: in the regions, say, that they have a network for, or else in a tensor."""
    theirs, ours = (", ".join(name for name, _ in part.named_children()) for part in (there, here))
    if theirs != ours:
        return f"{theirs or 'nothing'} there, {ours or 'nothing'} here"
    return str(error).strip().splitlines()[-1].strip()
