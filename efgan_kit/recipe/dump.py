"""A checked recipe written back as YAML."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
import yaml

from efgan_kit.faces.aus import AU_SETS
from efgan_kit.recipe.model import ComponentUse, LossUse, Recipe
from efgan_kit.recipe.reader import RESOLVERS


def to_yaml(recipe: Recipe) -> str:
    """YAML that loads to an equal recipe, with nothing to inherit and every default written out."""
    return yaml.dump(to_plain(recipe), Dumper=_Dumper, sort_keys=False, width=110, allow_unicode=True)


def component_to_yaml(use: ComponentUse) -> str:
    """YAML of a component's entry alone, `{use: NAME, ...}`, with its parameters as they are."""
    return yaml.dump(_component(use), Dumper=_Dumper, sort_keys=False, width=110, allow_unicode=True)


def to_plain(recipe: Recipe) -> dict[str, Any]:
    """The recipe as plain mappings, lists and scalars, in the order of its sections."""
    faces = recipe.faces
    return {
        "recipe": 1,
        "name": recipe.name,
        **({"requires": list(recipe.requires)} if recipe.requires else {}),
        "faces": {
            "size": faces.size,
            "aus": faces.aus.name if faces.aus.name in AU_SETS else list(faces.aus.names),
            "regions": {name: [region.height, region.width] for name, region in faces.local.items()},
        },
        "graph": _component(recipe.graph),
        "losses": {name: _term(term) for name, term in recipe.losses.items()},
        "optimizer": {
            **_component(recipe.optimizer.component),
            **({"per_player": _plain(recipe.optimizer.per_player)} if recipe.optimizer.per_player else {}),
        },
        "schedule": _component(recipe.schedule),
        "train": {key: value for key, value in attrs.asdict(recipe.train).items() if value is not None},
        "data": {name: _component(use) for name, use in recipe.data.items()},
        **({"metrics": [_component(use) for use in recipe.metrics]} if recipe.metrics else {}),
    }


def _component(use: ComponentUse) -> dict[str, Any]:
    special = {"per_region": _plain(use.per_region)} if use.per_region else {}
    return {"use": use.use, **_plain(use.params), **special}


def _term(term: LossUse) -> dict[str, Any]:
    component = _component(term.component)
    return {"use": component.pop("use"), "weight": _plain(term.weight), "every": term.every, **component}


def _plain(value: Any) -> Any:
    if isinstance(value, ComponentUse):
        return _component(value)
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, Path) else value


class _Dumper(yaml.SafeDumper):
    """Block mappings, lists of scalars on one line, no anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _represent_list(dumper: yaml.SafeDumper, data: list[Any]) -> yaml.Node:
    flow = not any(isinstance(item, (dict, list)) for item in data)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=flow)


for _first, _ours in RESOLVERS.items():
    # Text is quoted if either YAML 1.1 or the recipe's reader would take it for something else.
    known = _Dumper.yaml_implicit_resolvers.get(_first, [])
    _Dumper.yaml_implicit_resolvers = {**_Dumper.yaml_implicit_resolvers, _first: [*known, *_ours]}
_Dumper.add_representer(list, _represent_list)
