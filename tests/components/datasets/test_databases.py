"""RaFD and CFEE as folders of files: what is used, who tests, which pairs, and what is refused."""

import csv
import logging

import pytest
import torch

from efgan_kit.api import FaceDataset, FaceSpec, au_set
from efgan_kit.components.datasets.cfee import CODES, cfee
from efgan_kit.components.datasets.photo_folder import PhotoFolder
from efgan_kit.components.datasets.photos.split import people_who_test
from efgan_kit.components.datasets.rafd import rafd
from efgan_kit.errors import EfganError

FACES = FaceSpec(48, au_set("openface-17"))
MODELS = ("01_Caucasian_female", "05_Caucasian_male", "29_Moroccan_male", "63_Kid_female", "64_Kid_female")
EXPRESSIONS = ("angry", "happy", "neutral")
FRONTAL = [f"Rafd090_{model}_{expression}_frontal.jpg" for model in MODELS for expression in EXPRESSIONS]
OTHER = [
    *(f"Rafd000_{MODELS[0]}_{expression}_frontal.jpg" for expression in EXPRESSIONS),
    *(f"Rafd090_{MODELS[0]}_{expression}_left.jpg" for expression in EXPRESSIONS),
]
COMPOUND = [
    f"CFEE_Database_230/{folder}/{code:02d}_{person}_{number}.jpg"
    for number, person in enumerate((110, 126, 339), 2550)
    for folder, codes in (("01-04/Images1", (1, 2, 3, 4)), ("09-12/Images3", (9, 11)))
    for code in codes
]
SETS = [pytest.param(rafd, FRONTAL + OTHER, id="rafd"), pytest.param(cfee, COMPOUND, id="cfee")]


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("EFGAN_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture
def root(tmp_path, write_database):
    return write_database(tmp_path / "RaFD", FRONTAL + OTHER, labels="openface")


def names_of(pairs, dataset):
    return [(dataset.names[source], dataset.names[truth]) for source, truth in pairs]


def test_frontal_pictures_with_frontal_gaze_are_used_and_people_are_models(root):
    dataset = rafd(FACES, root=str(root))
    assert isinstance(dataset, FaceDataset)
    assert list(dataset.names) == sorted(FRONTAL)
    assert list(dataset.people) == [name[8:10] for name in sorted(FRONTAL)]
    assert dataset.warnings == ()
    source, truth = names_of(dataset.pairs, dataset)[0]
    assert (source, truth) == (FRONTAL[2], FRONTAL[0])
    assert len(dataset.pairs) == 2 * len(MODELS)


def test_other_cameras_and_gazes_may_be_asked_for(root):
    dataset = rafd(FACES, root=str(root), cameras=(0, 90), gazes=("left", "frontal"))
    assert sorted(dataset.names) == sorted(FRONTAL + OTHER)
    assert len(dataset.pairs) == 2 * (len(MODELS) + 2)
    assert list(rafd(FACES, root=str(root), cameras=(0,)).names) == sorted(OTHER[:3])


def test_the_faces_are_a_photo_folders(root, tmp_path, write_database):
    plain = PhotoFolder(FACES, root=str(write_database(tmp_path / "plain", FRONTAL, labels="openface")))
    dataset = rafd(FACES, root=str(root))
    assert (list(dataset.names), dataset.framing) == (list(plain.names), plain.framing)
    for index in range(len(plain)):
        assert all(torch.equal(one, two) for one, two in zip(dataset[index], plain[index], strict=True))


def test_pictures_that_are_not_chosen_need_neither_labels_nor_health(root):
    for name in OTHER:
        (root / name).write_bytes(b"no picture")
    (root / "openface" / OTHER[0]).with_suffix(".csv").write_text("nonsense")
    (root / "openface" / OTHER[1]).with_suffix(".csv").unlink()
    assert len(rafd(FACES, root=str(root))) == len(FRONTAL)
    with pytest.raises(EfganError, match="is not a readable picture"):
        rafd(FACES, root=str(root), gazes=("left",))


def test_lines_of_labels_csv_about_other_pictures_are_passed_over(tmp_path, write_database):
    root = write_database(tmp_path / "RaFD", FRONTAL + OTHER, labels="labels.csv")
    for name in OTHER:
        (root / name).write_bytes(b"no picture")
    assert list(rafd(FACES, root=str(root)).names) == FRONTAL
    (root / OTHER[0]).unlink()  # one that is not there cannot be passed over
    with pytest.raises(EfganError, match=f"labels.csv:17: image: there is no picture '{OTHER[0][:37]}"):
        rafd(FACES, root=str(root))


def test_the_column_person_and_pairs_csv_do_not_count(tmp_path, write_database):
    root = write_database(tmp_path / "RaFD", FRONTAL, labels="labels.csv")
    with (root / "labels.csv").open(newline="") as file:
        rows = [{**row, "person": "somebody"} for row in csv.DictReader(file)]
    with (root / "labels.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    (root / "pairs.csv").write_text("source,truth\nnone.jpg,none.jpg\n")
    dataset = rafd(FACES, root=str(root))
    assert sorted(set(dataset.people)) == ["01", "05", "29", "63", "64"]
    assert len(dataset.pairs) == 2 * len(MODELS)


def test_a_person_whose_neutral_face_openface_missed_is_in_no_pair(root):
    path = (root / "openface" / FRONTAL[2]).with_suffix(".csv")
    path.write_text(path.read_text().replace("0.975", "0.1"))
    dataset = rafd(FACES, root=str(root))
    assert len(dataset) == len(FRONTAL) - 1
    assert {dataset.people[source] for source, _ in dataset.pairs} == {"05", "29", "63", "64"}
    assert any("no neutral picture" in str(warning) for warning in dataset.warnings)


def test_cfee_reads_codes_and_people(tmp_path, write_database):
    root = write_database(tmp_path / "CFEE", COMPOUND, labels="processed")
    dataset = cfee(FACES, root=str(root))
    assert sorted(dataset.names) == sorted(COMPOUND)
    assert sorted(set(dataset.people)) == ["110", "126", "339"]
    assert len(dataset.pairs) == 3 * 5
    assert all("/01_" in source for source, _ in names_of(dataset.pairs, dataset))
    chosen = cfee(FACES, root=str(root), codes=(1, 3, 9), expressions=("neutral", "sad"))
    assert {name.rpartition("/")[2][:2] for name in chosen.names} == {"01", "03"}
    assert {CODES[int(name.rpartition("/")[2][:2])] for name in chosen.names} == {"neutral", "sad"}


@pytest.mark.parametrize(("database", "names"), SETS)
@pytest.mark.parametrize("seed", range(5))
def test_the_split_never_mixes_a_person(database, names, seed, tmp_path, write_database):
    root = str(write_database(tmp_path / "set", names, labels="of"))
    whole = database(FACES, root=root)
    train, test = (database(FACES, root=root, split=s, seed=seed, test_share=0.3) for s in ("train", "test"))
    assert set(test.people) == people_who_test(whole.people, 0.3, seed)
    assert set(train.people).isdisjoint(test.people)
    assert sorted([*train.names, *test.names]) == sorted(whole.names)
    for part in (train, test):
        assert part.pairs
        assert all(part.people[source] == part.people[truth] for source, truth in part.pairs)
    assert len(train.pairs) + len(test.pairs) == len(whole.pairs)


def test_folders_of_expressions_are_read_by_a_pattern(tmp_path, write_database):
    names = [f"{e}/{person:03d}.png" for person in (1, 2) for e in ("angry", "neutral")]
    root = write_database(tmp_path / "set", names, labels="labels.csv")
    dataset = rafd(FACES, root=str(root), pattern=r"(?P<expression>[a-z]+)/(?P<person>\d+)$")
    assert list(dataset.people) == ["001", "001", "002", "002"]
    assert names_of(dataset.pairs, dataset)[0] == ("neutral/001.png", "angry/001.png")


def refused(database, **keys):
    with pytest.raises(EfganError) as raised:
        database(FACES, **keys)
    return str(raised.value)


def test_what_is_wrong_is_said_once_with_the_way_out(root, tmp_path, write_database):
    here = str(root)
    assert refused(cfee, root=here).startswith(f"{sorted(FRONTAL + OTHER)[0]} and 20 more: is not named as CFEE's")
    assert "did you mean 'happy'?" in refused(rafd, root=here, expressions=("hapy",))
    profile = str(write_database(tmp_path / "profile", OTHER[:3]))
    assert refused(rafd, root=profile) == (
        f"{profile}: none of RaFD's 3 pictures here is chosen: camera is 0, not 90;"
        " choose others in the recipe, or add those pictures"
    )
    bare = str(write_database(tmp_path / "bare", FRONTAL, labels=""))
    assert refused(rafd, root=bare) == (
        f"{bare}: the folder has no labels; write labels.csv, or run OpenFace's FaceLandmarkImg on the pictures"
    )
    elsewhere = write_database(tmp_path / "elsewhere", FRONTAL[:2] + OTHER, labels="labels.csv")
    write_database(tmp_path / "elsewhere", FRONTAL[2:], labels="")
    lines = (elsewhere / "labels.csv").read_text().splitlines()
    (elsewhere / "labels.csv").write_text("\n".join(line for line in lines if "frontal" not in line or "000" in line))
    assert refused(rafd, root=str(elsewhere)) == (
        f"{elsewhere}: none of the 15 pictures that are used has labels; run OpenFace's FaceLandmarkImg on them"
    )
    (tmp_path / "empty").mkdir()
    assert "there are no pictures in the folder" in refused(cfee, root=str(tmp_path / "empty"))
    assert "there is no such folder" in refused(cfee, root=str(tmp_path / "nowhere"))


def test_one_person_cannot_be_split(tmp_path, write_database):
    root = str(write_database(tmp_path / "set", FRONTAL[:3]))
    assert "at least two people" in refused(rafd, root=root, split="test")


def test_pictures_without_labels_are_warned_of(root, caplog):
    (root / "openface" / FRONTAL[0]).with_suffix(".csv").unlink()
    with caplog.at_level(logging.WARNING):
        dataset = rafd(FACES, root=str(root), split="all")
    assert len(dataset) == len(FRONTAL) - 1
    assert f"{FRONTAL[0]}: has no labels: not used" in caplog.text
