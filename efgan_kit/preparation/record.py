"""What a preparation consists of, written beside the faces that it prepared and kept with the runs trained on them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import attrs

from efgan_kit.components.datasets.photos.folder import PREPARATION
from efgan_kit.errors import EfganError, Fault, fail
from efgan_kit.files import write_json, writing
from efgan_kit.recipe.by_name import component_by_name
from efgan_kit.recipe.model import ComponentUse
from efgan_kit.registry import catalogue

FILE: Final = PREPARATION
FORMAT: Final = 1
READERS: Final = ("openface", "pyfeat")
"""The landmarkers and AU labellers that read what another program wrote."""


@attrs.frozen
class Part:
    """A landmarker or an AU labeller: its name, its parameters, and the distribution that offered it."""

    use: str
    params: Mapping[str, Any] = attrs.field(factory=dict)
    origin: str = attrs.field(default="", eq=False)

    @classmethod
    def of(cls, use: ComponentUse) -> Part:
        """The part that a command has chosen."""
        return cls(use.use, dict(use.params), use.offer.origin if use.offer else "")

    def component(self, kind: str, where: str) -> ComponentUse:
        """The component. Raises EfganError, blaming `where`, if it isn't installed or has changed its parameters."""
        try:
            return component_by_name(kind, self.use, params=self.params, flag=where, option_flag=where)
        except EfganError as error:
            way_out = f"the faces were prepared by {self.origin}: install it" if self.origin else ""
            raise EfganError(*(attrs.evolve(f, hint=f.hint or way_out) for f in error.faults)) from None


@attrs.frozen
class Preparation:
    """How faces are found, measured and levelled.

    Attributes:
        landmarker: Finds the faces.
        labeller: Measures their AUs.
        level: Faces are turned until the outer corners of their eyes lie level.
    """

    landmarker: Part
    labeller: Part
    level: bool = True

    def write(self, folder: Path) -> None:
        """Write `preparation.json` into a folder, at once or not at all. Raises EfganError if it can't be written."""
        with writing(folder / FILE):
            write_json(folder / FILE, {"format": FORMAT, **attrs.asdict(self)})

    @classmethod
    def read(cls, folder: Path) -> Preparation | None:
        """The preparation kept in a folder; None if there is none. Raises EfganError if the file is damaged."""
        path = folder / FILE
        if not path.exists():
            return None
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
            parts = {
                name: Part(str(kept[name]["use"]), dict(kept[name]["params"]), str(kept[name]["origin"]))
                for name in ("landmarker", "labeller")
            }
            if kept["format"] != FORMAT:
                raise ValueError(f"format {kept['format']}")
            return cls(**parts, level=bool(kept["level"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise fail(str(path), f"is damaged: {error}", "prepare the faces again") from error


def installed_preparation(where: str, preferred: Iterable[str] = ("mediapipe",)) -> Preparation:
    """The preparation of whatever is installed: the parts of a plugin that offers both kinds under one name.

    Args:
        where: Whom to blame if there is none.
        preferred: Names to take first, in this order.

    Raises:
        EfganError: No installed plugin both finds and measures faces.
    """
    shelf = catalogue()
    finders = {offer.name: offer for offer in shelf.of_kind("landmarker")}
    meters = {offer.name: offer for offer in shelf.of_kind("au-labeller")}
    looking = (finders.keys() & meters.keys()) - set(READERS)
    both = [name for name in (*preferred, *sorted(looking)) if name in looking]
    if not both:
        hint = "pip install efgan-kit-mediapipe, or label the photos with OpenFace: see docs/data.md"
        raise EfganError(Fault(where, "nothing that is installed can find and measure faces in photos", hint))
    name = both[0]
    return Preparation(Part(name, origin=finders[name].origin), Part(name, origin=meters[name].origin))
