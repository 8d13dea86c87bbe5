"""Whose faces a run learned from, and what their owners ask for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import attrs

from efgan_kit.errors import EfganError
from efgan_kit.recipe import ComponentUse, Recipe, build_dataset

KNOWN: Final = {
    "drawn-faces": ("Faces drawn by code, by efgan_kit's `drawn-faces`. No photograph of a person was used.", ()),
    "ict-faces": (
        "People rendered by efgan-kit-ict's `ict-faces`.",
        (
            "Their heads are those of ICT-FaceKit, (c) 2020 USC Institute for Creative Technologies, MIT licence (Li et"
            " al., Learning Formation of Physically-Based Face Attributes, CVPR 2020).",
        ),
    ),
    "rafd": (
        "Photographs of the Radboud Faces Database (RaFD).",
        (
            "Langner, Dotsch, Bijlstra, Wigboldus, Hawk and van Knippenberg, Presentation and validation of the Radboud"
            " Faces Database, Cognition and Emotion 24 (2010). Its owners give it out for non-commercial research.",
        ),
    ),
    "cfee": (
        "Photographs of the Compound Facial Expressions of Emotion database (CFEE).",
        (
            "Du, Tao and Martinez, Compound facial expressions of emotion, PNAS 111 (2014). Its owners give it out on"
            " request, for research.",
        ),
    ),
}
"""By a data set's name in recipes: what it is, and what is owed to its owners."""


@attrs.frozen
class Data:
    """The faces that a run learned from.

    Attributes:
        described: What they are, in a few sentences.
        attribution: Lines that must go wherever the weights go.
    """

    described: str
    attribution: tuple[str, ...]

    @property
    def licence(self) -> str:
        """What may be done with the weights, as far as that is known here."""
        code = "efgan_kit is under the Apache License 2.0."
        terms = "What the weights may be used for depends on the faces that they learned from:"
        return " ".join([code, terms, self.described, *self.attribution])


def data_of(recipe: Recipe, attribution: Sequence[str] = ()) -> Data:
    """The training faces of a recipe.

    Args:
        attribution: Lines that the user adds.
    """
    if "train" not in recipe.data:  # an exported folder, where a plugin of the data is not installed
        return Data("Its faces are those that the model card of the exported folder describes.", tuple(attribution))
    found = [KNOWN.get(use.use, (_pictures(use), ())) for use in _leaves(recipe.data["train"])]
    described = [text for text, _ in found]
    owed = [line for _, lines in found for line in lines]
    return Data(" ".join([*described, *_counted(recipe)]), (*dict.fromkeys([*owed, *attribution]),))


def _leaves(use: ComponentUse) -> list[ComponentUse]:
    """The data set, or those that it is mixed of."""
    below = [part for part in use.parts()[1:] if part.kind == "dataset"]
    return [leaf for part in below for leaf in _leaves(part)] or [use]


def _pictures(use: ComponentUse) -> str:
    root = use.params.get("root")
    named = f" of the folder '{Path(root).name}'" if isinstance(root, str) else ""
    return f"Pictures{named}, by the data set `{use.use}`. Whoever exported this knows their terms."


def _counted(recipe: Recipe) -> list[str]:
    try:
        faces = build_dataset(recipe, "train")
    except EfganError:
        return []
    return [f"In all, {len(faces)} faces of {len(set(faces.people))} people."]
