"""The plugins that follow a training through the lifecycle hooks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from efgan_kit.registry import registry


class Listeners:
    """Tells every plugin what happens. One that fails is named in a warning, and the training goes on.

    Args:
        warn: Says a line; called once for each plugin and hook that fails.
    """

    def __init__(self, warn: Callable[[str], None]) -> None:
        self._manager = registry().manager
        self._warn = warn
        self._warned: set[tuple[str, str]] = set()

    def tell(self, hook: str, **arguments: Any) -> None:
        """Call `hook` of every plugin that implements it."""
        plugins = self._manager.get_plugins()
        for plugin in plugins:
            name = self._manager.get_name(plugin) or repr(plugin)
            caller = self._manager.subset_hook_caller(hook, [other for other in plugins if other is not plugin])
            try:
                caller(**arguments)
            except (Exception, SystemExit) as error:
                if (name, hook) not in self._warned:
                    self._warned.add((name, hook))
                    reason = f"{type(error).__name__}: {error}"
                    self._warn(f"warning: {hook} of the plugin {name} failed, and is not waited for: {reason}")
