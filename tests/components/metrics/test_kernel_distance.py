"""Kernel distances, against the estimate's own double loop."""

import math

import pytest
import torch

from efgan_kit.api import FaceSpec, Maker, au_set
from efgan_kit.components.metrics.kernel_distance import KernelDistance, kernel_distance

FACES = FaceSpec(32, au_set(["AU12"]))


def metric(**params):
    return KernelDistance(FACES, extractor=Maker(lambda: torch.nn.Flatten()), **params)


def rows(count, features=4, seed=0, shift=0.0):
    return torch.randn(count, features, generator=torch.Generator().manual_seed(seed)) + shift


def by_definition(first, second, gamma):
    """Binkowski et al. (2018), Eq. 4: no picture is compared with itself, but with every one of the other set."""

    def kernel(x, y):
        return (gamma * sum(a * b for a, b in zip(x, y, strict=True)) + 1) ** 3

    first, second = first.tolist(), second.tolist()
    count = len(first)
    within = [
        sum(kernel(own[i], own[j]) for i in range(count) for j in range(count) if i != j) / (count * (count - 1))
        for own in (first, second)
    ]
    between = sum(kernel(x, y) for x in first for y in second) / count**2
    return sum(within) - 2 * between


@pytest.mark.parametrize("gamma", [0.25, 1.0])
def test_it_is_the_unbiased_estimate_of_the_published_definition(gamma):
    first, second = rows(5), rows(5, seed=1, shift=0.5)
    assert kernel_distance(first, second, gamma=gamma) == pytest.approx(by_definition(first, second, gamma))


def test_by_hand():
    # Within: (1 * -1 + 1)^3 = 0, (2 * 2 + 1)^3 = 125. Between: (1 * 2 + 1)^3 = 27, (-1 * 2 + 1)^3 = -1, twice each.
    first, second = torch.tensor([[1.0], [-1.0]]), torch.tensor([[2.0], [2.0]])
    assert kernel_distance(first, second, gamma=1.0) == pytest.approx(0 + 125 - 2 * (27 + 27 - 1 - 1) / 4)


def test_by_default_the_unit_of_the_features_does_not_matter():
    edited, source, true = (rows(6, seed=seed) for seed in range(3))
    found = metric()(edited, source, true)
    assert metric()(100 * edited, 100 * source, 100 * true) == pytest.approx(
        {**found, "n": 6.0, "features": 4.0}, rel=1e-4
    )
    units = [torch.nn.functional.normalize(each, dim=1) for each in (edited, source, true)]
    assert metric()(*units) == pytest.approx(metric(gamma=1.0)(*units), rel=1e-5)


def test_figures_stand_beside_the_sources_and_the_true_pictures_own():
    edited, source, true = rows(9, seed=1), rows(9, seed=2, shift=2.0), rows(9)
    found = metric(gamma=0.25)(edited, source, true)
    assert found == {
        "edit": pytest.approx(by_definition(edited, true, 0.25), rel=1e-5),
        "no_op": pytest.approx(by_definition(source, true, 0.25), rel=1e-5),
        "floor": pytest.approx(by_definition(true, true, 0.25), rel=1e-5),
        "n": 9.0,
        "features": 4.0,
    }
    assert found["floor"] < 0 < found["no_op"]
    assert "no_op" not in metric()(edited, true.roll(1, dims=0), true)


def test_the_expectation_does_not_depend_on_how_many_there_are():
    few, many = (
        sum(kernel_distance(rows(n, seed=s), rows(n, seed=s + 1000, shift=0.3), gamma=0.25) for s in range(300)) / 300
        for n in (8, 64)
    )
    assert few == pytest.approx(many, abs=0.15)
    assert sum(kernel_distance(rows(8, seed=s), rows(8, seed=s + 1000), gamma=0.25) for s in range(300)) / 300 < 0.15


def test_many_pictures_are_dealt_out_to_parts_and_nothing_is_drawn():
    first, second = rows(7), rows(7, seed=1)
    parts = [by_definition(first[k::3], second[k::3], 0.25) for k in range(3)]
    torch.manual_seed(1)
    state = torch.get_rng_state()
    found = kernel_distance(first, second, gamma=0.25, subset_size=3)
    assert found == pytest.approx(sum(parts) / 3)
    assert torch.equal(torch.get_rng_state(), state)
    torch.manual_seed(2)
    assert kernel_distance(first, second, gamma=0.25, subset_size=3) == found


def test_of_one_face_nothing_is_known():
    assert math.isnan(metric()(rows(1), rows(1), rows(1))["edit"])


@pytest.mark.parametrize("params", [{"subset_size": 2}, {"gamma": 0.0}])
def test_what_it_refuses(params):
    with pytest.raises(ValueError, match=r"3 or more|above 0"):
        metric(**params)
