"""The installed plugins by the names that people type; no torch is imported for it."""

from __future__ import annotations

from efgan_kit.errors import fail, nearest
from efgan_kit.registry import Plugin, registry
from efgan_kit.registry.distributions import canonical


def plugins_named(name: str) -> list[Plugin]:
    """The plugins of a distribution, or the one of that name.

    Raises:
        EfganError: None is installed, or it is disabled.
    """
    plugins = registry().plugins
    found = [p for p in plugins if canonical(name) in (canonical(p.name), canonical(p.distribution))]
    if not found:
        raise fail(name, "no such plugin is installed", nearest(name, [p.distribution for p in plugins]))
    disabled = [plugin for plugin in found if plugin.state == "disabled"]
    if disabled:
        raise fail(name, f"is disabled {disabled[0].reason}", "enable it to check it")
    return found
