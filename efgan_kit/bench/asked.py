"""What `efgan bench` was asked to measure."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TypeVar

import attrs

from efgan_kit.errors import EfganError, Fault

Found = TypeVar("Found")


@attrs.define
class Asked:
    """Sections that are measured one after the other: what one has found is not lost with another.

    Attributes:
        sections: Those that were asked for.
        measured_any: Whether one of them has found something.
        faults: Why others have not.
    """

    sections: Collection[str]
    measured_any: bool = False
    faults: list[Fault] = attrs.field(factory=list)

    def measured(self, section: str, measure: Callable[[], Found]) -> Found | None:
        """What `measure` finds; None if that was not asked for, or can't be measured."""
        if section not in self.sections:
            return None
        try:
            found = measure()
        except EfganError as error:
            self.faults += error.faults
            return None
        self.measured_any = True
        return found
