"""Whether a plugin's hooks are those that efgan_kit calls, with arguments that it gives."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any, Final

import pluggy

from efgan_kit import hookspecs
from efgan_kit.errors import nearest

_MARK: Final = f"{hookspecs.PROJECT}_impl"
SPECS: Final[dict[str, Callable[..., Any]]] = {
    name: function for name, function in vars(hookspecs).items() if hasattr(function, f"{hookspecs.PROJECT}_spec")
}
"""The hooks, by name."""


def implementations(plugin: object) -> Iterator[tuple[str, Callable[..., Any]]]:
    """A plugin's functions that are marked with `hookimpl`, each with the name of the hook that it implements."""
    for attribute in dir(plugin):
        function = inspect.getattr_static(plugin, attribute, None)  # asks no property and no `__getattr__`
        if isinstance(function, (staticmethod, classmethod)):
            function = function.__func__
        options = getattr(function, _MARK, None)
        if isinstance(options, dict) and inspect.isroutine(function):
            yield options.get("specname") or attribute, getattr(plugin, attribute)


def faults_of(plugin: object) -> list[str]:
    """What is wrong with a plugin's hooks: names that there are not, arguments that are not given."""
    faults = []
    for name, function in implementations(plugin):
        parameters = list(inspect.signature(function).parameters.values())
        several = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
        needed = [p.name for p in parameters if p.default is p.empty and p.kind not in several]
        faults += fault_of(name, needed, _shown(name, parameters))
    return faults


def fault_of(name: str, needed: list[str], written: str) -> list[str]:
    """What is wrong with one hook.

    Args:
        needed: The arguments that the implementation has to be given.
        written: Its signature, for the message.
    """
    spec = SPECS.get(name)
    if spec is None:
        return [f"there is no hook '{name}'; {nearest(name, SPECS)}"]
    given = inspect.signature(spec).parameters
    strange = [argument for argument in needed if argument not in given]
    if not strange:
        return []
    ours = _shown(name, list(given.values()))
    several = ", ".join(f"'{argument}'" for argument in strange)
    return [f"its hook is written {written}, but efgan-kit calls {ours}: there is no {several} to give"]


def _shown(name: str, parameters: list[inspect.Parameter]) -> str:
    plain = [parameter.replace(annotation=inspect.Parameter.empty) for parameter in parameters]
    return f"{name}{inspect.Signature(plain)}"


def caller(manager: pluggy.PluginManager, plugin: object, hook: str) -> pluggy.HookCaller:
    """Calls a hook of one plugin alone."""
    return manager.subset_hook_caller(hook, [other for other in manager.get_plugins() if other is not plugin])
