"""The identity loss: cosines by hand, the margin, and which embeddings it takes."""

import math

import pytest
import torch
from torch import nn

from efgan_kit.api import FaceSpec, Maker, au_set

FACES = FaceSpec(32, au_set(["AU12", "AU26"]))


class Colour(nn.Module):
    """The mean colour of a picture, as an embedding."""

    def forward(self, pictures):
        return pictures.mean(dim=(2, 3))


class Sealed(Colour):
    """An embedding computed elsewhere, as dlib's is."""

    @torch.no_grad()
    def forward(self, pictures):
        return super().forward(pictures)


class Fitted(Colour):
    """An embedding that must be fitted, with a batch norm and weights."""

    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm2d(3)

    def forward(self, pictures):
        return super().forward(self.norm(pictures))

    def prepare(self, faces, random):
        self.norm.weight.data.fill_(len(faces))
        self.train().requires_grad_(True)


def made(extractor=Colour, **more):
    from efgan_kit_identity.loss import IdentityCosine

    return IdentityCosine(FACES, extractor=Maker(extractor), **more)


def plain(*colours):
    """Pictures of one colour each."""
    return torch.tensor(colours, dtype=torch.float32)[:, :, None, None].expand(-1, 3, 32, 32)


def test_it_is_one_minus_the_cosine_averaged_over_the_batch():
    edited, real = plain((1, 0, 0), (1, 1, 0)), plain((0, 5, 0), (1, 0, 0))
    expected = (1 + (1 - math.cos(math.pi / 4))) / 2
    assert made().generator(edited, real).item() == pytest.approx(expected, abs=1e-6)
    assert made().generator(real, real).item() == pytest.approx(0, abs=1e-6)


def test_what_lies_within_the_margin_costs_nothing():
    edited, real = plain((1, 0, 0), (1, 1, 0)), plain((0, 5, 0), (1, 0, 0))
    off = 1 - math.cos(math.pi / 4)
    assert made(margin=0.5).generator(edited, real).item() == pytest.approx(0.5 / 2, abs=1e-6)
    assert made(margin=0.1).generator(edited, real).item() == pytest.approx((0.9 + off - 0.1) / 2, abs=1e-6)


def test_gradients_reach_the_edit_and_not_the_source():
    edited, real = plain((1, 0.5, 0)).clone().requires_grad_(), plain((0, 1, 0)).clone().requires_grad_()
    made().generator(edited, real).backward()
    assert bool(edited.grad.any())
    assert real.grad is None


def test_an_embedding_that_passes_no_gradients_is_refused_in_words():
    with pytest.raises(ValueError, match=r"Sealed passes no gradients to the pictures that it looks at.*person-net"):
        made(Sealed)


@pytest.mark.parametrize("margin", [-0.1, 2])
def test_a_margin_that_is_no_distance_of_cosines_is_refused(margin):
    with pytest.raises(ValueError, match="it is a distance of cosines, from 0 to below 2"):
        made(margin=margin)


def test_an_embedding_is_fitted_beforehand_only_where_it_must_be():
    assert not hasattr(made(), "prepare")
    term = made(Fitted)
    term.prepare(range(7), torch.Generator())
    assert term.extractor.norm.weight.tolist() == [7, 7, 7]
    assert not any(parameter.requires_grad for parameter in term.parameters())
    term.train()
    before = term.extractor.norm.running_mean.clone()
    term.generator(plain((1, 0.5, 0)), plain((0, 1, 0)))
    assert torch.equal(term.extractor.norm.running_mean, before), "it stays in eval mode"


def test_the_embedding_of_the_training_people_is_fitted_and_frozen():
    from efgan_kit_identity.loss import IdentityCosine

    from efgan_kit.components.datasets.drawn_faces import DrawnFaces
    from efgan_kit.components.extractors.person_net import PersonNet

    term = IdentityCosine(FACES, extractor=Maker(PersonNet, {"width": 2, "steps": 2}))
    before = {name: tensor.clone() for name, tensor in term.state_dict().items()}
    term.prepare(DrawnFaces(FACES, people=3, expressions=2), torch.Generator().manual_seed(0))
    moved = [name for name, tensor in term.state_dict().items() if not torch.equal(tensor, before[name])]
    assert "extractor.head.2.weight" in moved
    assert not term.extractor.training
    assert not any(parameter.requires_grad for parameter in term.parameters())
