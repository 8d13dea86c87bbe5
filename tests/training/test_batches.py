"""Batches: planned by number, so that any of them can be made again, by any number of workers."""

import os
import signal
import threading
import time

import pytest
import torch

from efgan_kit.api import EfganError, FaceSample, FaceSpec, au_set, fail
from efgan_kit.components.datasets.drawn_faces import DrawnFaces
from efgan_kit.faces import landmarks
from efgan_kit.training.batches import AHEAD, BatchPlan, assemble, batches, to_device

PEOPLE = ["anna"] * 3 + ["ben"] * 3 + ["carl"]


def plan(**settings):
    return BatchPlan(PEOPLE, **{"batch_size": 2, "seed": 0, **settings})


class Faces:
    """Faces whose picture and AUs tell their index."""

    names = people = PEOPLE
    pairs = ()

    def __init__(self):
        self.read = []

    def __len__(self):
        return len(PEOPLE)

    def __getitem__(self, index):
        self.read.append(index)
        image = torch.zeros(3, 8, 8, dtype=torch.uint8)
        image[:, :, 0] = index + 1
        points = torch.stack([torch.arange(68.0) % 8, torch.full((68,), 3.0)], dim=1)
        return FaceSample(image, points, torch.full((2,), (index + 2) / 10))


def test_an_epoch_shows_each_face_once_and_the_next_in_another_order():
    """Of seven faces in twos, one is left over; it is not the same one in every epoch."""
    whole = plan()
    epochs = [[draw.source for n in range(3) for draw in whole[3 * epoch + n]] for epoch in range(8)]
    assert all(len(set(epoch)) == 6 for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) == 8
    assert set().union(*epochs) == set(range(7))


def test_a_batch_larger_than_the_data_shows_faces_again():
    sources = [draw.source for draw in plan(batch_size=10)[0]]
    assert len(sources) == 10
    assert set(sources) == set(range(7))


def test_any_batch_can_be_made_again_in_any_order():
    first, second = plan(paired=0.5), plan(paired=0.5)
    forward = [first[number] for number in range(9)]
    backward = [second[number] for number in reversed(range(9))]
    assert forward == backward[::-1]
    assert plan(seed=1)[0] != plan()[0]


def test_paired_draws_are_another_picture_of_the_same_person():
    draws = [draw for number in range(60) for draw in plan(paired=1.0)[number]]
    for draw in draws:
        assert draw.paired == (draw.source != 6), "only carl has no other picture"
        if draw.paired:
            assert PEOPLE[draw.source] == PEOPLE[draw.target]
            assert draw.source != draw.target


def test_the_share_of_pairs_moves_neither_order_nor_flips_nor_unpaired_targets():
    half, none = plan(paired=0.5), plan(paired=0.0)
    for number in range(20):
        for some, never in zip(half[number], none[number], strict=True):
            assert (some.source, some.mirrored, some.noise_seed) == (
                never.source,
                never.mirrored,
                never.noise_seed,
            )
            assert some.paired or some.target == never.target
            assert not never.paired


def test_half_of_the_faces_are_mirrored_unless_the_recipe_says_none():
    flips = [draw.mirrored for number in range(300) for draw in plan()[number]]
    assert 0.4 < sum(flips) / len(flips) < 0.6
    assert not any(draw.mirrored for number in range(50) for draw in plan(mirror=False)[number])


def test_a_mirrored_face_has_mirrored_pixels_and_landmarks_and_the_same_aus():
    draws = [draw for number in range(20) for draw in plan(paired=1.0)[number]]
    mirrored = next(draw for draw in draws if draw.mirrored and draw.paired)
    faces = Faces()
    batch = assemble(faces, [mirrored], 0.1)
    own, truth = faces[mirrored.source], faces[mirrored.target]
    assert torch.equal(batch["source"][0], own.image.flip(-1))
    assert torch.equal(batch["truth"][0], truth.image.flip(-1))
    assert torch.equal(batch["landmarks"][0], landmarks.mirror(own.landmarks, 8))
    assert torch.equal(batch["source_aus"][0], own.aus)


def test_a_paired_target_is_the_truths_own_and_an_unpaired_one_has_bounded_noise():
    faces = Faces()
    for number in range(30):
        draws = plan(paired=0.5)[number]
        batch = assemble(faces, draws, 0.1)
        assert batch["truth_share"].sum() == pytest.approx(float(any(draw.paired for draw in draws)))
        assert torch.equal(batch["truth_share"] > 0, batch["has_truth"] > 0)
        for row, draw in enumerate(draws):
            wanted, given = faces[draw.target].aus, batch["target_aus"][row]
            assert batch["has_truth"][row] == draw.paired
            if draw.paired:
                assert torch.equal(given, wanted)
            else:
                assert torch.equal(batch["truth"][row], batch["source"][row])
                assert 0 < (given - wanted).abs().max() <= 0.1 + 1e-6
                assert given.min() >= 0
                assert given.max() <= 1


def test_each_face_of_a_batch_is_read_once():
    faces = Faces()
    draws = plan(paired=1.0, batch_size=6)[0]
    assemble(faces, draws, 0.1)
    assert len(faces.read) == len(set(faces.read))


class Measured(Faces):
    """Faces whose AUs are known without a picture, as a photo folder's are."""

    au_vectors = torch.tensor([[(index + 2) / 10] * 2 for index in range(len(PEOPLE))])


def test_a_picture_is_not_read_for_aus_that_are_known_and_the_batch_is_the_same():
    looked, knew = Faces(), Measured()
    for number in range(20):
        draws = plan(paired=0.5)[number]
        one, other = assemble(looked, draws, 0.1), assemble(knew, draws, 0.1)
        assert all(torch.equal(one[name], other[name]) for name in one)
        seen = {draw.source for draw in draws} | {draw.target for draw in draws if draw.paired}
        assert set(knew.read) == seen
        knew.read.clear()
    assert len(set(looked.read)) == len(PEOPLE)


def test_the_next_batches_are_read_while_the_caller_works():
    faces, chosen = Faces(), plan(batch_size=1)
    reader = batches(faces, chosen, first=0, last=100, target_noise=0.0, workers=0)
    next(reader)
    ready = AHEAD + 1
    wanted = {draw.source for number in range(ready) for draw in chosen[number]}
    patience = time.monotonic() + 10
    while not wanted <= set(faces.read) and time.monotonic() < patience:
        time.sleep(0.01)  # this is the caller's work
    assert wanted <= set(faces.read)
    reader.close()
    read = len(faces.read)
    time.sleep(0.05)
    assert len(faces.read) == read <= 2 * ready
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("batches")]


def test_a_fault_is_told_when_its_batch_is_asked_for():
    """Not when a thread comes upon it, steps before."""

    class Late(Faces):
        def __getitem__(self, index):
            if self.read.count(index):
                raise fail("photos/3.jpg", "was there a moment ago")
            return super().__getitem__(index)

    chosen = plan(batch_size=7, paired=0.0)
    reader = batches(Late(), chosen, first=0, last=9, target_noise=0.0, workers=0)
    assert len(next(reader)["source"]) == 7
    with pytest.raises(EfganError, match="a moment ago"):
        next(reader)


def test_pictures_reach_the_graph_as_numbers_from_minus_1_to_1():
    batch = assemble(Faces(), plan()[0], 0.0)
    moved = to_device(batch, torch.device("cpu"), True)
    assert torch.allclose((moved["source"] + 1) * 127.5, batch["source"].float(), atol=1e-4)
    assert moved["source"].is_contiguous(memory_format=torch.channels_last)
    assert to_device(batch, torch.device("cpu"), False)["truth"].is_contiguous()


def test_the_number_of_workers_changes_no_batch():
    spec = FaceSpec(32, au_set(["AU12", "AU25"]))

    def read(workers):
        faces = DrawnFaces(spec, people=3, expressions=2)
        chosen = BatchPlan(faces.people, batch_size=2, seed=3, paired=0.5)
        return list(batches(faces, chosen, first=1, last=6, target_noise=0.1, workers=workers))

    alone, helped = read(0), read(2)
    assert len(alone) == len(helped) == 5
    for one, other in zip(alone, helped, strict=True):
        assert one.keys() == other.keys()
        assert all(torch.equal(one[name], other[name]) for name in one)


class Faulty(Faces):
    def __getitem__(self, index):
        raise fail("photos/3.jpg", "is no picture", "remove it")


@pytest.mark.parametrize("workers", [0, 1])
def test_a_fault_of_the_data_is_told_the_same_from_a_worker(workers):
    with pytest.raises(EfganError) as caught:
        list(batches(Faulty(), plan(), first=0, last=2, target_noise=0.1, workers=workers))
    assert str(caught.value) == "photos/3.jpg: is no picture; remove it"


class Interrupting(Faces):
    def __getitem__(self, index):
        os.kill(os.getpid(), signal.SIGINT)
        return super().__getitem__(index)


def test_workers_leave_ctrl_c_to_the_trainer():
    found = list(batches(Interrupting(), plan(), first=0, last=3, target_noise=0.1, workers=1))
    assert len(found) == 3
