"""The distances of features, by hand and on pictures."""

import math

import pytest
import torch
from torch import nn

from efgan_kit.api import FaceSpec, au_set

FACES = FaceSpec(64, au_set("openface-17"))
ONES = torch.ones(2)


class AsFeatures(nn.Module):
    """Stands where the backbone is: pictures are their own features."""

    def forward(self, pictures):
        return [pictures, 5 * pictures]


def made(name, **more):
    from efgan_kit_timm import losses

    term = getattr(losses, name)(FACES, model="test_resnet", weights="random", **more)
    term.backbone = AsFeatures()
    return term


def pixels(*columns):
    """Pictures `(1, 3, 1, K)` of these colours."""
    return torch.tensor(columns, dtype=torch.float32).T[None, :, None]


def test_perceptual_is_the_squared_distance_of_unit_vectors():
    term = made("Perceptual", toward="source")
    here, there = pixels((2, 0, 0), (0, 3, 0)), pixels((0, 7, 0), (0, 1, 1))
    expected = (2 + 2 * (1 - math.cos(math.pi / 4))) / 2
    loss = term.generator(here, there, there, torch.ones(1))
    assert loss.item() == pytest.approx(expected, abs=1e-5)
    assert term.generator(here, here, there, torch.ones(1)).item() == 0
    assert term.generator(9 * here, here, there, torch.ones(1)).item() == pytest.approx(0, abs=1e-6)


def test_the_truth_counts_only_where_there_is_one():
    term = made("Perceptual")
    edited = torch.cat([pixels((1, 0, 0)), pixels((1, 0, 0))])
    truth = torch.cat([pixels((0, 1, 0)), pixels((0, 0, 1))])
    for truth_share, expected in ((ONES / 2, 2), (torch.tensor([1.0, 0.0]), 2), (torch.zeros(2), 0)):
        assert term.generator(edited, edited, truth, truth_share).item() == pytest.approx(expected, abs=1e-5)
    truth[1] = edited[1]
    assert term.generator(edited, edited, truth, torch.tensor([0.0, 1.0])).item() == pytest.approx(0, abs=1e-6)


def test_feature_matching_does_not_say_where():
    term = made("FeatureMatching")
    here, moved = pixels((1, 0, 0), (0, 1, 0)), pixels((0, 1, 0), (1, 0, 0))
    assert term.generator(here, moved, moved, torch.ones(1)).item() == pytest.approx(0, abs=1e-6)
    other = pixels((1, 0, 0), (1, 0, 0))
    assert term.generator(here, other, other, torch.ones(1)).item() == pytest.approx(0.5, abs=1e-5)


def test_over_the_batch_two_pictures_may_change_places():
    red, green = pixels((1, 0, 0)), pixels((0, 1, 0))
    edited, source = torch.cat([red, green]), torch.cat([green, red])
    by_batch, by_picture = made("FeatureMatching", over="batch"), made("FeatureMatching")
    assert by_batch.generator(edited, source, source, ONES).item() == pytest.approx(0, abs=1e-6)
    assert by_picture.generator(edited, source, source, ONES).item() == pytest.approx(2, abs=1e-5)


@pytest.mark.parametrize("name", ["Perceptual", "FeatureMatching"])
def test_descending_it_brings_a_picture_nearer(name):
    from efgan_kit_timm import losses

    torch.manual_seed(0)
    term = getattr(losses, name)(FACES, model="test_resnet", weights="random", toward="source", layers=[0, 1])
    source, edited = torch.rand(1, 3, 64, 64), torch.rand(1, 3, 64, 64, requires_grad=True)
    optimizer = torch.optim.Adam([edited], lr=0.05)
    seen = []
    for _ in range(8):
        loss = term.generator(edited, source, source, torch.ones(1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        seen.append(loss.item())
    assert seen[-1] < 0.8 * seen[0]
    assert not any(parameter.requires_grad for parameter in term.parameters())


@pytest.mark.parametrize("name", ["Perceptual", "FeatureMatching"])
def test_no_layers_at_all_are_refused(name):
    with pytest.raises(ValueError, match="layers is empty"):
        made(name, layers=[])
