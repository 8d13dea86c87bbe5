"""Equations 1 to 5 of the supplement, each worked by hand in whole numbers that can be checked in the head."""

import pytest
import torch

from efgan_kit.components.losses.attention_norm import AttentionNorm
from efgan_kit.components.losses.au_regression import AURegression
from efgan_kit.components.losses.cycle_l1 import CycleL1
from efgan_kit.components.losses.gradient_penalty import interpolation_penalty
from efgan_kit.components.losses.interpolated_aus import InterpolatedAUs
from efgan_kit.components.losses.wgan_gp import WGANGP

from .conftest import FAKE, NAMES, REAL, AUSlope, Slope, draw, five_critics, pixels, scores, vectors

# Eq. 1 ---------------------------------------------------------------

BLACK = {name: pixels(0) for name in NAMES}


def critics_loss(real, fake, penalty, critics=None):
    critics = critics or five_critics()
    term = WGANGP(penalty=penalty)
    return term.discriminator(scores(critics, real), scores(critics, fake), critics, real, fake, draw())


def test_eq_1_real_pictures_are_to_score_high_with_all_five_critics():
    assert critics_loss(REAL, BLACK, penalty=0).item() == -90


def test_eq_1_edited_pictures_are_to_score_low_with_all_five_critics():
    assert critics_loss(BLACK, FAKE, penalty=0).item() == 35


def test_eq_1_penalises_the_gradient_of_all_five_critics_ten_times():
    assert WGANGP().penalty == 10
    assert critics_loss(BLACK, BLACK, penalty=10).item() == pytest.approx(10 * 30)


def test_eq_1_whole_for_the_critics_and_for_the_generators():
    """Critics raise `90 - 35 - 10 * 30`, so their loss is its opposite; the generators' part of it is -35."""
    assert critics_loss(REAL, FAKE, penalty=10).item() == pytest.approx(-(90 - 35 - 300))
    assert WGANGP().generator(scores(five_critics(), FAKE)).item() == -35


def test_eq_1_takes_the_critics_output_linearly_and_not_its_logarithm():
    """-1 has no logarithm; and scores twice as high count twice."""
    assert WGANGP().generator({"final": torch.tensor([[-1.0]])}) == 1
    assert WGANGP().generator({"final": torch.tensor([[-2.0]])}) == 2


def test_eq_1_expects_over_the_faces_of_a_batch():
    """D(x) = 2x: real pictures 1 and 3 score 4 on average, edited ones 0 and 1 score 1."""
    one = {"final": Slope(2)}
    loss = critics_loss({"final": pixels(1, 3)}, {"final": pixels(0, 1)}, 0, one)
    assert loss.item() == 1 - 4


def test_eq_1_measures_the_gradient_over_all_pixels_and_squares_what_it_exceeds_1_by():
    """A gradient of 3 at one pixel and 4 at the other has the norm 5: (5 - 1)^2 = 16, and not 5^2 - 1 = 24."""
    critic = Slope(3, 4)
    real, fake = vectors([6, 6]).reshape(1, 1, 1, 2), vectors([0, 2]).reshape(1, 1, 1, 2)
    penalty = interpolation_penalty(lambda x: critic(x).score, real, fake, draw())
    assert penalty.item() == pytest.approx(16)


def test_eq_1_moves_the_two_players_against_each_other():
    """D(x) = 2x, real 3, edited 1. By the slope, the critic's loss `1w - 3w + 10 (w - 1)^2` grows by
    1 - 3 + 20 (2 - 1) = 18; without penalty it falls by 2, the distance. By the picture, the generator's falls by 2.
    """
    for penalty, expected in ((10, 18), (0, -2)):
        critic = Slope(2)
        critics_loss({"final": pixels(3)}, {"final": pixels(1)}, penalty, {"final": critic}).backward()
        assert critic.w.grad.item() == pytest.approx(expected)
    edited = pixels(1).requires_grad_()
    WGANGP().generator({"final": Slope(2)(edited).score}).backward()
    assert edited.grad.item() == -2


# Eq. 2 ---------------------------------------------------------------


def test_eq_2_is_the_squared_distance_of_aus_in_both_halves():
    """(2, 1, 0) from (0, 1, 1): 4 + 0 + 1 = 5; (1, 2, 2) from 0: 1 + 4 + 4 = 9; on average 7, and not 7 / 3."""
    read, wanted = vectors([2, 1, 0], [1, 2, 2]), vectors([0, 1, 1], [0, 0, 0])
    assert AURegression().generator(read, wanted).item() == 7
    assert AURegression().discriminator(read, wanted).item() == 7


def test_eq_2_pulls_what_is_read_towards_what_is_wanted():
    """The slope of (2 - 0)^2 is 4."""
    for half in (AURegression().generator, AURegression().discriminator):
        read = vectors([2, 1]).requires_grad_()
        half(read, vectors([0, 1])).backward()
        assert read.grad.tolist() == [[4, 0]]


# Eq. 3 ---------------------------------------------------------------


def test_eq_3_is_the_absolute_difference_and_not_its_square():
    """Four pixels differ by 0, -4, 8 and 0: 12 / 4 = 3 (squared it would be 20)."""
    source = torch.zeros(1, 1, 2, 2)
    reconstruction = torch.tensor([0.0, -4.0, 8.0, 0.0]).reshape(1, 1, 2, 2)
    assert CycleL1().generator(reconstruction, source).item() == 3


# Eq. 4 ---------------------------------------------------------------


def full(side):
    """A map of ones: its norm is its side, since the root of `side * side` ones is `side`."""
    return torch.ones(1, 1, side, side)


def test_eq_4_sums_the_unsquared_norms_of_four_maps():
    """1 + 2 + 3 + 4 = 10 (squared they would be 30)."""
    maps = {"face": full(4), "eyes": full(3), "nose": full(2), "mouth": full(1)}
    assert AttentionNorm().generator(maps).item() == 10


def test_eq_4_closes_the_maps():
    """The slope of the norm of (0.6, 0.8) is (0.6, 0.8): what is open is closed, the more open the sooner."""
    attention = torch.tensor([0.6, 0.8]).reshape(1, 1, 1, 2).requires_grad_()
    AttentionNorm().generator({"face": attention}).backward()
    assert attention.grad.flatten().tolist() == pytest.approx([0.6, 0.8])


# Eq. 5 ---------------------------------------------------------------


def test_eq_5_is_the_unsquared_distance_to_the_line_and_a_tenth_of_the_critics_score():
    """(3, 4) lies 5 from (0, 0), the second pair 0: 2.5 on average. D(y) = 3 y_1 + 4 y_2 is 25 and 5: 15 on average."""
    reached, line = vectors([3, 4], [-1, 2]), vectors([0, 0], [-1, 2])
    assert InterpolatedAUs().realism == 0.1
    assert InterpolatedAUs(realism=0).interpolator(reached, line, AUSlope(3, 4)).item() == 2.5
    assert InterpolatedAUs().interpolator(reached, line, AUSlope(3, 4)).item() == pytest.approx(2.5 - 0.1 * 15)


def test_eq_5_trains_its_critic_with_wgan_gp():
    """D(y) = 3 y_1 + 4 y_2: natural AUs (0, 1) score 4, interpolated ones (1, 0) score 3, the norm is 5: 10 * 4^2."""
    natural, reached = vectors([0, 1]), vectors([1, 0])
    loss = InterpolatedAUs().discriminator(reached, natural, AUSlope(3, 4), draw())
    assert loss.item() == pytest.approx(3 - 4 + 160)


def test_eq_5_moves_interpolator_and_critic_against_each_other():
    """Without penalty the critic's slopes are the difference (1, 0) - (0, 1); the interpolator climbs by w / 10."""
    critic, natural = AUSlope(3, 4), vectors([0, 1])
    InterpolatedAUs(penalty=0).discriminator(vectors([1, 0]), natural, critic, draw()).backward()
    assert critic.w.grad.tolist() == [1, -1]
    reached = vectors([1, 0]).requires_grad_()
    loss = InterpolatedAUs().interpolator(reached, vectors([1, 5]), AUSlope(3, 4))  # 5 above it: its slope is (0, -1)
    loss.backward()
    assert reached.grad.flatten().tolist() == pytest.approx([-0.3, -1 - 0.4])
