"""The non-saturating loss and R1, against values computed by hand and critics whose gradient is known."""

import math

import pytest
import torch
from efgan_kit_hinge.losses import NonSaturatingLoss, squared_gradient
from torch import nn

from efgan_kit.api import Verdict

LOG_2 = math.log(2)


class LinearCritic(nn.Module):
    """`D(x) = slope * sum x`, shown as a map of four equal scores: its gradient is the slope at every value of x."""

    def __init__(self, slope):
        super().__init__()
        self.slope = nn.Parameter(torch.tensor(slope))

    def forward(self, image):
        total = self.slope * image.sum(dim=(1, 2, 3))
        return Verdict(total[:, None, None, None].expand(-1, 1, 2, 2))


def test_scores_are_logits():
    real, fake = {"face": torch.tensor([[0.0], [2.0]])}, {"face": torch.tensor([[0.0], [-1.0]])}
    cost = (LOG_2 + math.log1p(math.exp(-2))) / 2 + (LOG_2 + math.log1p(math.exp(-1))) / 2
    assert NonSaturatingLoss().discriminator(real, fake, {}, {}).item() == pytest.approx(cost)


def test_it_is_torchs_binary_cross_entropy():
    scores = torch.linspace(-3, 3, 7)
    cross_entropy = nn.BCEWithLogitsLoss()
    real, fake = cross_entropy(scores, torch.ones(7)), cross_entropy(scores, torch.zeros(7))
    term = NonSaturatingLoss()
    assert term.discriminator({"face": scores}, {"face": scores}, {}, {}).item() == pytest.approx((real + fake).item())
    assert term.generator({"face": scores}).item() == pytest.approx(real.item())


def test_the_generators_learn_most_where_the_discriminators_are_sure():
    """The saturating form, log(1 - sigmoid(D)), has a gradient of nearly nothing there."""
    score = torch.tensor([[-8.0]], requires_grad=True)
    NonSaturatingLoss().generator({"face": score}).backward()
    assert score.grad.item() == pytest.approx(-1, abs=1e-3)


def test_r1_is_half_its_weight_times_the_squared_gradient_on_real_pictures():
    critic, pictures = LinearCritic(0.5), torch.rand(3, 3, 4, 4, generator=torch.Generator().manual_seed(0))
    assert squared_gradient(critic, pictures).tolist() == pytest.approx([48 * 0.25] * 3)
    scores = {"face": torch.zeros(3, 1)}
    loss = NonSaturatingLoss(r1=2).discriminator(scores, scores, {"face": critic}, {"face": pictures})
    assert loss.item() == pytest.approx(2 * LOG_2 + 2 / 2 * 12)
    loss.backward()
    assert critic.slope.grad.item() == pytest.approx(2 * 48 * 0.5), "the critic learns from its penalty"


def test_discriminators_are_averaged():
    fake = {"face": torch.zeros(2, 1, 4, 4), "final": torch.full((2, 1, 2, 2), 30.0)}
    assert NonSaturatingLoss().generator(fake).item() == pytest.approx(LOG_2 / 2)


def test_a_reward_for_gradients_is_refused():
    with pytest.raises(ValueError, match="r1 is -1"):
        NonSaturatingLoss(r1=-1)
