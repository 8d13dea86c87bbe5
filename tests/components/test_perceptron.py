import pytest
import torch
from torch import nn

from efgan_kit.components.interpolators.perceptron import perceptron
from efgan_kit.components.losses.gradient_penalty import squared_gradient_norm


@pytest.fixture
def critic():
    torch.manual_seed(0)
    return perceptron(17, 1, width=32, depth=2, activation=nn.LeakyReLU)


def test_it_is_the_layers_in_their_order(critic):
    aus = torch.rand(3, 17)
    expected = critic[4](critic[3](critic[2](critic[1](critic[0](aus)))))
    torch.testing.assert_close(critic(aus), expected, rtol=0, atol=0)
    assert set(critic.state_dict()) == {f"{layer}.{kind}" for layer in (0, 2, 4) for kind in ("weight", "bias")}


def test_autocast_changes_neither_its_scores_nor_the_slope_a_penalty_measures(critic):
    aus = torch.rand(3, 17, requires_grad=True)
    scores, slope = critic(aus), squared_gradient_norm(critic(aus), aus)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        torch.testing.assert_close(critic(aus), scores, rtol=0, atol=0)
        torch.testing.assert_close(squared_gradient_norm(critic(aus), aus), slope, rtol=1e-6, atol=0)


def test_numbers_in_autocasts_format_are_taken(critic):
    assert critic(torch.rand(2, 17).bfloat16()).dtype == torch.float32


def test_where_nothing_is_computed_autocast_is_nobodys_business(critic):
    assert critic.to("meta")(torch.zeros(2, 17, device="meta")).shape == (2, 1)
