"""The embedding: the contract of extractors, the part of a face it looks at, and people told apart."""

import csv
import hashlib

import numpy as np
import pytest
import torch

from efgan_kit.api import FaceSpec, FeatureExtractor, au_set
from efgan_kit.testing.conformance import Subject, checks_for


@pytest.mark.parametrize("check", checks_for("extractor"), ids=lambda check: check.__name__)
def test_it_keeps_the_contract_of_extractors(check, engine):
    from efgan_kit_dlib.identity import DlibIdentity

    check(Subject("extractor", DlibIdentity))


def test_it_gives_128_features_that_bear_no_gradient(engine):
    from efgan_kit_dlib.identity import DlibIdentity

    extractor = DlibIdentity()
    assert isinstance(extractor, FeatureExtractor)
    pictures = torch.zeros(2, 3, 64, 64, requires_grad=True)
    features = extractor(pictures)
    assert features.shape == (2, 128)
    assert features.dtype == torch.float32
    assert not features.requires_grad
    assert extractor(pictures[:0]).shape == (0, 128)


def test_its_state_tells_one_model_from_another(engine):
    from efgan_kit_dlib.identity import DlibIdentity
    from efgan_kit_dlib.models import EMBEDDING, find_model

    extractor = DlibIdentity()
    digest = bytes(extractor.state_dict()["fingerprint"].tolist())
    assert digest == hashlib.sha256(find_model(EMBEDDING, "").read_bytes()).digest()
    assert not list(extractor.parameters())


@pytest.mark.parametrize("size", [32, 100, 700])
def test_dlibs_part_of_a_face_is_cut_out_at_150_pixels(size):
    from efgan_kit_dlib.identity import BOX, chips

    x = torch.linspace(-1, 1, 2 * size + 1)[1::2]  # the positions of pixel centres, edges at -1 and 1
    ramps = torch.stack([x.expand(size, size), x[:, None].expand(size, size), torch.zeros(size, size)])[None]
    chip = chips(ramps)[0] / 127.5 - 1
    left, top, side = BOX
    middle = [2 * (left + side / 2) - 1, 2 * (top + side / 2) - 1, 0]
    assert chip.shape == (150, 150, 3)
    assert chip[74:76, 74:76].mean(axis=(0, 1)) == pytest.approx(middle, abs=0.01)
    assert chip[75, -1, 0] - chip[75, 0, 0] == pytest.approx(2 * side, abs=0.04)


@pytest.mark.proof
def test_it_tells_people_apart_whatever_their_expression(photos, engine):
    from efgan_kit_dlib.identity import DlibIdentity

    from efgan_kit.components.datasets.photo_folder import PhotoFolder

    with (photos / "pairs.csv").open() as lines:
        assert list(csv.DictReader(lines))
    faces = PhotoFolder(FaceSpec(128, au_set("openface-17")), root=str(photos))
    pairs = list({faces.people[source]: (source, truth) for source, truth in faces.pairs}.values())[:20]
    pictures = [torch.stack([faces[pair[k]].image for pair in pairs]).float() / 127.5 - 1 for k in (0, 1)]
    first, second = (DlibIdentity()(each).numpy() for each in pictures)
    apart = np.linalg.norm(first[:, None] - second[None], axis=-1)
    assert (apart.argmin(axis=1) == np.arange(len(pairs))).all()
    assert np.diag(apart).mean() < 0.4 < 0.6 < apart[~np.eye(len(pairs), dtype=bool)].mean()
