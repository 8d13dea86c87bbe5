"""What a step waits for its batch is told apart from what it computes."""

import json
import time

import pytest

from efgan_kit.bench.waiting import measure_waiting
from efgan_kit.components.datasets.drawn_faces import DrawnFaces
from efgan_kit.recipe import load_recipe

TINY = [
    "faces.size=32", "faces.regions.eyes=[12,24]", "faces.regions.nose=[12,16]", "faces.regions.mouth=[16,20]",
    "data.train.people=2", "data.train.expressions=2", "data.test.people=1", "train.batch_size=2",
    "graph.generator.width=4", "graph.generator.per_region=null",
    "graph.discriminators.initial.width=4", "graph.discriminators.final.width=4", "train.precision=fp32",
]  # fmt: skip
SLOW = 0.2


@pytest.fixture
def recipe():
    return load_recipe("quickstart", overrides=TINY)


def test_every_number_of_workers_is_measured(recipe):
    told = []
    settings = {"steps": 2, "rounds": 1, "progress": lambda *done: told.append(done)}
    found = measure_waiting(recipe, device="cpu", workers=(0, 1), **settings)
    assert [one.workers for one in found] == [0, 1]
    for one in found:
        assert 0 <= one.waited <= one.longest
        assert one.step > 0
        assert one.to_plain()["share"] == pytest.approx(one.waited / (one.waited + one.step))
    assert json.dumps([one.to_plain() for one in found])
    assert told[-1] == (4, 4)


def test_slow_reading_is_seen_as_waiting(recipe, monkeypatch):
    """Of two batches, each a fifth of a second late, none is there when a much shorter step asks for it."""
    original = DrawnFaces.__getitem__

    def late(self, index):
        time.sleep(SLOW)
        return original(self, index)

    quick = measure_waiting(recipe, device="cpu", workers=(0,), steps=2, rounds=1)[0]
    monkeypatch.setattr(DrawnFaces, "__getitem__", late)
    monkeypatch.setattr("efgan_kit.training.step.Training.take_step", lambda *given: None)
    slow = measure_waiting(recipe, device="cpu", workers=(0,), steps=2, rounds=1)[0]
    assert slow.waited > 2 * SLOW * 0.9
    assert slow.step < SLOW
    assert quick.waited < SLOW
