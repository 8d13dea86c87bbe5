"""The process in which plugins' recipes are loaded; it writes down what it sees as that of a plugin does."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from efgan_kit.diagnosis.patient import Record
from efgan_kit.errors import EfganError


def main(argument: str) -> None:
    """Load every recipe of some folders."""
    from efgan_kit.recipe import load_recipe
    from efgan_kit.recipe.shelf import recipes_in

    task = json.loads(argument)
    record = Record(task["record"])
    for distribution, folder in task["folders"]:
        recipes = recipes_in(Path(folder))
        record(owner=distribution, names=[recipe.name for recipe in recipes], folder=folder)
        for recipe in recipes:
            if recipe.abstract:
                continue
            with record.step(f"{distribution}: the recipe '{recipe.name}'"):
                try:
                    load_recipe(recipe.path, allow_missing=True)
                except EfganError as error:
                    faults = [(str(fault), "requires:" in fault.what) for fault in error.faults]
                    record(recipe=recipe.name, distribution=distribution, faults=faults)


if __name__ == "__main__":
    main(sys.argv[1])
