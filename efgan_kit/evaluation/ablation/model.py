"""An ablation: a study whose arms each differ in one thing, and what is asked of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

import attrs

from efgan_kit.evaluation.study.model import Study

Kind = Literal["drop", "add", "scale", "swap", "pair"]

BASELINE: Final = "baseline"
SMALLEST: Final = "smallest"
FORMAT: Final = 1

FIGURES: Final = ("share_of_gap_closed", "psnr", "ssim", "identity_retained")
"""What an ablation is decided by where nothing else is asked for."""
OF_INTEREST: Final[Mapping[str, float]] = {
    "share_of_gap_closed": 0.05,
    "psnr": 0.5,
    "ssim": 0.01,
    "identity_retained": 0.02,
}
"""The smallest difference in a figure that a reader would care for, where nothing else is said: our own judgement."""


@attrs.frozen
class Variant:
    """An arm, and the one thing in which it differs from another.

    Attributes:
        arm: Its name in the study.
        kind: `drop` a loss term, `add` one, `scale` one's weight, `swap` a component, or drop a `pair` of terms.
        title: The thing in question, as tables call it.
        against: The arm that lacks the change.
        terms: The loss terms in question.
    """

    arm: str
    kind: Kind
    title: str
    against: str = BASELINE
    terms: tuple[str, ...] = ()

    @property
    def without(self) -> bool:
        """Whether the arm is the one *without* the thing in question: what that buys is then the other less this."""
        return self.kind in ("drop", "pair")


@attrs.frozen
class Ablation:
    """What is trained, and what is asked.

    Attributes:
        study: The arms, with their seeds.
        variants: All arms but those that the others are held against.
        figures: Names of the figures that decide.
        of_interest: By figure, the smallest difference worth knowing of.
    """

    study: Study
    variants: tuple[Variant, ...]
    figures: tuple[str, ...] = FIGURES
    of_interest: Mapping[str, float] = OF_INTEREST

    @property
    def references(self) -> tuple[str, ...]:
        """The arms that others are held against."""
        return tuple(dict.fromkeys(variant.against for variant in self.variants))

    def title(self, arm: str) -> str:
        """What tables call an arm."""
        for variant in self.variants:
            if variant.arm == arm:
                return f"without {variant.title}" if variant.without else variant.title
        return arm

    def to_plain(self) -> dict[str, Any]:
        """What the study's own file does not say."""
        return {
            "ablation": FORMAT,
            "figures": list(self.figures),
            "of_interest": dict(self.of_interest),
            "variants": {
                v.arm: {"kind": v.kind, "title": v.title, "against": v.against, "terms": list(v.terms)}
                for v in self.variants
            },
        }
