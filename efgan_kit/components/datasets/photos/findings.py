"""What reading a folder brings to light: faults that stop it, and warnings that do not."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from efgan_kit.api import EfganError, Fault

SHOWN = 20


@attrs.define
class Findings:
    """Faults and warnings, in the order in which they were found."""

    faults: list[Fault] = attrs.field(factory=list)
    warnings: list[Fault] = attrs.field(factory=list)

    def fault(self, where: str, what: str, hint: str = "") -> None:
        self.faults.append(Fault(where, what, hint))

    def warn(self, where: str, what: str, hint: str = "") -> None:
        self.warnings.append(Fault(where, what, hint))

    def warn_of_several(self, names: list[str], what: str, hint: str = "") -> None:
        """One warning for what befell many: the first is named, the rest are counted."""
        if names:
            more = f" and {len(names) - 1} more" if len(names) > 1 else ""
            self.warn(f"{names[0]}{more}", what, hint)

    def raise_if_faulty(self) -> None:
        """Raises EfganError with the faults found so far; beyond `SHOWN`, the rest are counted."""
        if self.faults:
            raise EfganError(*capped(self.faults))


def capped(faults: Iterable[Fault]) -> list[Fault]:
    """The first `SHOWN` faults, and a last one that counts the others."""
    everything = list(faults)
    hidden = len(everything) - SHOWN
    return everything if hidden <= 0 else [*everything[:SHOWN], Fault("", f"and {hidden} more")]
