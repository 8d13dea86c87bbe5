"""Where a module is, found without importing it or the packages that it is in."""

from __future__ import annotations

import re
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Final

_ENTRY: Final = re.compile(r"\s*(?P<module>[^\W\d]\w*(\.[^\W\d]\w*)*)\s*(:\s*(?P<attribute>[\w.]+)\s*)?(\[.*\])?\s*")


def split(entry: str) -> tuple[str, str]:
    """Module and attribute of an entry point, `package.module` or `package.module:attribute`; empty if it is none."""
    match = _ENTRY.fullmatch(entry)
    return (match["module"], match["attribute"] or "") if match else ("", "")


def path_of(entry: str) -> Path | None:
    """The file of the module that an entry point names, if it has one."""
    module, _ = split(entry)
    spec = find(module) if module else None
    return Path(spec.origin) if spec is not None and spec.has_location and spec.origin else None


def find(module: str) -> ModuleSpec | None:
    """Where a module is, without importing the packages that it is in."""
    spec, folders = None, None
    parts = module.split(".")
    for end in range(1, len(parts) + 1):
        spec = _find(".".join(parts[:end]), folders)
        if spec is None or (end < len(parts) and spec.submodule_search_locations is None):
            return None
        folders = list(spec.submodule_search_locations or ())
    return spec


def _find(name: str, folders: list[str] | None) -> ModuleSpec | None:
    for finder in sys.meta_path:
        try:
            spec = finder.find_spec(name, folders)
        except Exception:
            continue  # a stranger's finder, at fault
        if spec is not None:
            return spec
    return None
