import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from efgan_kit.components.au_planes import AUPlanesConv2d, Conditioned, au_planes


def drawn(layer, image, aus):
    """The planes drawn and convolved, as GANimation's code does."""
    return functional.conv2d(au_planes(aus, image), layer.weight, layer.bias, padding=layer.padding)


@given(
    height=st.integers(1, 12),
    width=st.integers(1, 12),
    batch=st.integers(1, 3),
    aus=st.integers(1, 4),
    kernel=st.sampled_from([1, 3, 5, 7]),
    bias=st.booleans(),
)
@settings(max_examples=40, deadline=None)
def test_it_is_the_convolution_of_the_planes_whatever_the_size(height, width, batch, aus, kernel, bias):
    torch.manual_seed(height * width + aus)
    layer = AUPlanesConv2d(3, aus, 4, kernel, bias=bias).double()
    image, vectors = (torch.rand(shape, dtype=torch.double) for shape in ((batch, 3, height, width), (batch, aus)))
    torch.testing.assert_close(layer(Conditioned(image, vectors)), drawn(layer, image, vectors))


def test_its_gradients_are_those_of_the_planes():
    torch.manual_seed(0)
    layer = AUPlanesConv2d(3, 2, 4, 7).double()
    image = torch.rand(2, 3, 9, 8, dtype=torch.double, requires_grad=True)
    aus = torch.rand(2, 2, dtype=torch.double, requires_grad=True)
    asked = (image, aus, layer.weight, layer.bias)
    along = torch.randn(2, 4, 9, 8, dtype=torch.double)
    mine = torch.autograd.grad(layer(Conditioned(image, aus)), asked, along)
    theirs = torch.autograd.grad(drawn(layer, image, aus), asked, along)
    for one, other in zip(mine, theirs, strict=True):
        torch.testing.assert_close(one, other)


def test_planes_stand_beside_the_picture():
    image = torch.zeros(1, 3, 2, 2)
    planes = au_planes(torch.tensor([[0.25, 1.0]]), image)
    assert planes.shape == (1, 5, 2, 2)
    assert planes[0, 3].unique().item() == 0.25
    assert planes[0, 4].unique().item() == 1.0


@pytest.mark.parametrize("dtype", [torch.bfloat16])
def test_under_autocast_it_computes_in_autocasts_format(dtype):
    layer = AUPlanesConv2d(3, 2, 4, 7)
    image, aus = torch.rand(1, 3, 8, 8), torch.rand(1, 2)
    with torch.autocast("cpu", dtype=dtype):
        found = layer(Conditioned(image, aus))
    assert found.dtype == dtype
    torch.testing.assert_close(found.float(), drawn(layer, image, aus), rtol=0.05, atol=0.05)
