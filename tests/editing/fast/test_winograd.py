"""Minimal filtering gives the convolution that torch computes directly."""

import pytest
import torch
import torch.nn.functional as F

from efgan_kit.editing.fast.winograd import MinimalFiltering, _transforms


@pytest.mark.parametrize(("tile", "kernel"), [(2, 3), (3, 3), (4, 3), (2, 2), (4, 2)])
@pytest.mark.parametrize("size", [(8, 8), (7, 11), (3, 5)])
def test_it_is_the_convolution_with_zeros_around(tile, kernel, size):
    torch.manual_seed(0)
    x, weight = torch.randn(2, 6, *size), torch.randn(5, 6, kernel, kernel)
    before = kernel // 2
    padded = F.pad(x, (before, kernel - 1 - before, before, kernel - 1 - before))
    wanted = F.conv2d(padded.double(), weight.double())
    filtering = MinimalFiltering(weight, tile, torch.float32)
    found = filtering(x.permute(0, 2, 3, 1), before, *size).permute(0, 3, 1, 2)
    assert found.shape == wanted.shape
    assert (found - wanted).abs().max() < 1e-4


def test_a_kernel_of_a_single_weight_moves_the_picture():
    x = torch.arange(20.0).view(1, 4, 5, 1)
    weight = torch.zeros(1, 1, 3, 3)
    weight[0, 0, 0, 2] = 1
    found = MinimalFiltering(weight, 4, torch.float32)(x, 1, 4, 5)
    wanted = torch.tensor([[0, 0, 0, 0, 0], [1, 2, 3, 4, 0], [6, 7, 8, 9, 0], [11, 12, 13, 14, 0]])
    assert (found[0, :, :, 0] - wanted).abs().max() < 1e-4


@pytest.mark.parametrize("tile", [2, 4])
def test_the_transform_of_pictures_is_exact_in_bf16(tile):
    evaluated, _, interpolated = _transforms(tile, 3)
    for matrix in (interpolated, evaluated):
        whole = torch.kron(matrix, matrix)
        assert torch.equal(whole.bfloat16().double(), whole)


@pytest.mark.parametrize(("tile", "bound"), [(2, 0.008), (4, 0.03)])
def test_bf16_stays_near(tile, bound):
    torch.manual_seed(0)
    x, weight = torch.randn(1, 64, 16, 16).relu(), torch.randn(64, 64, 3, 3) / 24
    wanted = F.conv2d(x, weight, padding=1)
    found = MinimalFiltering(weight, tile, torch.bfloat16)(x.permute(0, 2, 3, 1), 1, 16, 16).permute(0, 3, 1, 2)
    assert (found.float() - wanted).norm() / wanted.norm() < bound


def test_weights_are_transformed_in_full_within_autocast():
    torch.manual_seed(0)
    weight = torch.randn(8, 8, 3, 3)
    with torch.autocast("cpu", torch.bfloat16):
        within = MinimalFiltering(weight, 4, torch.float32).transformed
    assert torch.equal(within, MinimalFiltering(weight, 4, torch.float32).transformed)
