"""What an ablation found: for every variant and figure, what the thing in question does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from efgan_kit.evaluation.ablation.model import BASELINE, Ablation, Variant
from efgan_kit.evaluation.ablation.pairing import Pairing
from efgan_kit.evaluation.ablation.statistics import Effect, effects, interaction
from efgan_kit.evaluation.ablation.trial import Trial
from efgan_kit.evaluation.figures import figure
from efgan_kit.evaluation.study.report import Report, unlike

ByFigure = Mapping[str, Mapping[str, Effect]]
"""By figure, then by the variant's arm."""


@attrs.frozen
class Results:
    """Everything that the report of an ablation says.

    Attributes:
        recipe: The name of the recipe that is ablated.
        report: The arms side by side.
        effects: What each variant does; one of which nothing is known is not there.
        interactions: Of two terms dropped together: how much more they buy together than one by one.
        reasons: By figure and arm, why nothing is known.
        trials: By arm, what its step computes.
        pairings: What each variant shares with its reference.
    """

    ablation: Ablation
    recipe: str
    report: Report
    effects: ByFigure
    interactions: ByFigure
    reasons: Mapping[tuple[str, str], str]
    trials: Mapping[str, Trial]
    pairings: Sequence[Pairing]

    def variants(self) -> Sequence[Variant]:
        return self.ablation.variants


def draw_conclusions(
    ablation: Ablation, recipe: str, report: Report, trials: Mapping[str, Trial], pairings: Sequence[Pairing]
) -> Results:
    """The results of what is measured; the variants of a figure are one family."""
    found: dict[str, Mapping[str, Effect]] = {}
    together: dict[str, Mapping[str, Effect]] = {}
    reasons: dict[tuple[str, str], str] = {}
    for name in ablation.figures:
        about, smallest = figure(name), ablation.of_interest.get(name)
        differences = {}
        for variant in ablation.variants:
            cells = [m for m in report.measured if m.cell.arm in (variant.arm, variant.against)]
            if why := ", ".join(unlike(cells, about)):
                reasons[name, variant.arm] = why
                continue
            differences[variant.arm] = _differences(variant, name, report)
        found[name] = effects(differences, better=about.better, smallest=smallest)
        contrasts = {
            variant.arm: _contrast(variant, name, ablation, report)
            for variant in ablation.variants
            if variant.kind == "pair" and variant.arm in found[name]
        }
        together[name] = effects(contrasts, better=about.better, smallest=smallest)
        for variant in ablation.variants:
            if variant.arm not in found[name]:
                reasons.setdefault((name, variant.arm), "not known of both arms for any seed")
    return Results(ablation, recipe, report, found, together, reasons, trials, pairings)


def _differences(variant: Variant, name: str, report: Report) -> dict[int, float]:
    """By seed, how much more of a figure there is thanks to the thing in question."""
    arm, against = (report.values(side, name, "all") for side in (variant.arm, variant.against))
    more, less = (against, arm) if variant.without else (arm, against)
    return {seed: more[seed] - less[seed] for seed in more if seed in less}


def _contrast(variant: Variant, name: str, ablation: Ablation, report: Report) -> dict[int, float]:
    """By seed, what a pair of terms buys together beyond what each buys while the other is there."""
    alone = {v.terms[0]: v.arm for v in ablation.variants if v.kind == "drop"}
    arms = (BASELINE, *(alone[term] for term in variant.terms), variant.arm)
    whole, without_a, without_b, without_both = (report.values(arm, name, "all") for arm in arms)
    return interaction(whole, without_a, without_b, without_both)
