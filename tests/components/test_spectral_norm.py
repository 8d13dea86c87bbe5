import copy

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations, parametrize

from efgan_kit.components.spectral_norm import SpectralNorm, spectrally_normalised

LAYERS = {
    "convolution": nn.Conv2d(5, 7, (3, 4), bias=False),
    "transposed": nn.ConvTranspose2d(5, 7, 4, bias=False),
    "product": nn.Linear(6, 4),
}


def both(layer):
    """torch's own and this one, from the same random numbers, in double precision."""
    torchs, ours = copy.deepcopy(layer).double(), copy.deepcopy(layer).double()
    torch.manual_seed(0)
    parametrizations.spectral_norm(torchs)
    torch.manual_seed(0)
    spectrally_normalised(ours)
    return torchs, ours


def gradient(layer, along):
    return torch.autograd.grad(layer.weight, layer.parametrizations.weight.original, along)[0]


@pytest.mark.parametrize("kind", LAYERS)
def test_weights_gradients_and_checkpoints_are_those_of_torch(kind):
    torchs, ours = both(LAYERS[kind])
    for _ in range(3):
        torch.testing.assert_close(ours.weight, torchs.weight)
        along = torch.randn_like(ours.parametrizations.weight.original)
        torch.testing.assert_close(gradient(ours, along), gradient(torchs, along))
    torch.testing.assert_close(dict(ours.state_dict()), dict(torchs.state_dict()))


@pytest.mark.parametrize("kind", ["convolution", "transposed"])
def test_weights_in_channels_last_are_those_of_torch(kind):
    torchs, ours = both(LAYERS[kind])
    ours.to(memory_format=torch.channels_last)
    for _ in range(3):
        torch.testing.assert_close(ours.weight, torchs.weight)
        along = torch.randn_like(ours.parametrizations.weight.original)
        torch.testing.assert_close(gradient(ours, along), gradient(torchs, along))
    torch.testing.assert_close(dict(ours.state_dict()), dict(torchs.state_dict()))


@pytest.mark.parametrize("kind", LAYERS)
def test_eval_mode_asks_the_estimate_and_leaves_it(kind):
    torchs, ours = both(LAYERS[kind])
    torchs.eval(), ours.eval()
    before = copy.deepcopy(ours.state_dict())
    torch.testing.assert_close(ours.weight, torchs.weight)
    torch.testing.assert_close(dict(ours.state_dict()), dict(before), rtol=0, atol=0)


def test_the_norm_is_that_of_the_singular_value_decomposition():
    layer = spectrally_normalised(nn.Conv2d(3, 8, 4))
    for _ in range(100):
        weight = layer.weight
    original = layer.parametrizations.weight.original
    largest = torch.linalg.svdvals(original.flatten(1))[0]
    torch.testing.assert_close(weight, original / largest, rtol=1e-4, atol=1e-6)


def test_the_gradient_is_that_of_finite_differences():
    weight = torch.randn(4, 3, 2, 2, dtype=torch.double, requires_grad=True)
    norm = SpectralNorm(weight).eval().double()
    assert torch.autograd.gradcheck(norm, (weight,))


def test_a_weight_is_computed_once_where_weights_are_cached():
    layer = spectrally_normalised(nn.Linear(4, 4))
    with parametrize.cached():
        assert layer.weight is layer.weight
    assert layer.weight is not layer.weight


def test_under_autocast_the_weight_comes_in_its_format_and_the_gradient_in_the_parameters():
    layer = spectrally_normalised(nn.Conv2d(3, 4, 3))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        weight = layer.weight
        assert weight.dtype == torch.bfloat16
        layer(torch.randn(1, 3, 8, 8)).float().sum().backward()
    assert layer.parametrizations.weight.original.grad.dtype == torch.float32


def test_a_gradient_keeps_its_singular_vectors_when_later_forwards_move_the_estimate():
    torch.manual_seed(1)
    layer = spectrally_normalised(nn.Linear(6, 5)).double()
    along = torch.randn(5, 6, dtype=torch.double)
    first = layer.weight
    (expected,) = torch.autograd.grad(first, layer.parametrizations.weight.original, along, retain_graph=True)
    for _ in range(3):
        _ = layer.weight
    (later,) = torch.autograd.grad(first, layer.parametrizations.weight.original, along)
    torch.testing.assert_close(later, expected, rtol=0, atol=0)
