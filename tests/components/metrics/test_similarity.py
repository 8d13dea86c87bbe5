"""Similarity of pictures, against values worked out by hand or by NumPy from the published formulas."""

import math

import numpy as np
import pytest
import torch

from efgan_kit.components.metrics.similarity import CEILING, l1, psnr, ssim


def plain(value, size=12):
    return torch.full((1, 3, size, size), float(value))


def test_psnr_and_l1_of_pictures_that_differ_by_a_constant():
    # 20 log10(2 / 0.5) = 12.04 dB, and 20 log10(2 / 0.02) = 40 dB.
    first, second = torch.cat([plain(0.0), plain(0.1)]), torch.cat([plain(0.5), plain(0.12)])
    torch.testing.assert_close(psnr(first, second), torch.tensor([12.0412, 40.0]), atol=1e-3, rtol=0)
    torch.testing.assert_close(l1(first, second), torch.tensor([0.5, 0.02]))


def test_equal_pictures_have_a_finite_psnr_and_full_similarity():
    noise = torch.rand(2, 3, 16, 16) * 2 - 1
    assert psnr(noise, noise).tolist() == [CEILING, CEILING]
    torch.testing.assert_close(ssim(noise, noise), torch.ones(2))


@pytest.mark.parametrize(("dark", "light"), [(-1.0, 1.0), (-0.5, 0.5), (0.2, 0.3)])
def test_ssim_of_plain_pictures_is_their_luminance_ratio(dark, light):
    x, y = (dark + 1) / 2, (light + 1) / 2
    expected = (2 * x * y + 0.01**2) / (x**2 + y**2 + 0.01**2)
    assert ssim(plain(dark), plain(light)).item() == pytest.approx(expected, abs=1e-6)


def test_ssim_of_a_single_window_follows_the_published_formula():
    random = np.random.default_rng(0)
    first, second = random.random((2, 3, 11, 11))
    offset = np.arange(11) - 5
    weights = np.exp(-(offset[:, None] ** 2 + offset[None, :] ** 2) / (2 * 1.5**2))
    weights /= weights.sum()
    per_colour = []
    for x, y in zip(first, second, strict=True):
        mx, my = (weights * x).sum(), (weights * y).sum()
        vx, vy = (weights * (x - mx) ** 2).sum(), (weights * (y - my) ** 2).sum()
        cov = (weights * (x - mx) * (y - my)).sum()
        c1, c2 = 0.01**2, 0.03**2
        per_colour.append((2 * mx * my + c1) * (2 * cov + c2) / ((mx**2 + my**2 + c1) * (vx + vy + c2)))
    x, y = (torch.tensor(p[None] * 2 - 1) for p in (first, second))
    assert ssim(x, y).item() == pytest.approx(np.mean(per_colour), abs=1e-6)


def test_a_negative_has_negative_similarity():
    board = torch.tensor([[(i + j) % 2 for i in range(12)] for j in range(12)]).float() * 2 - 1
    assert ssim(board.expand(1, 3, 12, 12), -board.expand(1, 3, 12, 12)).item() < -0.9


def test_pictures_smaller_than_the_window_are_compared():
    assert math.isfinite(ssim(plain(0.1, 6), plain(0.2, 6)).item())
