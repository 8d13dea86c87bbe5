"""RaFD and CFEE from the command line: checked, looked at, trained and tested on."""

import json
from pathlib import Path

import pytest
from PIL import Image

from efgan_kit.evaluation.subjects import choose_subjects
from efgan_kit.recipe import load_recipe

TINY = Path(__file__).parents[1] / "training" / "recipes" / "tiny.yaml"
PEOPLE = ("01_Caucasian_female", "05_Caucasian_male", "29_Moroccan_male", "63_Kid_female")
RAFD = [f"Rafd090_{person}_{e}_frontal.jpg" for person in PEOPLE for e in ("angry", "happy", "neutral")]
PROFILE = [f"Rafd180_{person}_neutral_frontal.jpg" for person in PEOPLE]


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("EFGAN_CACHE_DIR", str(tmp_path / "cache"))


@pytest.fixture(scope="module")
def root(tmp_path_factory, write_database):
    return write_database(tmp_path_factory.mktemp("sets") / "RaFD", RAFD + PROFILE, labels="openface")


def overrides(root):
    """The options of docs/replicate.md."""
    splits = (
        f"data.{split}={{use: rafd, root: {json.dumps(str(root))}, split: {split}}}" for split in ("train", "test")
    )
    return [part for override in splits for part in ("-o", override)]


def test_check_says_who_is_in_the_folder(root, efgan):
    answer = efgan("data", "check", root, "--use", "rafd", "--json")
    assert (answer.code, answer.err) == (0, "")
    report = json.loads(answer.out)
    assert (report["faces"], report["people"], report["pairs"]) == (12, 4, 8)
    assert sum(split["people"] for split in report["split"].values()) == 4
    as_photos = json.loads(efgan("data", "check", root, "--json").out)
    assert (as_photos["faces"], as_photos["people"]) == (16, 16)


def test_check_refuses_a_folder_of_profiles(tmp_path, write_database, efgan):
    answer = efgan("data", "check", write_database(tmp_path / "profiles", PROFILE), "--use", "rafd")
    assert (answer.code, answer.out) == (2, "")
    assert "camera is 180, not 90" in answer.err
    assert "Traceback" not in answer.err


def test_preview_shows_the_chosen_faces(root, tmp_path, efgan):
    answer = efgan("data", "preview", root, "--use", "rafd", "--out", tmp_path / "sheet.png")
    assert (answer.code, answer.err) == (0, "")
    assert "12 of 12 faces" in answer.out
    assert Image.open(tmp_path / "sheet.png").width > 5 * 256


def test_the_published_recipe_takes_a_database_and_forgets_the_drawn_faces(root, efgan):
    answer = efgan("recipe", "check", "ef-gan", *overrides(root))
    assert (answer.code, answer.err) == (0, "")
    keys = ["data.train.use=rafd", f"data.train.root={root}", "data.train.split=train"]
    by_key = load_recipe("ef-gan", overrides=keys).data["train"]
    whole = load_recipe("ef-gan", overrides=overrides(root)[1::2]).data["train"]
    assert (by_key.use, dict(by_key.params)) == (whole.use, dict(whole.params))
    assert whole.params["cameras"] == (90,)
    assert not {"people", "group"} & set(whole.params)


@pytest.mark.parametrize(
    ("override", "told"),
    [
        ("data.train.cameras=[60]", "data.train.cameras.0: expected one of 0, 45, 90, 135, 180, not 60"),
        ("data.train.gazes=[up]", "expected one of 'left', 'frontal', 'right', not 'up'"),
        ("data.train.pairs=all", "expected one of 'from-neutral', 'to-neutral', 'both', not 'all'"),
        ("data.train.camera=90", "did you mean 'cameras'?"),
    ],
)
def test_choices_are_checked_with_the_recipe(root, efgan, override, told):
    answer = efgan("recipe", "check", "ef-gan", *overrides(root), "-o", override)
    assert answer.code == 2
    assert told in answer.err


def test_a_run_trains_on_some_people_and_tests_on_others(root, tmp_path, efgan):
    options = (*overrides(root), "-o", "train.steps=1", "--no-evaluate")
    answer = efgan("train", TINY, "--run", tmp_path / "run", *options)
    assert answer.code == 0, answer.err
    assert (tmp_path / "run" / "summary.json").exists()
    recipe = load_recipe(str(tmp_path / "run" / "recipe.yaml"))
    subjects = choose_subjects(recipe)
    tested = set(subjects.people)
    assert 0 < len(tested) < len(PEOPLE)
    assert subjects.has_truth
    assert all(f"_{subjects.people[0]}_" in name for name in subjects.names(0))
    # The same folder once more, as --data: nobody whom the run was trained on may test it.
    assert set(choose_subjects(recipe, data=root).people) == tested
    assert efgan("evaluate", tmp_path / "run", "--data", root, "--pairs", "pairs.csv").code == 2


def test_training_on_a_folder_of_another_set_stops_before_the_first_step(root, tmp_path, efgan):
    options = [option.replace("use: rafd", "use: cfee") for option in overrides(root)]
    answer = efgan("train", TINY, "--run", tmp_path / "run", "--no-evaluate", *options)
    assert answer.code == 2
    assert "is not named as CFEE's pictures are, such as 02_126_3963.jpg" in answer.err
    assert not (tmp_path / "run").exists()
