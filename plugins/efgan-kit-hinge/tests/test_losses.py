"""The terms, against values computed by hand."""

import pytest
import torch
from efgan_kit_hinge.losses import HingeLoss


def test_the_discriminators_pay_for_scores_within_the_margin():
    real = {"face": torch.tensor([[0.5], [3.0]])}  # 0.5 short of the margin, and beyond it
    fake = {"face": torch.tensor([[-2.0], [0.0]])}  # beyond minus the margin, and 1 short of it
    assert HingeLoss().discriminator(real, fake).item() == (0.5 + 0) / 2 + (0 + 1) / 2


def test_the_margin_is_the_recipes():
    real, fake = {"face": torch.tensor([[0.5]])}, {"face": torch.tensor([[-2.0]])}
    assert HingeLoss(margin=3).discriminator(real, fake).item() == 2.5 + 1


def test_the_generators_are_paid_for_the_score_of_what_they_made():
    assert HingeLoss().generator({"face": torch.tensor([[1.0], [3.0]])}).item() == -2


def test_discriminators_count_alike_whatever_the_size_of_their_maps():
    fake = {"face": torch.full((2, 1, 4, 4), 1.0), "final": torch.full((2, 1, 2, 2), 5.0)}
    assert HingeLoss().generator(fake).item() == -3


def test_a_margin_that_teaches_nothing_is_refused():
    with pytest.raises(ValueError, match="margin is 0"):
        HingeLoss(margin=0)
