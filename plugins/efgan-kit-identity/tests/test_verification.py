"""The verifier's threshold and the shares that pass it, by hand."""

import math

import pytest
import torch
from torch import nn

from efgan_kit.api import FaceSpec, Maker, au_set

FACES = FaceSpec(32, au_set(["AU12", "AU26"]))


def made(**more):
    from efgan_kit_identity.verification import Verification

    return Verification(FACES, extractor=Maker(nn.Flatten), **more)


def at(*degrees):
    """Embeddings `(N, 2)` in these directions, of any length."""
    return torch.tensor([(3 * math.cos(math.radians(d)), 3 * math.sin(math.radians(d))) for d in degrees])


def test_edits_pass_that_are_nearer_than_strangers_are():
    source, truth = at(0, 90), at(10, 80)
    figures = made(false_accepts=0)(at(30, 175), source, truth, torch.tensor([4, 7]))
    assert figures["threshold"] == pytest.approx(math.cos(math.radians(80)), abs=1e-6), "0 and 80 are two people"
    assert figures == {"edit": 0.5, "same_person": 1, "different_people": 0, "threshold": figures["threshold"]}


def test_the_allowed_share_of_strangers_passes_and_no_more():
    from efgan_kit_identity.verification import least_above

    scores = torch.tensor([0.9, 0.1, 0.5, 0.7, 0.3])
    for share, threshold, passing in ((0, 0.9, 0), (0.19, 0.9, 0), (0.2, 0.7, 1), (0.4, 0.5, 2), (0.8, 0.1, 4)):
        found = least_above(scores, share)
        assert found == pytest.approx(threshold)
        assert int((scores > found).sum()) == passing


def test_pairs_of_one_person_say_nothing_of_strangers():
    source, truth = at(0, 0, 90), at(5, 5, 85)
    figures = made(false_accepts=0)(source, source, truth, torch.tensor([1, 1, 2]))
    assert figures["threshold"] == pytest.approx(math.cos(math.radians(85)), abs=1e-6)
    assert figures["edit"] == 1, "a copy always passes"


def test_of_one_person_nothing_is_known():
    figures = made()(at(1, 2), at(1, 2), at(1, 2), torch.tensor([3, 3]))
    assert set(figures) == {"edit", "same_person", "different_people", "threshold"}
    assert all(math.isnan(figure) for figure in figures.values())


@pytest.mark.parametrize("share", [-0.1, 1])
def test_a_share_that_is_none_is_refused(share):
    with pytest.raises(ValueError, match="it is a share, from 0 to below 1"):
        made(false_accepts=share)
