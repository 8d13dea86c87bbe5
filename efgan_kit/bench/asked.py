"""What `efgan bench` was asked to measure."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TypeVar

import attrs
import torch

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
            self.faults += [fault for fault in error.faults if fault not in self.faults]
            return None
        except torch.OutOfMemoryError as error:
            self.faults.append(Fault(f"bench, {section}", str(error).partition("\n")[0], "try a smaller batch"))
            return None
        self.measured_any |= bool(found)
        return found
