"""Every check of the conformance suite, and of which kinds it is one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from efgan_kit.testing.conformance import CHECKS
from efgan_kit.testing.examination import WHOLE
from generating.markdown import prose


def conformance() -> Iterator[str]:
    """The checks in the order in which they are run; one name may mean several, for several kinds."""
    held: dict[str, dict[Callable[..., Any], list[str]]] = {check.__name__: {check: [*CHECKS]} for check in WHOLE}
    for kind, checks in CHECKS.items():
        for check in checks:
            held.setdefault(check.__name__, {}).setdefault(check, []).append(kind)
    for name, by_check in held.items():
        yield f"### {name}"
        for check, kinds in by_check.items():
            yield f"{prose(check)} ({_whose(kinds)})"


def _whose(kinds: list[str]) -> str:
    others = [kind for kind in CHECKS if kind not in kinds]
    if len(others) > 3:
        return ", ".join(kinds)
    return f"every kind but {', '.join(others)}" if others else "every kind"
