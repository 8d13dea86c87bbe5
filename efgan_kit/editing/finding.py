"""Which parts find and measure the faces of unlabelled photos: those that the run's own faces were prepared with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import attrs

from efgan_kit.errors import EfganError
from efgan_kit.preparation import FILE, FaceFinder, Preparation, installed_preparation


@attrs.define(eq=False)
class Finding:
    """Finds faces for a run; the parts are made when the first photo without labels comes.

    Attributes:
        run: The run's folder; its preparation, if it kept one, is used.
        tell: Told, in a line and once, what finds and measures the faces.
    """

    run: Path
    tell: Callable[[str], None] = lambda line: None
    _finder: FaceFinder | None = None

    def finder(self, photo: Path, why: str = "") -> FaceFinder:
        """What finds the faces of `photo`. Raises EfganError, blaming the photo or the run, if nothing can.

        Args:
            why: What of the photo makes it necessary, for the message: `has no labels`.
        """
        if self._finder is None:
            kept = Preparation.read(self.run)
            if kept is not None:
                self._finder = FaceFinder(kept, str(self.run / FILE))
                self.tell(f"faces are found and measured by {_named(kept)}, as the run's own were")
            else:
                try:
                    chosen = installed_preparation(str(photo))
                except EfganError as error:
                    faults = [attrs.evolve(f, what=f"{why}, and {f.what}" if why else f.what) for f in error.faults]
                    raise EfganError(*faults) from None
                self._finder = FaceFinder(chosen, str(photo))
                self.tell(f"faces are found and measured by {_named(chosen)}; the run does not say how its own were")
        return self._finder

    def close(self) -> None:
        """Let go of the parts."""
        if self._finder is not None:
            self._finder.close()
            self._finder = None


def _named(preparation: Preparation) -> str:
    parts = dict.fromkeys([preparation.landmarker.use, preparation.labeller.use])
    return " and ".join(parts)
