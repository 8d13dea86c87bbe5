"""Sentences: what is dead, what grows, what fights, and that nothing is said where there is nothing to say."""

from pathlib import Path

import pytest
import torch
from torch import nn

from efgan_kit.evaluation.explanation.explain import Explanation, Moment
from efgan_kit.evaluation.explanation.figures import Limits, player_figures
from efgan_kit.evaluation.explanation.words import NOTHING, findings, percent
from efgan_kit.training.phases import live_terms


class Term(nn.Module):
    def generator(self):
        raise NotImplementedError


def moment(step, *vectors, batches=4):
    terms = {name: Term() for name in ("one", "two")}
    live = live_terms("generator", terms, dict.fromkeys(terms, 1.0), dict.fromkeys(terms, 1))
    matrix = torch.tensor(vectors, dtype=torch.float64)
    losses = [dict.fromkeys(terms, 0.0)] * batches
    return Moment(
        step, {"generator": player_figures(live, losses, [{"part": matrix @ matrix.T}] * batches, Limits())}, {}
    )


def said(*moments):
    return findings(Explanation(Path("run"), "mine", "cpu", 4, 2, 0, Limits(), moments, {}, {}, None))


def test_where_there_is_nothing_to_say_that_is_said():
    assert said(moment(1, (1, 0), (0, 1))) == [NOTHING]


def test_a_dead_term_and_how_it_came_to_that():
    (line,) = said(moment(5, (1, 0), (0, 1)), moment(9, (998, 0), (0, 2)))
    assert line == (
        "generator: two is dead: its gradient is 0.2 % of the sum: ablating it will probably change little"
        " (it was 50 % at step 5)"
    )


def test_a_small_share_that_grows_is_to_be_looked_at_again():
    (line,) = said(moment(5, (9999, 0), (0, 1)), moment(9, (998, 0), (0, 2)))
    assert line.endswith("(it was 0.01 % at step 5; it grows: look again at a later step)")


def test_a_share_that_was_larger_in_between_does_not_grow():
    (line,) = said(moment(5, (99999, 0), (0, 1)), moment(7, (998, 0), (0, 2)), moment(9, (998, 0), (0, 2)))
    assert line.endswith("(it was 0.001 % at step 5, 0.2 % at step 7)")


def test_a_gradient_of_exactly_0_is_called_that():
    (line,) = said(moment(1, (1, 0), (0, 0)))
    assert line == ("generator: two is dead: its gradient is exactly 0 in every batch, so that it teaches nothing here")


def test_a_fight_names_both_and_who_works_against_the_sum():
    against, fight = said(moment(1, (3, 0), (-1, 1)))
    assert against == "generator: two works against the sum of the gradients in every batch"
    assert fight == (
        "generator: one and two fight: the cosine of their gradients is -0.71, below -0.1 in 4 of 4 batches:"
        " ablating one will probably change what the other reaches"
    )


def test_a_part_that_nothing_reaches_is_told():
    lines = said(moment(1, (0, 0), (0, 0)))
    assert lines[-1] == "generator: no live term reaches part: it does not learn"


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0 %"), (1, "100 %"), (0.283, "28 %"), (0.0162, "1.6 %"), (0.00314, "0.31 %"), (-0.21, "-21 %"),
     (1e-7, "<0.001 %"), (-1e-7, ">-0.001 %"), (float("nan"), "-")],
)  # fmt: skip
def test_percentages_are_short(share, text):
    assert percent(share) == text
