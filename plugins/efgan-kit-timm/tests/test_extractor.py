"""The extractor, alone and behind the Frechet distance."""

import pytest
import torch

from efgan_kit.api import FaceSpec, Maker, au_set

FACES = FaceSpec(64, au_set("openface-17"))


def made(**more):
    from efgan_kit_timm.extractor import TimmFeatures

    return TimmFeatures(FACES, **{"model": "test_resnet", "weights": "random", **more})


def test_chosen_layers_are_the_means_of_their_maps():
    extractor = made(layers=[1, -1])
    pictures = torch.rand(2, 3, 64, 64)
    maps = extractor.network.backbone(pictures)
    features = extractor(pictures)
    assert features.shape == (2, sum(one.shape[1] for one in maps))
    assert torch.allclose(features[1, 0], maps[0][1, 0].mean())
    assert torch.allclose(features[1, -1], maps[1][1, -1].mean())


def test_gradients_reach_the_pictures():
    pictures = torch.rand(2, 3, 64, 64, requires_grad=True)
    made()(pictures).square().sum().backward()
    assert bool(pictures.grad.any())


@pytest.mark.parametrize("wrong", [{"layers": []}, {"layers": [1], "head": True}])
def test_layers_and_head_exclude_each_other(wrong):
    with pytest.raises(ValueError, match="layers and head: give some layers, or none, or the head alone"):
        made(**wrong)


def test_the_frechet_distance_is_measured_by_it_and_says_that_it_is_random(saved):
    from efgan_kit_timm.extractor import TimmFeatures

    from efgan_kit.components.metrics.frechet import Frechet
    from efgan_kit.evaluation.extractors import Extractors

    _, path = saved("test_resnet")
    extractors = Extractors(None, "", FACES, "cpu")
    known, random = (
        extractors.metric(name, Maker(Frechet, {"extractor": Maker(TimmFeatures, params)}))
        for name, params in (
            ("frechet", {"model": "test_resnet", "weights": str(path)}),
            ("frechet-2", {"model": "test_resnet", "weights": "random"}),
        )
    )
    assert list(extractors.caveats) == ["frechet-2"]
    assert "frechet-2 is measured by the features of timm: the weights of test_resnet are random" in str(
        extractors.caveats
    )
    assert extractors.reports["frechet"].weights_hash != extractors.reports["frechet-2"].weights_hash
    true = torch.rand(6, 3, 64, 64)
    for metric in (known, random):
        true_features, darker = metric.true_features(true), metric.edited_features(true - 1)
        figures = metric(darker, true_features.flip(0), true_features)
        assert figures["edit"] > 0
        assert metric(true_features, true_features, true_features)["edit"] == pytest.approx(0, abs=1e-6)
