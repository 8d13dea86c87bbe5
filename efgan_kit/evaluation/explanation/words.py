"""What an explanation comes to, in careful sentences: a gradient is a hint at what an ablation will show, no proof."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

from efgan_kit.evaluation.explanation.explain import Explanation
from efgan_kit.evaluation.explanation.figures import PairFigures, PlayerFigures, TermFigures
from efgan_kit.evaluation.explanation.saturation import HIGH, LOW, MapFigures

NOTHING: Final = "no term is dead, no two terms fight, and no attention map is saturated"
GROWN: Final = 2
"""A share that is so many times that of every earlier checkpoint grows."""


def findings(explanation: Explanation) -> list[str]:
    """What to know of the newest checkpoint, a sentence each; one that says so if there is nothing."""
    newest = explanation.newest
    found = [
        *(said for player, figures in newest.players.items() for said in _of_player(explanation, player, figures)),
        *(said for region, figures in newest.attention.items() for said in _of_map(region, figures)),
    ]
    return found or [NOTHING]


def _of_player(explanation: Explanation, player: str, figures: PlayerFigures) -> Iterator[str]:
    for term in figures.terms:
        if term.dead:
            yield f"{player}: {_dead(term)}{_before(explanation, player, term)}"
        elif term.whole.along.high < 0:
            yield f"{player}: {term.name} works against the sum of the gradients in every batch"
    for pair in figures.pairs:
        if pair.fights:
            yield f"{player}: {_fight(explanation, pair)}"
    for part in figures.parts:
        if all(term.parts[part].norm.high == 0 for term in figures.terms):
            yield f"{player}: no live term reaches {part}: it does not learn"


def _dead(term: TermFigures) -> str:
    if term.zero:
        return f"{term.name} is dead: its gradient is exactly 0 in every batch, so that it teaches nothing here"
    share = term.whole.share
    most = f" ({percent(share.high)} at most)" if share.high > share.low else ""
    return (
        f"{term.name} is dead: its gradient is {percent(share.mean)} of the sum{most}: ablating it will probably"
        " change little"
    )


def _before(explanation: Explanation, player: str, term: TermFigures) -> str:
    """The term's share at earlier checkpoints: it may have done its work by then, or be about to begin."""
    earlier = [
        (moment.step, each.whole.share.mean)
        for moment in explanation.moments[:-1]
        for each in moment.players[player].terms
        if each.name == term.name
    ]
    if not earlier:
        return ""
    was = f"it was {', '.join(f'{percent(share)} at step {step}' for step, share in earlier)}"
    grows = not term.zero and term.whole.share.mean > GROWN * max(share for _, share in earlier)
    return f" ({was}; it grows: look again at a later step)" if grows else f" ({was})"


def _fight(explanation: Explanation, pair: PairFigures) -> str:
    one, other = pair.terms
    count = f"{pair.below} of {explanation.batches}" if explanation.batches > 1 else "the"
    batches = "batches" if explanation.batches > 1 else "batch"
    return (
        f"{one} and {other} fight: the cosine of their gradients is {cosine(pair.cosine.mean)}, below"
        f" {explanation.limits.fights:g} in {count} {batches}: ablating one will probably change what the other reaches"
    )


def _of_map(region: str, figures: MapFigures) -> Iterator[str]:
    where = f"attention, {region}"
    if figures.verdict == "copies":
        share = percent(figures.low.mean)
        yield f"{where}: copies: {share} of the map is below {LOW}, where what the generator draws is hardly seen"
    elif figures.verdict == "repaints" and figures.mean.low == 1:
        yield f"{where}: repaints: the map is 1 at every pixel, perhaps by the generator's design"
    elif figures.verdict == "repaints":
        share = percent(figures.high.mean)
        yield f"{where}: repaints: {share} of the map is above {HIGH}, where hardly anything of the input is left"
    elif figures.verdict == "flat":
        near = f"{figures.mean.mean:.2f} (deviation {figures.spread.mean:.3f})"
        yield f"{where}: flat: the map is near {near} everywhere and does not tell places apart"


def percent(value: float) -> str:
    """A share in a sentence or a table."""
    return "-" if math.isnan(value) else f"{per_cent(value)} %"


def per_cent(value: float) -> str:
    """The same without its sign, for the ends of a range."""
    shown = 100 * value
    if 0 < abs(shown) < 0.001:
        return "<0.001" if shown > 0 else ">-0.001"
    return f"{shown:.0f}" if abs(shown) >= 10 or shown == 0 else f"{shown:.1f}" if abs(shown) >= 1 else f"{shown:.2g}"


def cosine(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:+.2f}"
