"""Adversarial terms and their penalties, against critics whose gradients are known."""

import math

import pytest
import torch
from torch import nn

from efgan_kit.api import Verdict
from efgan_kit.components.losses.gradient_penalty import interpolation_penalty, squared_gradient_norm
from efgan_kit.components.losses.relativistic import Relativistic
from efgan_kit.components.losses.wgan_gp import WGANGP


def draw(seed=0):
    return torch.Generator().manual_seed(seed)


def rand(*shape, seed=0):
    return torch.rand(*shape, generator=draw(seed), dtype=torch.float64)


class LinearCritic(nn.Module):
    """`D(x) = w . x`, whose gradient is w everywhere."""

    def __init__(self, weights):
        super().__init__()
        self.weights = nn.Parameter(weights)

    def forward(self, image):
        return Verdict((image * self.weights).flatten(1).sum(1, keepdim=True))


class SmoothCritic(nn.Module):
    """`D(x) = a sum sin(x)`: its gradient is `a cos(x)`."""

    def __init__(self, a):
        super().__init__()
        self.a = nn.Parameter(torch.tensor(a, dtype=torch.float64))

    def forward(self, image):
        return Verdict(self.a * image.sin().flatten(1).sum(1, keepdim=True))


def test_wgan_gp_teaches_generators_minus_the_sum_of_mean_scores():
    scores = {"final": torch.tensor([[1.0], [3.0]]), "face": torch.tensor([[[[0.0, 4.0]]], [[[1.0, 1.0]]]])}
    assert float(WGANGP().generator(scores)) == -(2.0 + 1.5)


@pytest.mark.parametrize(("norm", "cost"), [(1.0, 0.0), (3.0, 4.0), (0.0, 1.0), (0.5, 0.25)])
def test_a_linear_critic_is_penalised_by_its_norm(norm, cost):
    weights = torch.zeros(3, 2, 2, dtype=torch.float64)
    weights[0, 0, 0], weights[2, 1, 1] = 0.6 * norm, 0.8 * norm
    critic = LinearCritic(weights)
    penalty = interpolation_penalty(
        lambda x: critic(x).score, rand(5, 3, 2, 2), rand(5, 3, 2, 2, seed=1), draw()
    )
    assert penalty.item() == pytest.approx(cost, abs=1e-5)


def test_wgan_gp_teaches_critics_distance_and_penalty():
    weights = torch.zeros(3, 2, 2, dtype=torch.float64)
    weights[1, 0, 1] = 3.0
    real, fake = rand(2, 3, 2, 2), rand(2, 3, 2, 2, seed=1)
    critic = LinearCritic(weights)
    loss = WGANGP(penalty=10).discriminator(
        {"face": critic(real).score},
        {"face": critic(fake).score},
        {"face": critic},
        {"face": real},
        {"face": fake},
        draw(),
    )
    expected = 3 * (fake - real)[:, 1, 0, 1].mean() + 10 * (3 - 1) ** 2
    assert loss.item() == pytest.approx(expected.item())


def test_discriminators_are_summed_with_equal_weight():
    critics = {
        "final": LinearCritic(torch.full((1, 1, 1), 2.0, dtype=torch.float64)),
        "face": LinearCritic(torch.full((1, 1, 1), 4.0, dtype=torch.float64)),
    }
    pictures = dict.fromkeys(critics, torch.zeros(3, 1, 1, 1, dtype=torch.float64))
    scores = {name: critic(pictures[name]).score for name, critic in critics.items()}
    loss = WGANGP(penalty=1).discriminator(scores, scores, critics, pictures, pictures, draw())
    assert loss.item() == pytest.approx((2 - 1) ** 2 + (4 - 1) ** 2)


def test_the_penalty_lies_between_the_pictures_one_share_a_face():
    """With D = sum sin x the gradient says where it was taken: cos(x) = norm for a picture of one pixel."""
    real, fake = torch.full((4, 1, 1, 1), 1.2).double(), torch.full((4, 1, 1, 1), 0.4).double()
    seen = []
    interpolation_penalty(lambda x: seen.append(x) or x.sin().flatten(1), real, fake, draw(7))
    shares = torch.rand(4, 1, 1, 1, generator=draw(7)).double()
    assert torch.allclose(seen[0], shares * 1.2 + (1 - shares) * 0.4)
    expected = (seen[0].cos().flatten() - 1).square().mean()
    penalty = interpolation_penalty(lambda x: x.sin().flatten(1), real, fake, draw(7))
    assert penalty.item() == pytest.approx(expected.item(), rel=1e-5)


def test_the_penalty_s_gradient_agrees_with_finite_differences():
    """Second derivatives: the penalty by the critic's weight, and by where it is measured."""
    real, fake = rand(3, 2, 2, 2), rand(3, 2, 2, 2, seed=1)

    def penalty(a):
        critic = SmoothCritic(0.0)
        return interpolation_penalty(
            lambda x: a * critic(x).score + a * x.sin().flatten(1), real, fake, draw()
        )

    slope = torch.tensor(0.7, dtype=torch.float64, requires_grad=True)
    (analytic,) = torch.autograd.grad(penalty(slope), slope)
    numeric = (penalty(slope + 1e-3) - penalty(slope - 1e-3)) / 2e-3
    assert float(analytic) == pytest.approx(float(numeric.detach()), rel=1e-3)
    assert abs(float(analytic)) > 0.01


def test_a_patch_critic_s_map_counts_as_its_mean():
    x = rand(2, 1, 4, 4).requires_grad_()
    norms = squared_gradient_norm(3 * x, x)  # a map of 16 scores, each with gradient 3 at its own pixel
    assert torch.allclose(norms, torch.full((2,), 16 * (3 / 16) ** 2))


def test_a_vanishing_gradient_keeps_the_penalty_differentiable():
    weight = torch.zeros(1, requires_grad=True)
    penalty = interpolation_penalty(
        lambda x: weight * x.flatten(1), torch.ones(2, 1, 1, 1), torch.zeros(2, 1, 1, 1), draw()
    )
    penalty.backward()
    assert weight.grad.isfinite().all()


def test_relativistic_compares_each_edit_with_its_own_source():
    real, fake = torch.tensor([[1.0], [0.0]]), torch.tensor([[0.0], [2.0]])
    loss = Relativistic().generator({"face": fake}, {"face": real})
    assert loss.item() == pytest.approx((math.log1p(math.e) + math.log1p(math.exp(-2))) / 2)


def test_a_relativistic_critic_pays_for_its_gradient_on_real_and_on_fake():
    critic = LinearCritic(torch.full((1, 1, 1), 2.0))
    real, fake = torch.tensor([1.0, 0.5]).reshape(2, 1, 1, 1), torch.tensor([0.0, 1.0]).reshape(2, 1, 1, 1)

    def loss(penalty):
        term = Relativistic(penalty=penalty)
        return float(term.discriminator({"face": critic}, {"face": real}, {"face": fake}).detach())

    base = (math.log1p(math.exp(-2)) + math.log1p(math.e)) / 2
    assert loss(0.0) == pytest.approx(base)
    assert loss(0.3) == pytest.approx(base + 0.3 * (4 + 4))  # R1 = R2 = 2 squared
