import pytest
import torch
from torch import nn
from torch.nn import functional

from efgan_kit.components import few_maps
from efgan_kit.components.few_maps import convolved_doubled, convolved_in_blocks, drawn_together


@pytest.fixture
def heads():
    torch.manual_seed(0)
    return [nn.Conv2d(4, maps, 7, padding=3).double() for maps in (3, 1)]


@pytest.mark.parametrize("size", [(8, 8), (7, 10), (9, 5), (1, 1)])
@pytest.mark.parametrize("block", [2, 3, 4])
@pytest.mark.parametrize("kernel", [3, 5, 7])
def test_blocks_are_the_convolution_whatever_the_size(size, block, kernel):
    features = torch.randn(2, 4, *size, dtype=torch.double)
    weight, bias = torch.randn(3, 4, kernel, kernel, dtype=torch.double), torch.randn(3, dtype=torch.double)
    expected = functional.conv2d(features, weight, bias, padding=kernel // 2)
    torch.testing.assert_close(convolved_in_blocks(features, weight, bias, block), expected)


def test_heads_are_what_each_would_draw_with_the_same_gradients(heads):
    features = torch.randn(2, 4, 10, 9, dtype=torch.double, requires_grad=True)
    together, apart = drawn_together(features, *heads), [head(features) for head in heads]
    asked = [features, *(parameter for head in heads for parameter in head.parameters())]
    along = [torch.randn_like(map_) for map_ in apart]
    for one, other in zip(together, apart, strict=True):
        torch.testing.assert_close(one, other)
    mine = torch.autograd.grad(together, asked, along)
    for one, other in zip(mine, torch.autograd.grad(apart, asked, along), strict=True):
        torch.testing.assert_close(one, other)


@pytest.mark.parametrize(
    ("head", "blocks"),
    [
        (nn.Conv2d(4, 3, 7, padding=3), 1),
        (nn.Conv2d(4, 3, 7, padding=3, bias=False), 1),
        (nn.Conv2d(4, 3, 3, padding=1), 0),
        (nn.Conv2d(4, 16, 7, padding=3), 0),
        (nn.Conv2d(4, 3, 7, padding=3, padding_mode="reflect"), 0),
        (nn.Conv2d(4, 3, 7, padding=0), 0),
    ],
)
def test_only_large_kernels_of_few_maps_are_computed_in_blocks(monkeypatch, head, blocks):
    calls = []
    monkeypatch.setattr(
        few_maps, "convolved_in_blocks", lambda *given: calls.append(given) or convolved_in_blocks(*given)
    )
    features = torch.randn(1, 4, 12, 12)
    torch.testing.assert_close(drawn_together(features, head)[0], head(features))
    assert len(calls) == blocks


def test_what_stands_in_the_place_of_a_head_is_called():
    features = torch.randn(1, 4, 8, 8)
    (found,) = drawn_together(features, nn.Identity())
    assert found is features


@pytest.mark.parametrize("size", [(4, 6), (1, 1), (3, 5)])
def test_a_doubled_map_is_convolved_without_being_made(size):
    features = torch.randn(2, 5, *size, dtype=torch.double)
    weight = torch.randn(3, 5, 3, 3, dtype=torch.double)
    doubled = functional.interpolate(features, scale_factor=2, mode="nearest")
    torch.testing.assert_close(convolved_doubled(features, weight), functional.conv2d(doubled, weight, padding=1))


def test_gradients_through_a_doubled_map_are_those_of_finite_differences():
    features = torch.randn(1, 2, 3, 2, dtype=torch.double, requires_grad=True)
    weight = torch.randn(2, 2, 3, 3, dtype=torch.double, requires_grad=True)
    assert torch.autograd.gradcheck(convolved_doubled, (features, weight))
