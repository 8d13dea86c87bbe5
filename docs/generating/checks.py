"""Every check of the conformance suite, and of which kinds it is one."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

from efgan_kit.testing.conformance import CHECKS
from generating.markdown import names


def checks() -> Iterator[str]:
    """The checks in the order in which they are run; one name may mean several, for several kinds."""
    by_name: dict[str, dict[Callable[..., Any], list[str]]] = {}
    for kind, several in CHECKS.items():
        for check in several:
            by_name.setdefault(check.__name__, {}).setdefault(check, []).append(kind)
    for name, functions in by_name.items():
        yield f"### {name}"
        for check, kinds in functions.items():
            yield f"Of {_whose(kinds)}: {inspect.getdoc(check)}"


def _whose(kinds: list[str]) -> str:
    others = [kind for kind in CHECKS if kind not in kinds]
    if len(others) > 3:
        return names(kinds)
    return f"every kind but {names(others)}" if others else "every kind"
