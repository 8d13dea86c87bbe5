"""Each faster layer returns what torch's own returns, for any size and number of pictures."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from efgan_kit.components.au_planes import AUPlanesConv2d, Conditioned, au_planes
from efgan_kit.editing.fast.layers import BesidePlanes, FewOutputs, PictureNorm, SameConvolution

SIZES = [(1, 16, 16), (1, 20, 32), (3, 8, 12), (2, 13, 15), (1, 5, 4)]


@pytest.fixture(autouse=True)
def _without_gradients():
    torch.manual_seed(0)
    with torch.inference_mode():
        yield


def apart(found, wanted):
    assert found.shape == wanted.shape
    return ((found.float() - wanted).norm() / wanted.norm()).item()


def of(batch, channels, height, width):
    return torch.randn(batch, channels, height, width).contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("size", SIZES)
def test_a_convolution_that_keeps_the_size(size, bias):
    layer, x = nn.Conv2d(8, 12, 3, padding=1, bias=bias), of(size[0], 8, *size[1:])
    assert apart(SameConvolution(layer, torch.float32)(x), layer(x)) < 1e-5
    assert apart(SameConvolution(layer, torch.bfloat16)(x.bfloat16()), layer(x)) < 0.03


@pytest.mark.parametrize("outputs", [1, 3, 4])
@pytest.mark.parametrize("size", SIZES)
def test_a_convolution_to_few_channels(size, outputs):
    layer, x = nn.Conv2d(8, outputs, 7, padding=3, bias=outputs > 1), of(size[0], 8, *size[1:])
    assert apart(FewOutputs(layer, torch.float32)(x), layer(x)) < 1e-5
    assert apart(FewOutputs(layer, torch.bfloat16)(x.bfloat16()), layer(x)) < 0.01


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("bias", [False, True])
def test_a_convolution_beside_planes_up_to_the_border(size, bias):
    layer = AUPlanesConv2d(3, 5, 12, 7, bias=bias)
    given = Conditioned(of(size[0], 3, *size[1:]), torch.rand(size[0], 5))
    wanted = F.conv2d(au_planes(given.aus, given.image), layer.weight, layer.bias, padding=3)
    assert apart(BesidePlanes(layer, torch.float32)(given), wanted) < 1e-5
    assert apart(BesidePlanes(layer, torch.bfloat16)(given), wanted) < 0.01


@pytest.mark.parametrize("size", SIZES)
def test_a_norm_of_each_picture(size):
    layer, x = nn.InstanceNorm2d(8, affine=True, eps=1e-3), of(size[0], 8, *size[1:])
    layer.weight.normal_()
    layer.bias.normal_()
    found = PictureNorm(layer)(x)
    assert apart(found, layer(x)) < 1e-5
    assert found.is_contiguous(memory_format=torch.channels_last)
    assert apart(PictureNorm(layer)(x.bfloat16()), layer(x)) < 0.01
