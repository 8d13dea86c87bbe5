"""The frozen network: what it sees, what it gives, and what it refuses to look at."""

import pytest
import torch

from efgan_kit.api import EfganError


def made(model="test_resnet", height=64, width=64, **more):
    from efgan_kit_timm.backbone import Backbone

    return Backbone(model, "random", height, width, **more)


def test_pictures_are_normalised_as_timm_says_of_the_network():
    from efgan_kit_timm.backbone import Seeing
    from efgan_kit_timm.networks import Look

    look = Look("tf_efficientnet_b0.aa_in1k", 8, 8, None)
    white, black = Seeing(look)(torch.ones(1, 3, 8, 8)), Seeing(look)(-torch.ones(1, 3, 8, 8))
    assert white[0, :, 0, 0].tolist() == pytest.approx([(1 - 0.485) / 0.229, (1 - 0.456) / 0.224, (1 - 0.406) / 0.225])
    assert black[0, :, 7, 7].tolist() == pytest.approx([-0.485 / 0.229, -0.456 / 0.224, -0.406 / 0.225])


@pytest.mark.parametrize(("height", "width"), [(64, 64), (24, 48)])
@pytest.mark.parametrize("model", ["test_resnet", "test_efficientnet", "test_convnext", "test_vit", "test_maxvit"])
def test_faces_of_64_pixels_and_local_regions_are_looked_at(model, height, width):
    backbone = made(model, height, width, size=64)
    maps = backbone(torch.rand(2, 3, height, width))
    assert [tuple(one.shape[1:]) for one in maps] == backbone.shapes
    assert len(maps) == 4
    assert all(bool(one.isfinite().all()) for one in maps)


def test_by_default_the_maps_of_the_last_four_sizes_are_taken_or_four_spread_evenly():
    assert made("test_resnet").layers == [1, 2, 3, 4]
    assert [shape[1] for shape in made("test_resnet").shapes] == [16, 8, 4, 2]
    assert made("test_vit").layers == [0, 2, 3, 5]
    assert made("test_resnet", layers=[-1, 0]).layers == [0, 4]


def test_pictures_are_scaled_by_their_longer_side():
    assert made("test_resnet", 24, 48, size=96).see.size == (48, 96)
    assert made("test_vit", 24, 48, size=90).see.size == (48, 96), "its patches of 16 pixels come out even"
    assert made("test_vit", 64, 64).see.size == (160, 160), "its own size"


def test_layers_behind_the_last_that_is_asked_for_are_left_out():
    whole, part = made("test_vit"), made("test_vit", layers=[0])
    assert sum(p.numel() for p in part.parameters()) < sum(p.numel() for p in whole.parameters()) / 3


def test_it_learns_nothing_and_its_statistics_stay():
    backbone = made("test_resnet").train()
    before = {name: tensor.clone() for name, tensor in backbone.state_dict().items()}
    backbone(torch.rand(4, 3, 64, 64))
    assert not backbone.training
    assert not backbone.network.training
    assert not any(parameter.requires_grad for parameter in backbone.parameters())
    assert all(torch.equal(before[name], tensor) for name, tensor in backbone.state_dict().items())


@pytest.mark.parametrize(
    ("model", "more", "words"),
    [
        ("test_resnt", {}, r"timm can't make this network: Unknown model.*did you mean 'test_resnet'"),
        ("test_resnet.nonsense", {}, r"timm can't make this network: Invalid pretrained tag"),
        ("hf-hub:timm/resnet18.a1_in1k", {}, r"from no hub, for nothing is downloaded; .* local-dir:FOLDER"),
        ("local-dir:/nowhere", {}, r"timm can't make this network: .*/nowhere"),
        ("test_resnet", {"layers": [5]}, r"has 5 feature maps, and none called 5; `layers` go from 0 to 4, or"),
        ("inception_v3", {}, r"inception_v3: can't look at pictures of 64x64 pixels: .*; give a larger `size`"),
    ],
)
def test_what_cannot_be_looked_through_is_refused_in_words(model, more, words):
    with pytest.raises(EfganError, match=words):
        made(model, **more)


def test_maps_from_the_front_can_be_had_where_the_whole_network_sees_nothing():
    with pytest.raises(
        EfganError, match=r"test_convnext: can't look at pictures of 16x16 .*; give a larger `size`, or"
    ):
        made("test_convnext", 16, 16)
    backbone = made("test_convnext", 16, 16, layers=[0, 1])
    assert [tuple(one.shape[1:]) for one in backbone(torch.rand(1, 3, 16, 16))] == backbone.shapes


def test_a_size_below_1_is_refused():
    with pytest.raises(ValueError, match="size is 0: 1 or more is wanted"):
        made(size=0)
