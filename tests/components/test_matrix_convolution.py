import pytest
import torch
from torch import nn
from torch.nn import functional

from efgan_kit.components import matrix_convolution
from efgan_kit.components.matrix_convolution import MatrixConv2d, convolved_by_matrix


@pytest.fixture
def layer():
    torch.manual_seed(0)
    return MatrixConv2d(3, 5, 4, 2, 1).double()


def asked_for_products(monkeypatch):
    calls = []
    monkeypatch.setattr(
        matrix_convolution,
        "convolved_by_matrix",
        lambda *given, **window: calls.append(window) or convolved_by_matrix(*given, **window),
    )
    return calls


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize(("stride", "padding", "kernel"), [(2, 1, 4), (1, 1, 3), (1, 0, 2), (3, 2, 5)])
def test_a_product_is_the_convolution(layout, stride, padding, kernel):
    image = torch.randn(2, 3, 6, 7, dtype=torch.double).to(memory_format=layout)
    weight = torch.randn(5, 3, kernel, kernel, dtype=torch.double).to(memory_format=layout)
    bias = torch.randn(5, dtype=torch.double)
    expected = functional.conv2d(image, weight, bias, stride, padding)
    torch.testing.assert_close(convolved_by_matrix(image, weight, bias, stride=stride, padding=padding), expected)


def test_it_can_be_differentiated_twice_as_a_penalty_does(layer):
    image = torch.randn(2, 3, 4, 4, dtype=torch.double, requires_grad=True)
    assert torch.autograd.gradcheck(layer, (image,))
    assert torch.autograd.gradgradcheck(layer, (image,))


@pytest.mark.parametrize(("side", "products"), [(8, 1), (10, 0)])
def test_only_small_maps_are_products(layer, monkeypatch, side, products):
    calls = asked_for_products(monkeypatch)
    image = torch.randn(1, 3, side, side, dtype=torch.double)
    expected = functional.conv2d(image, layer.weight, layer.bias, 2, 1)
    torch.testing.assert_close(layer(image), expected)
    assert len(calls) == products


def test_autocast_has_it_multiply_in_its_format():
    layer = MatrixConv2d(3, 5, 4, 2, 1)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert layer(torch.randn(2, 3, 4, 4)).dtype == torch.bfloat16


def test_it_is_a_convolution_to_whoever_asks(layer):
    assert isinstance(layer, nn.Conv2d)
    assert dict(layer.state_dict()).keys() == {"weight", "bias"}
