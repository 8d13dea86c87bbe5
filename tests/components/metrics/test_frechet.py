"""Frechet distances, against what the formula gives for Gaussians of known mean and covariance."""

import math

import pytest
import torch

from efgan_kit.api import FaceSpec, Maker, au_set
from efgan_kit.components.metrics.frechet import Frechet, frechet_distance

FACES = FaceSpec(32, au_set(["AU12"]))


def whitened(count=40, features=3, seed=0):
    """Rows of mean 0 and covariance 1, to the last digit."""
    rows = torch.randn(count, features, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    rows -= rows.mean(dim=0)
    covariance = rows.T @ rows / (count - 1)
    return rows @ torch.linalg.inv(torch.linalg.cholesky(covariance)).T


def gaussian(mean, deviations, seed=0):
    return whitened(features=len(mean), seed=seed) * torch.tensor(deviations) + torch.tensor(mean)


@pytest.mark.parametrize(
    ("means", "deviations", "distance"),
    [
        (([0.0, 0.0, 0.0], [1.0, 2.0, 2.0]), ([1.0, 1.0, 1.0], [1.0, 1.0, 1.0]), 9.0),  # shifted by (1, 2, 2)
        (([0.0, 0.0], [0.0, 0.0]), ([1.0, 3.0], [2.0, 5.0]), 1.0 + 4.0),  # (1 - 2)^2 + (3 - 5)^2
        (([1.0, 0.0], [0.0, 1.0]), ([1.0, 2.0], [4.0, 2.0]), 2.0 + 9.0),
    ],
)
def test_the_distance_of_gaussians_is_that_of_their_means_and_deviations(means, deviations, distance):
    # |m1 - m2|^2 + tr(S1 + S2 - 2 (S1 S2)^(1/2)), which for diagonal covariances is a sum over deviations.
    first, second = (gaussian(m, d, seed) for m, d, seed in zip(means, deviations, (0, 1), strict=True))
    assert frechet_distance(first, second) == pytest.approx(distance, abs=1e-6)


def test_correlated_gaussians():
    # The same deviations, correlated by 0.6 and not at all: [[1, .6], [.6, 1]] has the eigenvalues 1.6 and 0.4.
    rows = whitened(features=2)
    mixed = rows @ torch.linalg.cholesky(torch.tensor([[1.0, 0.6], [0.6, 1.0]], dtype=torch.float64)).T
    expected = 4 - 2 * (math.sqrt(1.6) + math.sqrt(0.4))
    assert frechet_distance(rows, mixed) == pytest.approx(expected, abs=1e-6)


def test_equal_sets_have_no_distance_and_one_face_none_that_is_known():
    rows = whitened()
    assert frechet_distance(rows, rows.flip(0)) == pytest.approx(0.0, abs=1e-6)
    assert math.isnan(frechet_distance(rows[:1], rows))


def test_no_op_is_given_where_sources_and_true_pictures_are_not_the_same_set():
    metric = Frechet(FACES, extractor=Maker(lambda: torch.nn.Flatten()))
    true, other = gaussian([0.0, 1.0], [1.0, 1.0]), gaussian([2.0, 1.0], [1.0, 1.0], seed=1)
    ring = metric(other, true.roll(1, dims=0), true)
    assert ring == {"edit": pytest.approx(4.0), "n": 40.0, "features": 2.0}
    assert metric(true, other, true) == {
        "edit": pytest.approx(0.0, abs=1e-6), "no_op": pytest.approx(4.0), "n": 40.0, "features": 2.0,
    }  # fmt: skip


@pytest.mark.filterwarnings("error")
def test_one_face_is_compared_without_a_word_of_deviations_that_it_does_not_have():
    metric = Frechet(FACES, extractor=Maker(lambda: torch.nn.Flatten()))
    rows = whitened()[:2]
    found = metric(rows[:1], rows[:1], rows[:1])
    assert "no_op" not in found
    assert "no_op" in metric(rows[:1], rows[1:], rows[:1])
