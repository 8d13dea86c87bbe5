"""Lazy targets: `"package.module:Class"`, imported when a recipe uses the component."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from typing import Any, Final

from efgan_kit.errors import fail, nearest
from efgan_kit.registry.distributions import install_line

WELL_FORMED: Final = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*")


def resolve(target: str, component: str, distribution: str, where: str = "") -> Callable[..., Any]:
    """The object that a target names.

    Args:
        component: Whose target it is, for the error: `the loss 'wgan-gp'`.
        distribution: The distribution that offers it.
        where: The place that asked for it.

    Raises:
        EfganError: The module or the attribute cannot be had.
    """
    whose = f"{component} of {distribution}"
    module_name, _, attribute = target.partition(":")
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        missing = error.name or ""
        if missing and f"{module_name}.".startswith(f"{missing}."):
            what = f"{whose} points to '{target}', which does not exist"
            raise fail(where, what, _report(distribution)) from error
        hint = install_line(missing, distribution) if missing else ""
        raise fail(where, f"{whose} needs the module '{missing}', which is not installed", hint) from error
    except (Exception, SystemExit) as error:
        what = f"{whose} could not be imported from '{module_name}': {type(error).__name__}: {error}"
        raise fail(where, what, _report(distribution)) from error
    if not hasattr(module, attribute):
        public = [name for name in vars(module) if not name.startswith("_")]
        what = f"{whose} points to '{target}', but the module has no '{attribute}'"
        raise fail(where, what, nearest(attribute, public))
    found: Callable[..., Any] = getattr(module, attribute)
    return found


def _report(distribution: str) -> str:
    return f"that is a fault of {distribution}: please report it to its author"
