"""The other faces of a person, found in little room."""

import random
import time

from efgan_kit.training.batches import BatchPlan
from efgan_kit.training.mates import Mates

PEOPLE = ["ben", "anna", "ben", "carl", "anna", "ben"]


def test_a_faces_mates_are_the_persons_other_faces_in_their_order():
    mates = Mates(PEOPLE)
    assert [mates.count(face) for face in range(6)] == [2, 1, 2, 0, 1, 2]
    assert [[mates.other(face, k) for k in range(mates.count(face))] for face in range(6)] == [
        [2, 5], [4], [0, 5], [], [1], [0, 2],
    ]  # fmt: skip


def test_they_are_what_a_list_for_each_face_would_hold():
    choose = random.Random(3)
    people = [f"person {choose.randrange(40)}" for _ in range(300)]
    mates = Mates(people)
    for face, person in enumerate(people):
        listed = [other for other, whose in enumerate(people) if whose == person and other != face]
        assert [mates.other(face, k) for k in range(mates.count(face))] == listed


def test_a_plan_draws_what_it_drew_when_it_listed_all_mates():
    """Draws noted down from the plan of lists: source, target, paired, mirrored, noise seed."""
    plan = BatchPlan(["anna"] * 3 + ["ben"] * 3 + ["carl"], batch_size=4, seed=7, paired=0.7)
    drawn = [(d.source, d.target, d.paired, d.mirrored, d.noise_seed) for number in (0, 5) for d in plan[number]]
    assert drawn == NOTED


def test_a_person_of_very_many_faces_costs_no_more_than_many_people():
    began = time.perf_counter()
    plan = BatchPlan(["one"] * 200_000, batch_size=8, seed=0, paired=1.0)
    draws = plan[0]
    assert time.perf_counter() - began < 20  # lists of all mates would take 300 GB
    assert all(draw.paired and draw.source != draw.target for draw in draws)


NOTED = [
    (4, 4, False, True, 481773814),
    (5, 3, True, False, 1789087387),
    (1, 2, True, False, 1985372056),
    (0, 4, False, False, 210353489),
    (1, 2, True, True, 1310896358),
    (4, 5, True, True, 111687182),
    (0, 2, True, True, 1064694391),
    (3, 4, True, True, 670231952),
]
