"""The built-in extractors learn what they are for."""

import pytest
import torch

from efgan_kit.api import FaceSpec, au_set
from efgan_kit.components.datasets.drawn_faces import DrawnFaces
from efgan_kit.components.extractors.au_features import AUFeatures
from efgan_kit.components.extractors.person_net import PersonNet
from efgan_kit.errors import EfganError

SPEC = FaceSpec(32, au_set(["AU06", "AU12", "AU25", "AU26"]))


def pictures(faces):
    return torch.stack([faces[index].image for index in range(len(faces))]).float() / 127.5 - 1


def test_person_net_tells_people_apart_whom_it_has_never_seen():
    training = DrawnFaces(SPEC, people=24, expressions=3)
    strangers = DrawnFaces(SPEC, people=8, expressions=3, group="test")
    with torch.random.fork_rng():
        torch.manual_seed(0)
        net = PersonNet(SPEC, width=6, steps=80)
    net.prepare(training, torch.Generator().manual_seed(0))
    with torch.no_grad():
        features = net.eval()(pictures(strangers))
    torch.testing.assert_close(features.norm(dim=1), torch.ones(24))
    cosines = (features @ features.T).fill_diagonal_(-2)
    nearest = cosines.argmax(dim=1) // 3
    # By chance one face in twelve would have its own person for a neighbour.
    assert (nearest == torch.arange(24) // 3).float().mean() > 0.8


def test_with_one_person_there_is_nobody_to_tell_apart():
    with pytest.raises(EfganError, match="one person"):
        PersonNet(SPEC, width=2, steps=1).prepare(DrawnFaces(SPEC, people=1, expressions=2), torch.Generator())


@pytest.mark.parametrize("extractor", [PersonNet, AUFeatures])
@pytest.mark.parametrize("bad", [{"width": 0}, {"steps": 0}])
def test_numbers_that_make_no_network_are_refused(extractor, bad):
    with pytest.raises(ValueError, match="1 or more"):
        extractor(SPEC, **bad)


def test_au_features_are_the_regressors_maps_averaged():
    net = AUFeatures(SPEC, width=4).eval()
    images = torch.rand(2, 3, 32, 32)
    with torch.no_grad():
        maps = net.regressor.body(images)
        assert torch.equal(net(images), maps.mean(dim=(2, 3)))
    assert net(images).shape == (2, 32)
