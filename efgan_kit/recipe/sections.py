"""The sections of a recipe that are not components: faces, losses, optimizer, train."""

from __future__ import annotations

import typing
from collections.abc import Callable, Mapping
from typing import Any, Final

import attrs

from efgan_kit.errors import EfganError, nearest
from efgan_kit.faces.aus import au_set
from efgan_kit.faces.regions import LOCAL_REGIONS, FaceSpec, Region
from efgan_kit.recipe.model import LossUse, OptimizerUse, TrainSettings
from efgan_kit.recipe.nodes import MISSING, Node, Problems
from efgan_kit.recipe.typed import INVALID, read
from efgan_kit.recipe.uses import UseReader

PLAYERS: Final = ("generator", "discriminator", "interpolator")
SMALLEST, LARGEST, GRID = 32, 1024, 4
"""Sides of a face in pixels: bounds, and what they and the regions' must be multiples of."""


def read_faces(node: Node, uses: UseReader) -> Any:
    """The `faces` section as a `FaceSpec`."""
    problems = uses.problems
    entries = _known(uses.mapping(node, "faces"), ("size", "aus", "regions"), "faces", problems)
    before = len(problems)
    for name in ("size", "aus"):
        if name not in entries:
            problems.add(node.named_at, f"faces: needs a value for '{name}'")
    size = _scalar(entries.get("size"), int, "faces.size", problems)
    if isinstance(size, int) and (size % GRID or not SMALLEST <= size <= LARGEST):
        what = f"faces.size: {size} pixels; a multiple of {GRID} from {SMALLEST} to {LARGEST} is wanted"
        problems.add(entries["size"].place, what)
    units = _scalar(entries.get("aus"), str | list[str], "faces.aus", problems)
    readable = units is not INVALID and units != MISSING
    aus = _placed(entries.get("aus"), problems, lambda: au_set(units)) if readable else None
    regions = entries.get("regions")
    local = _regions(uses.mapping(regions, "faces.regions"), problems) if regions else {}
    if len(problems) > before or aus is None or not isinstance(size, int):
        return INVALID
    return _placed(regions or node, problems, lambda: FaceSpec(size, aus, local)) or INVALID


def _regions(entries: Mapping[str, Node], problems: Problems) -> dict[str, Region]:
    regions: dict[str, Region] = {}
    for name, node in entries.items():
        path = f"faces.regions.{name}"
        if name not in LOCAL_REGIONS:
            what = f"faces.regions: '{name}' is not a local region"
            problems.add(node.named_at, what, nearest(name, LOCAL_REGIONS))
        elif not node.removes:
            sides = read(node, tuple[int, int], path, problems, _no_part)
            if isinstance(sides, tuple) and all(isinstance(side, int) for side in sides):
                if all(side > 0 and side % GRID == 0 for side in sides):
                    regions[name] = Region(name, *sides)
                else:
                    what = f"{path}: {list(sides)}; [height, width] in pixels, multiples of {GRID}, is wanted"
                    problems.add(node.place, what)
    return {name: regions[name] for name in LOCAL_REGIONS if name in regions}


def read_losses(node: Node, uses: UseReader) -> dict[str, LossUse]:
    """The loss terms by name."""
    terms: dict[str, LossUse] = {}
    for name, entry in uses.mapping(node, "losses").items():
        if entry.removes:
            continue
        path = f"losses.{name}"
        component = uses.use("loss", entry, path, reserved=("weight", "every"))
        entries = entry.mapping or {}
        weight = _weight(entries.get("weight"), path, uses.problems)
        every = _scalar(entries.get("every"), int, f"{path}.every", uses.problems, 1)
        if isinstance(every, int) and every < 1:
            uses.problems.add(entries["every"].place, f"{path}.every: {every}; 1 or more is wanted")
        if INVALID not in (component, weight, every):
            terms[name] = LossUse(name, component, weight, every)
    return terms


def _weight(node: Node | None, path: str, problems: Problems) -> Any:
    weight = _scalar(node, float | Mapping[str, float], f"{path}.weight", problems, 1.0)
    if isinstance(weight, Mapping) and node is not None and node.mapping is not None:
        for player, value in node.mapping.items():
            if player not in PLAYERS:
                what = f"{path}.weight: '{player}' is not a player"
                problems.add(value.named_at, what, nearest(player, PLAYERS))
    return weight


def read_optimizer(node: Node, uses: UseReader) -> Any:
    """The optimizer, with each player's own parameters."""
    component = uses.use("optimizer", node, "optimizer", reserved=("per_player",))
    players = (node.mapping or {}).get("per_player")
    if component is INVALID:
        return INVALID
    special: dict[str, dict[str, Any]] = {}
    before = len(uses.problems)
    for player, entry in (uses.mapping(players, "optimizer.per_player") if players else {}).items():
        if player not in PLAYERS:
            what = f"optimizer.per_player: '{player}' is not a player"
            uses.problems.add(entry.named_at, what, nearest(player, PLAYERS))
        elif not entry.removes:
            special[player] = uses.some_params(component, entry, f"optimizer.per_player.{player}")
    return OptimizerUse(component, special) if len(uses.problems) == before else INVALID


def read_train(node: Node, uses: UseReader) -> Any:
    """The `train` section."""
    problems = uses.problems
    fields = {field.name: field for field in attrs.fields(TrainSettings)}
    types = typing.get_type_hints(TrainSettings)
    entries = _known(uses.mapping(node, "train"), fields, "train", problems)
    before = len(problems)
    values = {
        name: read(entry, types[name], f"train.{name}", problems, _no_part) for name, entry in entries.items()
    }
    for name, value in values.items():
        wanted = _out_of_range(value, fields[name].metadata)
        if wanted:
            problems.add(entries[name].place, f"train.{name}: {value:g}; {wanted} is wanted")
    if (values.get("epochs") is None) == (values.get("steps") is None):
        place = entries["steps"].named_at if "steps" in entries else node.named_at
        problems.add(place, "train: give exactly one of 'epochs' and 'steps'")
    if len(problems) > before:
        return INVALID
    return TrainSettings(**{name: value for name, value in values.items() if value != MISSING})


def _out_of_range(value: Any, bounds: Mapping[str, Any]) -> str:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return ""
    least, above, most, below = (bounds[name] for name in ("least", "above", "most", "below"))
    inside = (
        (least is None or value >= least)
        and (above is None or value > above)
        and (most is None or value <= most)
        and (below is None or value < below)
    )
    low = f"{least:g} or more" if least is not None else f"more than {above:g}" if above is not None else ""
    high = f"at most {most:g}" if most is not None else f"less than {below:g}" if below is not None else ""
    return "" if inside else " and ".join(part for part in (low, high) if part)


def _known(entries: Mapping[str, Node], names: Any, path: str, problems: Problems) -> dict[str, Node]:
    """The entries with a known name that no `null` took away."""
    for key, node in entries.items():
        if key not in names:
            problems.add(node.named_at, f"{path}.{key}: there is no such key", nearest(key, names))
    return {key: node for key, node in entries.items() if key in names and not node.removes}


def _scalar(node: Node | None, annotation: Any, path: str, problems: Problems, default: Any = INVALID) -> Any:
    if node is None or node.removes:
        return default
    return read(node, annotation, path, problems, _no_part)


def _placed(node: Node | None, problems: Problems, make: Callable[[], Any]) -> Any:
    """What `make` makes, or None with its errors noted at the node's place."""
    try:
        return make()
    except EfganError as error:
        if node is not None:
            for fault in error.faults:
                problems.add(node.place, f"{fault.where}: {fault.what}", fault.hint)
        return None


def _no_part(kind: str, node: Node, path: str) -> Any:
    return INVALID
