"""One error type for everything that is the user's to mend.

A `Fault` says where, what, and the way out; an `EfganError` carries every fault found at once, because a person
who mends one typo should not have to come back for the next.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

import attrs


@attrs.frozen
class Fault:
    """One thing that is wrong with what the user gave.

    Attributes:
        where: The place: `recipe.yaml:14:9`, an image's path, a plugin's name, an option.
        what: What is wrong there, in one clause.
        hint: The way out, in one clause; empty if the fault speaks for itself.
    """

    where: str
    what: str
    hint: str = ""

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        return printable(f"{text}; {self.hint}" if self.hint else text)


class EfganError(Exception):
    """The user's input is at fault. The command line prints it and exits with code 2, without a traceback."""

    def __init__(self, *faults: Fault) -> None:
        self.faults: tuple[Fault, ...] = faults
        super().__init__(*faults)

    def __str__(self) -> str:
        return "\n".join(str(fault) for fault in self.faults)


def fail(where: str, what: str, hint: str = "") -> EfganError:
    """The error for a single fault, to be raised by the caller: `raise fail(...)`."""
    return EfganError(Fault(where, what, hint))


def printable(text: str) -> str:
    r"""`text` as a terminal may be shown it: names of files can hold characters that clear screens or turn words round.

    Line breaks and tabs stay; other control and format characters are written out, as `\x1b`.
    """
    kept = (c if c.isprintable() or c in "\n\t" else c.encode("unicode_escape", "surrogatepass").decode() for c in text)
    return "".join(kept)


def nearest(word: str, known: Iterable[str]) -> str:
    """The hint that follows an unknown word: the nearest known one, or the list of them when it is short."""
    options = sorted(set(known))
    close = difflib.get_close_matches(word, options, n=1, cutoff=0.6)
    if close:
        return f"did you mean '{close[0]}'?"
    if not options:
        return "there is none"
    shown = ", ".join(options[:12])
    return f"one of: {shown}" + (", ..." if len(options) > 12 else "")
