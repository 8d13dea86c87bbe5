"""Shares, cosines and words over batches, held against numpy and against gradients as plain numbers."""

import numpy as np
import pytest
import torch
from torch import nn

from efgan_kit.evaluation.explanation.figures import Limits, player_figures
from efgan_kit.training.phases import live_terms


class Term(nn.Module):
    def generator(self):
        raise NotImplementedError


def rows(*gradients):
    """One batch's products in one part, of gradients as plain numbers."""
    matrix = torch.tensor(np.array(gradients), dtype=torch.float64)
    return {"part": matrix @ matrix.T}


def live(count):
    terms = {f"term{n}": Term() for n in range(count)}
    return live_terms("generator", terms, dict.fromkeys(terms, 1.0), dict.fromkeys(terms, 1))


def figures_over(*batches, limits=None):
    terms = live(len(batches[0]))
    losses = [{term.name: 0.0 for term in terms}] * len(batches)
    return player_figures(terms, losses, [rows(*batch) for batch in batches], limits or Limits())


def test_a_term_is_dead_only_if_its_share_is_small_in_every_batch():
    faint, awake = ((1000, 0), (0, 1)), ((1, 0), (0, 1))
    assert figures_over(faint, faint, faint).terms[1].dead
    assert not figures_over(faint, awake, faint).terms[1].dead
    assert figures_over(faint, awake, faint, limits=Limits(dead=0.6)).terms[1].dead


def test_two_terms_fight_only_if_they_do_in_most_batches():
    against, with_ = ((1, 0), (-1, 1)), ((1, 0), (1, 10))
    assert figures_over(against, against, with_).pairs[0].fights
    mixed = figures_over(against, with_, with_, with_).pairs[0]
    assert mixed.cosine.mean < -0.1
    assert (mixed.below, mixed.fights) == (1, False)
    assert not figures_over(against, against, limits=Limits(fights=-0.9)).pairs[0].fights


def test_shares_and_cosines_are_those_of_numpy_and_shares_sum_to_1():
    random = np.random.default_rng(0)
    vectors = random.normal(size=(4, 5, 30)) * random.lognormal(sigma=2, size=(4, 5, 1))
    figures = figures_over(*vectors)
    norms = np.linalg.norm(vectors, axis=2)
    total = vectors.sum(axis=1)
    along = (vectors * total[:, None]).sum(axis=2) / (total**2).sum(axis=1, keepdims=True)
    for place, term in enumerate(figures.terms):
        share = norms[:, place] / norms.sum(axis=1)
        got = term.whole.share
        assert (got.mean, got.low, got.high) == pytest.approx((share.mean(), share.min(), share.max()))
        assert term.whole.along.mean == pytest.approx(along[:, place].mean())
    assert sum(term.whole.share.mean for term in figures.terms) == pytest.approx(1)
    assert sum(term.whole.along.mean for term in figures.terms) == pytest.approx(1)
    cosine = (vectors[:, 1] * vectors[:, 3]).sum(axis=1) / norms[:, 1] / norms[:, 3]
    assert figures.pair("term1", "term3").cosine.mean == pytest.approx(cosine.mean())
