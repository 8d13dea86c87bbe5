"""Pictures that can't be read: replaced by others, the same ones whoever reads, up to a budget."""

import pickle

import pytest
import torch

from efgan_kit.api import EfganError, FaceSample, fail
from efgan_kit.training.batches import BatchPlan, batches
from efgan_kit.training.unreadable import Forgiving

PEOPLE = ["anna"] * 3 + ["ben"] * 2 + ["carl"] + ["dora"] * 4


class Faces:
    """Faces whose picture and AUs tell their index; some can't be read."""

    names = tuple(f"{person}/{index}.png" for index, person in enumerate(PEOPLE))
    people = PEOPLE
    pairs = ()
    root = "faces"

    def __init__(self, *broken):
        self.broken = broken

    def __len__(self):
        return len(PEOPLE)

    def __getitem__(self, index):
        if index in self.broken:
            raise fail(self.names[index], "is not a readable picture")
        image = torch.full((3, 4, 4), index, dtype=torch.uint8)
        return FaceSample(image, torch.zeros(68, 2), torch.full((1,), index / 10))


def forgiving(*broken, most=5, seed=0):
    return Forgiving(Faces(*broken), most=most, seed=seed)


def shown(sample):
    """Which face a sample shows; its labels must be of the same."""
    assert sample.aus.item() == pytest.approx(sample.image[0, 0, 0].item() / 10)
    return int(sample.image[0, 0, 0])


def read(faces, workers, last=12):
    plan = BatchPlan(faces.people, batch_size=4, seed=1, paired=0.6)
    return list(batches(faces, plan, first=0, last=last, target_noise=0.1, workers=workers))


def same(one, other):
    return len(one) == len(other) and all(
        torch.equal(a[name], b[name]) for a, b in zip(one, other, strict=True) for name in a
    )


def test_where_all_can_be_read_nothing_changes():
    assert same(read(Faces(), 0), read(forgiving(), 0))
    assert forgiving().root == "faces"


def test_a_picture_of_the_same_person_stands_in_with_its_labels_and_always_the_same():
    faces = forgiving(0)
    stands_in = shown(faces[0])
    assert stands_in in (1, 2)
    assert {shown(forgiving(0)[0]) for _ in range(3)} == {stands_in}
    assert {shown(forgiving(0, seed=seed)[0]) for seed in range(20)} == {1, 2}
    assert [shown(faces[index]) for index in range(1, 10)] == list(range(1, 10))


def test_a_person_without_a_picture_that_can_be_read_is_replaced_by_one_face():
    faces = forgiving(3, 4, 5)
    assert shown(faces[3]) == shown(faces[4])
    assert shown(faces[3]) not in (3, 4, 5)
    assert shown(faces[5]) not in (3, 4, 5)


def test_a_truth_shows_the_person_of_its_source():
    for batch in read(forgiving(0, 3, 4, 6, 7), 0):
        for source, truth, paired in zip(batch["source"], batch["truth"], batch["has_truth"], strict=True):
            if paired:
                assert PEOPLE[int(source.max())] == PEOPLE[int(truth.max())]


def test_workers_give_the_same_batches_and_the_trainer_warns_of_each_picture_once(caplog):
    alone, faces = read(forgiving(0, 3, 6), 0), forgiving(0, 3, 6)
    caplog.clear()
    assert same(alone, read(faces, 2))
    assert sorted(faces.met) == [0, 3, 6]
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 3
    named = sorted(name for name in faces.names for line in said if name in line)
    assert named == ["anna/0.png", "ben/3.png", "dora/6.png"]
    assert "1 of at most 5" in said[0]


@pytest.mark.parametrize("workers", [0, 2])
def test_beyond_the_budget_the_training_stops_and_names_all(workers):
    with pytest.raises(EfganError) as caught:
        read(forgiving(0, 3, 6, most=2), workers)
    assert str(caught.value).splitlines()[-1] == (
        "train.skip_corrupt: 3 pictures can't be read, and 2 may be skipped; mend or remove them, or allow more"
    )
    assert {fault.where for fault in caught.value.faults} >= {"anna/0.png", "ben/3.png", "dora/6.png"}


def test_the_same_picture_counts_once():
    faces = forgiving(0, most=1)
    assert {shown(faces[0]) for _ in range(5)} <= {1, 2}


@pytest.mark.parametrize("workers", [0, 1])
def test_data_of_which_nothing_can_be_read_come_to_an_end(workers):
    with pytest.raises(EfganError, match="and 5 may be skipped"):
        read(forgiving(*range(10)), workers)


def test_it_reaches_workers_that_are_started_afresh():
    assert shown(pickle.loads(pickle.dumps(forgiving(0)))[0]) == shown(forgiving(0)[0])
