"""What a plugin must hold as a whole: it is found in no time, and imports nothing heavy for that."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any, Final

from efgan_kit.errors import EfganError
from efgan_kit.recipe import load_recipe
from efgan_kit.recipe.shelf import shelved
from efgan_kit.registry import Plugin, registry
from efgan_kit.testing.contract import ContractError, NotExaminedError

HEAVY: Final = ("torch", "torchvision", "timm", "scipy", "matplotlib")
PATIENCE: Final = 60.0
PROBE: Final = """
import importlib, io, json, sys
sys.path[:] = {path!r}
stdout, sys.stdout = sys.stdout, io.StringIO()
known = {{*sys.modules}}
module = importlib.import_module({module!r})
printed = sys.stdout.getvalue()
json.dump({{"heavy": [name for name in {heavy!r} if name in sys.modules], "printed": printed}}, stdout)
"""
"""A process that does what discovery does, and says what came with it."""


def is_found_without_torch(plugin: Plugin) -> None:
    """Every command imports the module that holds the hooks: it imports no component, and prints nothing."""
    whose = _whose(plugin)
    if plugin.state != "active":
        contract = "a plugin can be loaded: `efgan plugin doctor` says more"
        raise ContractError(whose, contract, f"it is {plugin.state}: {plugin.reason}")
    seen = _looked_at(plugin, whose)
    contract = f"the module '{plugin.module}', which holds the hooks, imports no component and nothing heavy"
    if seen["heavy"]:
        raise ContractError(whose, contract, f"it imports {', '.join(seen['heavy'])}")
    if seen["printed"]:
        raise ContractError(whose, f"the module '{plugin.module}' prints nothing when imported", repr(seen["printed"]))


def _looked_at(plugin: Plugin, whose: str) -> dict[str, Any]:
    probe = PROBE.format(path=sys.path, module=plugin.module.partition(":")[0], heavy=HEAVY)
    command = [sys.executable, "-c", probe]
    try:
        process = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired as error:
        raise ContractError(whose, "its hooks can be imported in no time", f"not in {PATIENCE:g} seconds") from error
    except OSError as error:
        raise NotExaminedError(f"no process can be started: {error}") from error
    if process.returncode:
        last = process.stderr.strip().splitlines()[-1:] or [f"exit code {process.returncode}"]
        raise ContractError(whose, "its hooks can be imported by a fresh process", last[0])
    seen: dict[str, Any] = json.loads(process.stdout)
    return seen


def offers_sound_recipes(plugin: Plugin) -> None:
    """Every recipe that it offers can be loaded as it is, apart from what it leaves to its user (`???`)."""
    folders = registry().recipe_folders_of(plugin.distribution) if plugin.state == "active" else []
    recipes = [recipe for recipe in shelved() if recipe.path.parent in folders and not recipe.abstract]
    faults = []
    for recipe in recipes:
        try:
            load_recipe(recipe.path, allow_missing=True)
        except EfganError as error:
            faults.append(str(error))
    if faults:
        raise ContractError(_whose(plugin), "its recipes can be loaded", "; ".join(faults))


def _whose(plugin: Plugin) -> str:
    return f"plugin {plugin.name} of {plugin.distribution} {plugin.version}".rstrip()


CHECKS: Final = (is_found_without_torch, offers_sound_recipes)
