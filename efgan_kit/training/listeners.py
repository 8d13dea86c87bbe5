"""The plugins that follow a training through the lifecycle hooks."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from pluggy import HookCaller

from efgan_kit.registry import registry


class Listeners:
    """Tells every plugin what happens. One that fails is named in a warning, and the training goes on.

    Args:
        warn: Says a line; called once for each plugin and hook that fails.
        tells: If false, nobody is told anything: of several processes, one tells.
    """

    def __init__(self, warn: Callable[[str], None], *, tells: bool = True) -> None:
        self._warn = warn
        self._warned: set[tuple[str, str]] = set()
        self._callers = functools.cache(_callers_of) if tells else _nobody

    def tell(self, hook: str, **arguments: Any) -> None:
        """Call `hook` of every plugin that implements it."""
        for name, caller in self._callers(hook):
            try:
                caller(**arguments)
            except (Exception, SystemExit) as error:
                if (name, hook) not in self._warned:
                    self._warned.add((name, hook))
                    reason = f"{type(error).__name__}: {error}"
                    self._warn(f"warning: {hook} of the plugin {name} failed, and is not waited for: {reason}")


def _nobody(hook: str) -> list[tuple[str, HookCaller]]:
    return []


def _callers_of(hook: str) -> list[tuple[str, HookCaller]]:
    """By the plugin's name, a caller of its implementation alone, so that one's failure is not another's."""
    manager = registry().manager
    plugins = [implementation.plugin for implementation in getattr(manager.hook, hook).get_hookimpls()]
    return [
        (
            manager.get_name(plugin) or repr(plugin),
            manager.subset_hook_caller(hook, [other for other in manager.get_plugins() if other is not plugin]),
        )
        for plugin in plugins
    ]
