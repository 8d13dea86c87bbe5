"""What a plugin promises to those who install it, and what was found where it breaks its word."""

from __future__ import annotations

from typing import Final, Literal

import attrs

SLOW: Final = 0.25
"""Seconds: every `efgan` command imports every plugin, and `efgan --help` itself takes a third of a second."""

PROMISES: Final = {
    "requirements": "What the package requires is installed.",
    "version": "The package asks for a range of efgan-kit that the installed one is in.",
    "import": "The module of the entry point can be imported.",
    "end": "Importing it, and each of its hooks, comes to an end, and ends no process.",
    "light": f"Importing it takes less than {SLOW:g} s and brings in no torch or other large library.",
    "quiet": "Importing it, and its hooks, print nothing.",
    "global state": "Importing it leaves random state, environment, warnings, logging and the like as they were.",
    "hooks": "Its hooks are hooks that there are, take arguments that are given, and do not fail.",
    "offers": "What it registers is of a known kind, with a target of the form package.module:Class.",
    "targets": "Each component can be imported, and its constructor asks for nothing that its kind is not given.",
    "names": "Its names are its own: no built-in's, no other plugin's.",
    "recipes": "The folder of its recipes is there, and each of them loads.",
    "models": "The folder of its models is there, with exported models in it.",
}
"""By the names that the doctor calls them."""


@attrs.frozen
class Finding:
    """Something that was found.

    Attributes:
        promise: The key of `PROMISES` that it is about.
        what: What was seen.
        way_out: What to do about it.
        severity: A note is worth knowing and no fault: the plugin counts as healthy.
    """

    promise: str
    what: str
    way_out: str
    severity: Literal["fault", "note"] = "fault"


def until_mended(distribution: str) -> str:
    """The way out where only the author can help."""
    return f"tell the author of {distribution}; until it is mended, `efgan plugin disable {distribution}`"
