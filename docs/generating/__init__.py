"""The blocks of the pages, by name: each is made by the function of its name in a module of its subject.

A page holds blocks between `<!-- begin NAME -->` and `<!-- end NAME -->`; the rest is written by hand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final

from generating import api, checks, commands, components, contracts, directory, doctor, hooks, recipes, values

BLOCK: Final = re.compile(r"(<!-- begin ([\w-]+) -->\n).*?(<!-- end \2 -->)", re.DOTALL)

BLOCKS: Final[dict[str, Callable[[], Iterable[str]]]] = {
    "components": components.components,
    "api": api.api_names,
    "kinds": contracts.kinds,
    "types": contracts.types,
    "hooks": hooks.hooks,
    "conformance": checks.conformance,
    "promises": doctor.promises,
    "given-values": values.given_values,
    "graph-values": values.graph_values,
    "cascade-values": values.cascade_values,
    "evaluation-given": values.evaluation_given,
    "evaluation-values": values.evaluation_values,
    "train-settings": recipes.train_settings,
    "action-units": recipes.action_units,
    "presets": recipes.presets,
    "commands": commands.commands,
    "directory": directory.directory,
}


def filled(page: str) -> str:
    """The page with every block written anew."""
    return BLOCK.sub(lambda block: "\n\n".join([block[1].rstrip(), *BLOCKS[block[2]](), block[3]]), page)
