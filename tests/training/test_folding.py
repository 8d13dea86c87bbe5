"""Folding: the same outputs, without parametrizations."""

import copy

import torch
from torch import nn
from torch.nn.utils import parametrizations, parametrize

from efgan_kit.training.folding import folded


def test_copies_of_a_parametrized_module_are_folded_each_by_itself():
    torch.manual_seed(0)
    first = parametrizations.spectral_norm(nn.Conv2d(3, 4, 3))
    second = copy.deepcopy(first)
    with torch.no_grad():
        second.parametrizations.weight.original.mul_(-2)
    both = nn.ModuleList([first, second]).eval()
    x = torch.randn(2, 3, 8, 8)
    before = [layer(x) for layer in both]
    after = [layer(x) for layer in folded(both)]
    for one, other in zip(before, after, strict=True):
        assert torch.equal(one, other)
    assert not any(parametrize.is_parametrized(layer) for layer in both)
    assert sorted(both.state_dict()) == ["0.bias", "0.weight", "1.bias", "1.weight"]
    assert [type(layer) for layer in both] == [nn.Conv2d, nn.Conv2d]


def test_a_spectral_norm_becomes_a_weight_of_norm_one():
    layer = parametrizations.spectral_norm(nn.Linear(6, 5), n_power_iterations=50)
    layer(torch.randn(1, 6))
    assert torch.linalg.matrix_norm(folded(layer).weight, 2).item() - 1 < 1e-4
