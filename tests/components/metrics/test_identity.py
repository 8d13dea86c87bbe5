"""Identity on embeddings made by hand, whose cosines are known."""

import math

import pytest
import torch

from efgan_kit.api import FaceSpec, Maker, au_set
from efgan_kit.components.metrics.identity import Identity

FACES = FaceSpec(32, au_set(["AU12"]))


class Corner(torch.nn.Module):
    """The first pixel's three colours for features."""

    def forward(self, pictures):
        return pictures[:, :, 0, 0]


METRIC = Identity(FACES, extractor=Maker(Corner))


def figures(edited, source, truth, person):
    return METRIC(*(torch.tensor(each) for each in (edited, source, truth, person)))


# Two people at right angles; a true picture of either is 60 degrees (cosine 0.5) from the other.
SOURCE = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
TRUTH = [[0.5, 0.0, math.sqrt(0.75)], [0.0, 0.5, math.sqrt(0.75)]]


@pytest.mark.parametrize(
    ("edited", "edit", "retained"),
    [
        (TRUTH, 0.5, 1.0),
        (SOURCE, 1.0, 2.0),
        (SOURCE[::-1], 0.0, 0.0),
        ([[0.5, 0.0, math.sqrt(0.75)], [1.0, 0.0, 0.0]], 0.25, 0.5),
    ],
    ids=["truth", "copy", "somebody else", "half of them"],
)
def test_the_edit_stands_between_different_people_and_two_pictures_of_one(edited, edit, retained):
    found = figures(edited, SOURCE, TRUTH, [0, 1])
    assert found["edit"] == pytest.approx(edit)
    assert found["same_person"] == pytest.approx(0.5)
    assert found["different_people"] == pytest.approx(0.0)
    assert found["retained"] == pytest.approx(retained)


def test_different_people_are_all_pairs_of_a_source_and_another_persons_truth():
    generator = torch.Generator().manual_seed(0)
    source, truth = torch.randn(2, 7, 5, generator=generator).unbind()
    person = torch.tensor([3, 3, 8, 9, 9, 9, 3])
    cosines = [
        torch.cosine_similarity(source[i], truth[j], dim=0).item()
        for i in range(7)
        for j in range(7)
        if person[i] != person[j]
    ]
    found = METRIC(source, source, truth, person)
    assert found["different_people"] == pytest.approx(sum(cosines) / len(cosines))


def test_lengths_of_features_do_not_matter():
    short, long = (
        figures(TRUTH, SOURCE, TRUTH, [0, 1]),
        figures([[5 * x for x in y] for y in TRUTH], SOURCE, TRUTH, [0, 1]),
    )
    assert short == pytest.approx(long)


def test_of_one_person_nothing_is_known_of_different_people():
    found = figures(SOURCE, SOURCE, TRUTH, [4, 4])
    assert found["same_person"] == pytest.approx(0.5)
    assert math.isnan(found["different_people"])
    assert math.isnan(found["retained"])


def test_features_are_those_of_the_extractor():
    pictures = torch.rand(2, 3, 4, 4)
    assert torch.equal(METRIC.edited_features(pictures), pictures[:, :, 0, 0])
    assert torch.equal(METRIC.truth_features(pictures), pictures[:, :, 0, 0])
