"""What to do about a plugin that does not take part."""

from __future__ import annotations

from typing import Final

from efgan_kit.registry.catalogue import DISABLED_BY
from efgan_kit.registry.distributions import OWN

_REMEDIES: Final = {
    "broken": "`efgan plugin doctor {0}` says more",
    "disabled": "efgan plugin enable {0}",
    "too old": "pip install --upgrade {0}",
    "too new": f"pip install --upgrade {OWN}",
}


def remedy(state: str, distribution: str, reason: str = "") -> str:
    """The way out, by the plugin's state and its reason; empty if there is nothing to mend."""
    if state == "disabled" and DISABLED_BY in reason:
        return f"take it out of {DISABLED_BY}"
    return _REMEDIES.get(state, "").format(distribution)
