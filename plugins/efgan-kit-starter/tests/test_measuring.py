"""What measures the model: figures known beforehand come out, and the card shows those of the shipped weights."""

import csv
import json
import sys
from pathlib import Path

import numpy as np
import pytest

from efgan_kit.errors import EfganError
from efgan_kit.training.exported import WEIGHTS, read_manifest

PLUGIN = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def _beside(monkeypatch):
    """The measuring modules find each other as they do when their folder is run."""
    monkeypatch.syspath_prepend(str(PLUGIN.parent / "efgan-kit-dlib"))
    monkeypatch.syspath_prepend(str(PLUGIN / "measuring"))
    yield
    for name in {path.stem for path in (PLUGIN / "measuring").glob("*.py")}:
        sys.modules.pop(name, None)


def test_the_meter_finds_a_direction_among_many_and_knows_how_well():
    from smile_meter import fit

    random = np.random.default_rng(0)
    described, labels = random.normal(size=(120, 400)), random.uniform(0, 2, size=120)
    described[:, 7] += 6 * labels
    people = [str(number // 2) for number in range(120)]
    meter = fit(described, labels, people)
    fresh, truth = random.normal(size=(50, 400)), random.uniform(0, 2, size=50)
    fresh[:, 7] += 6 * truth
    found = np.corrcoef(meter(fresh), truth)[0, 1]
    assert found > 0.6
    assert meter.correlation == pytest.approx(found, abs=0.2)


def test_a_meter_of_nothing_says_so():
    from smile_meter import fit

    random = np.random.default_rng(1)
    people = [str(number // 2) for number in range(120)]
    assert abs(fit(random.normal(size=(120, 400)), random.normal(size=120), people).correlation) < 0.3


def test_the_area_under_the_curve_counts_pairs_in_order():
    from smile_meter import area_under_curve

    assert area_under_curve(np.array([0.0, 1.0]), np.array([2.0, 3.0])) == 1
    assert area_under_curve(np.array([0.0, 2.0]), np.array([1.0, 2.0])) == 0.625


def test_similarity_is_one_for_the_same_picture_and_none_for_strangers():
    from identity import cosine, distance, levels

    neutral = [np.eye(128)[i] for i in range(3)]
    smiling = [0.8 * np.eye(128)[i] + 0.6 * np.eye(128)[i + 10] for i in range(3)]
    known = levels(neutral, smiling)
    assert known.different == pytest.approx(2**0.5)
    assert known.same == pytest.approx(0.4**0.5)
    assert known.similarity(0) == 1
    assert known.similarity(distance(neutral[0], neutral[1])) == pytest.approx(0)
    assert cosine(neutral[0], smiling[0]) == pytest.approx(0.8)


def write_labels(folder, people):
    folder.mkdir(exist_ok=True)
    points = [f"{axis}_{i}" for axis in "xy" for i in range(68)]
    with (folder / "labels.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["image", "person", "expression", "AU12_r", *points])
        for person, expressions in people.items():
            for expression in expressions:
                smile = 2.5 if expression == "smiling" else 0
                writer.writerow([f"{person}_{expression}.jpg", person, expression, smile, *range(136)])
    return folder


def test_the_people_kept_back_are_those_that_the_training_keeps_back(tmp_path):
    from people import held_back, read_people

    from efgan_kit.components.datasets.photos.split import people_who_test

    names = [f"{number:03}" for number in range(40)]
    trained, tested = held_back(read_people(write_labels(tmp_path, dict.fromkeys(names, ("neutral", "smiling")))))
    assert {person.name for person in tested} == people_who_test(names, 0.25, 0)
    assert len(trained) + len(tested) == 40
    assert (tested[0].neutral.smile, tested[0].smiling.smile) == (0, 2.5)
    assert tested[0].neutral.landmarks[1].tolist() == [1, 69]


def test_a_person_with_one_photograph_is_refused_by_name(tmp_path):
    from people import read_people

    with pytest.raises(EfganError, match="person 002 is not there both neutral and smiling"):
        read_people(write_labels(tmp_path, {"001": ("neutral", "smiling"), "002": ("neutral",)}))


def test_the_cards_tables_are_those_of_the_figures():
    from card import with_figures

    card = (PLUGIN / "README.md").read_text(encoding="utf-8")
    figures = json.loads((PLUGIN / "figures.json").read_text(encoding="utf-8"))
    assert with_figures(card, figures) == card


def test_the_figures_were_measured_with_the_weights_that_ship(starter):
    manifest = read_manifest(starter)
    model = json.loads((PLUGIN / "figures.json").read_text(encoding="utf-8"))["model"]
    assert (model["step"], model["sha256"]) == (manifest.step, manifest.files[WEIGHTS]["sha256"])
