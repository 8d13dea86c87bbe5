"""What to know before believing figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

APART: Final = 0.2
"""Levels of cosine similarity nearer than this do not tell one person from another."""

Figures = Mapping[str, float]

IDLE: Final = 0.1
"""Where edits close less than this share of the gap to the target AUs, there is little to be taken back."""
TRUSTED: Final = 0.5
"""A judge whose error on true pictures is above this share of a copy's error is not to be trusted."""


def caveats_about(figures: Mapping[str, Figures]) -> list[str]:
    """Warnings that the built-in metrics' figures call for, each with its cure."""
    return [
        *_of_judge(figures.get("au-error", {})),
        *_of_pictures(figures.get("picture-error", {})),
        *_of_identity(figures.get("identity", {})),
        *(caveat for name, theirs in figures.items() for caveat in _of_frechet(name, theirs)),
        *_of_cycle(figures.get("cycle-error", {}), figures.get("au-error", {})),
        *_of_attention(figures.get("attention", {})),
    ]


def _of_judge(figures: Figures) -> Iterator[str]:
    prefix = "changed." if figures.get("changed.no_op", 0) > 0 else ""
    floor, no_op = figures.get(f"{prefix}floor"), figures.get(f"{prefix}no_op")
    if floor is not None and no_op is not None and floor > TRUSTED * no_op:
        yield (
            f"the judge errs by {floor:.3f} on true pictures, hardly less than by {no_op:.3f} on copies: AU"
            " errors can't be trusted here; more training faces, or faces like those trained on, would help"
        )


def _of_pictures(figures: Figures) -> Iterator[str]:
    edit, no_op = figures.get("face.psnr.edit"), figures.get("face.psnr.no_op")
    if edit is not None and no_op is not None and edit < no_op:
        yield (
            f"the edits are farther from the truth ({edit:.2f} dB) than untouched copies ({no_op:.2f} dB): a"
            " low AU error may then come from patterns that please the judge; look at the sheet"
        )


def _of_identity(figures: Figures) -> Iterator[str]:
    same, different = figures.get("same_person"), figures.get("different_people")
    if same is not None and different is not None and same - different < APART:
        yield (
            f"the extractor of identity hardly tells people apart: {same:.2f} of one person, {different:.2f} of"
            " different people; more training people would help"
        )


def _of_frechet(name: str, figures: Figures) -> Iterator[str]:
    if not name.startswith("frechet"):
        return
    count, features = figures.get("n", 0), figures.get("features", 0)
    if count < features:
        yield (
            f"{name} is measured on {count:g} pictures with {features:g} features: fewer pictures than features make"
            " it large and noisy; test on more faces, or give the extractor fewer features"
        )


def _of_cycle(cycle: Figures, aus: Figures) -> Iterator[str]:
    if "l1" in cycle and aus.get("share_of_gap_closed", 1) < IDLE:
        yield (
            f"the edits close less than {IDLE:g} of the gap: a small cycle error says nothing then, for a copy, which"
            " has nothing to take back, would score 0"
        )


def _of_attention(figures: Figures) -> Iterator[str]:
    for name, flag in figures.items():
        region, _, figure = name.rpartition(".")
        if figure != "saturated" or flag < 1:
            continue
        if figures[f"{region}.copies"] >= figures[f"{region}.redraws"]:
            yield (
                f"the {region}'s attention is saturated near 0, it copies its input: lower"
                " losses.attention.weight or raise the conditional term's"
            )
        else:
            yield (
                f"the {region}'s attention is saturated near 1, it redraws everything: raise losses.attention.weight"
            )
