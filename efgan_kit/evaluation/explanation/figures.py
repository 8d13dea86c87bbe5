"""From scalar products of gradients to shares, cosines and what to call them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import attrs
import torch
from torch import Tensor

from efgan_kit.training.phases import LiveTerm

CANCELLED: Final = 1e-12
"""Below this share of the gradients' norms, their sum is rounding."""


@attrs.frozen
class Range:
    """A figure over batches: its mean, least and most; nan where no batch knows it."""

    mean: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Tensor) -> Range:
        """Of `(N,)` values; those that are nan are left out."""
        known = values[~values.isnan()]
        if not len(known):
            return cls(math.nan, math.nan, math.nan)
        return cls(known.mean().item(), known.min().item(), known.max().item())


@attrs.frozen
class Limits:
    """Where words begin.

    Attributes:
        dead: A term whose share of the gradient is below this in every batch and in each part of the player is dead.
        fights: Two terms whose cosine is below this in the mean and in most batches fight, if neither is dead.
    """

    dead: float = 0.01
    fights: float = -0.1


@attrs.frozen
class Share:
    """What one term has of a gradient.

    Attributes:
        norm: The Euclidean norm of its weighted gradient.
        share: That norm, divided by the sum of all terms' norms; in [0, 1].
        along: Its component along the sum of all terms' gradients, as a share of the sum: g . G / |G|^2. These add up
            to 1; a negative one works against the sum. nan where the gradients cancel.
    """

    norm: Range
    share: Range
    along: Range

    def below(self, limit: float) -> bool:
        """Whether the share is below `limit` in every batch, or nothing at all."""
        return self.share.high < limit or self.norm.high == 0


@attrs.frozen
class TermFigures:
    """A live term as a player feels it.

    Attributes:
        weight: The recipe's weight for the player.
        every: It counts in every so manieth step only; the figures are of a step in which it counts.
        loss: Unweighted.
        whole: Over all the player's parameters.
        parts: By part of the player, over that part's.
        zero: Its gradient is exactly 0 in every batch.
        small: Its share of the whole is below the limit in every batch.
        alive: The parts in which its share is not below the limit in every batch.
    """

    name: str
    weight: float
    every: int
    loss: Range
    whole: Share
    parts: Mapping[str, Share]
    zero: bool
    small: bool
    alive: tuple[str, ...]

    @property
    def dead(self) -> bool:
        """Whether it is small in the whole and in each part.

        A term that is small beside others, and alone in a part, is all that this part learns from.
        """
        return self.small and not self.alive


@attrs.frozen
class PairFigures:
    """Two live terms of a player.

    Attributes:
        cosine: Of their gradients over all the player's parameters; nan where one is 0.
        below: In how many batches it is below the limit.
        fights: It is so in the mean and in more than half of the batches, and neither term is dead.
    """

    terms: tuple[str, str]
    cosine: Range
    below: int
    fights: bool


@attrs.frozen
class PlayerFigures:
    """A player at one checkpoint, its live terms and every two of them."""

    terms: tuple[TermFigures, ...]
    pairs: tuple[PairFigures, ...]

    @property
    def parts(self) -> list[str]:
        return list(self.terms[0].parts)

    def pair(self, one: str, other: str) -> PairFigures:
        return next(pair for pair in self.pairs if set(pair.terms) == {one, other})


def player_figures(
    terms: Sequence[LiveTerm],
    losses: Sequence[Mapping[str, float]],
    products: Sequence[Mapping[str, Tensor]],
    limits: Limits,
) -> PlayerFigures:
    """A player's figures over N batches.

    Args:
        terms: The T live terms, in the products' order.
        losses: For each batch, by term.
        products: For each batch, by part: `(T, T)`, the scalar products of the terms' gradients.
    """
    by_part = {part: torch.stack([batch[part] for batch in products]) for part in products[0]}
    whole = torch.stack(list(by_part.values())).sum(dim=0)
    shares, parts = list(_shares(whole)), {part: list(_shares(theirs)) for part, theirs in by_part.items()}
    found = [
        TermFigures(
            name=term.name,
            weight=term.weight,
            every=term.every,
            loss=Range.of(torch.tensor([batch[term.name] for batch in losses], dtype=torch.float64)),
            whole=shares[place],
            parts={part: theirs[place] for part, theirs in parts.items()},
            zero=shares[place].norm.high == 0,
            small=shares[place].below(limits.dead),
            alive=tuple(part for part, theirs in parts.items() if not theirs[place].below(limits.dead)),
        )
        for place, term in enumerate(terms)
    ]
    return PlayerFigures(tuple(found), tuple(_pairs(found, whole, limits)))


def _shares(products: Tensor) -> Iterator[Share]:
    """For each term, from products `(N, T, T)`."""
    norms = products.diagonal(dim1=1, dim2=2).sqrt()
    everybody = norms.sum(dim=1, keepdim=True)
    share = torch.where(everybody > 0, norms / everybody, 0.0)
    along, total = products.sum(dim=2), products.sum(dim=(1, 2)).unsqueeze(1)
    along = torch.where(total > CANCELLED * everybody.square(), along / total, torch.nan)
    for place in range(products.shape[1]):
        yield Share(Range.of(norms[:, place]), Range.of(share[:, place]), Range.of(along[:, place]))


def _pairs(terms: Sequence[TermFigures], products: Tensor, limits: Limits) -> Iterator[PairFigures]:
    norms = products.diagonal(dim1=1, dim2=2).sqrt()
    for first, second in itertools.combinations(range(len(terms)), 2):
        one, other = terms[first], terms[second]
        both = norms[:, first] * norms[:, second]
        # Rounding must not carry a cosine beyond 1.
        cosine = torch.where(both > 0, products[:, first, second] / both, torch.nan).clamp(-1, 1)
        overall, below = Range.of(cosine), int((cosine < limits.fights).sum())
        mostly = overall.mean < limits.fights and 2 * below > len(cosine)
        yield PairFigures((one.name, other.name), overall, below, mostly and not one.dead and not other.dead)
