import csv

import numpy as np
import pytest
import torch
from PIL import Image

from efgan_kit.api import EfganError, FaceDataset, FaceSpec, au_set
from efgan_kit.components.datasets.drawing.photo_folder_writer import write_photo_folder
from efgan_kit.components.datasets.drawn_faces import DrawnFaces
from efgan_kit.faces.aus import AUSet

SPEC = FaceSpec(size=64, aus=au_set("openface-17"))


@pytest.fixture(scope="module")
def faces():
    return DrawnFaces(SPEC, people=3, expressions=4)


def test_it_keeps_the_contract_of_a_face_dataset(faces):
    assert isinstance(faces, FaceDataset)
    assert len(faces) == len(faces.names) == len(set(faces.names)) == len(faces.people) == 12
    face = faces[5]
    assert (faces.names[5], faces.people[5]) == ("p0001_1", "p0001")
    assert (face.image.dtype, tuple(face.image.shape)) == (torch.uint8, (3, 64, 64))
    assert (face.landmarks.dtype, tuple(face.landmarks.shape)) == (torch.float32, (68, 2))
    assert (face.aus.dtype, tuple(face.aus.shape)) == (torch.float32, (17,))


def test_pairs_go_round_each_person(faces):
    assert faces.pairs[:5] == [(0, 1), (1, 2), (2, 3), (3, 0), (4, 5)]
    assert all(faces.people[source] == faces.people[truth] for source, truth in faces.pairs)
    assert DrawnFaces(SPEC, people=2, expressions=1).pairs == []


def test_the_truth_of_a_pair_is_the_source_drawn_under_the_truths_units(faces):
    for source, truth in faces.pairs[:4]:
        drawn = faces.truth(source, faces[truth].aus)
        assert torch.equal(drawn.image, faces[truth].image)
        assert torch.equal(drawn.landmarks, faces[truth].landmarks)


def test_a_face_does_not_depend_on_how_many_others_there_are_or_the_order_of_asking(faces):
    more = DrawnFaces(SPEC, people=5, expressions=4)
    for index in (7, 0, 3):
        assert torch.equal(more[index].image, faces[index].image)


def test_a_face_that_was_drawn_is_not_drawn_again(faces, monkeypatch, tmp_path):
    monkeypatch.setenv("EFGAN_CACHE_DIR", str(tmp_path))  # where no other test's are kept
    drawn = faces[2]
    monkeypatch.setattr(DrawnFaces, "_draw", None)
    assert torch.equal(DrawnFaces(SPEC, people=2, expressions=4)[2].image, drawn.image)
    with pytest.raises(TypeError):
        DrawnFaces(FaceSpec(32, SPEC.aus), people=2, expressions=4)[2]


def test_seeds_and_groups_choose_different_people(faces):
    others = [DrawnFaces(SPEC, people=3, expressions=4, **key) for key in ({"seed": 1}, {"group": "test"})]
    identities = [person.identity for dataset in (faces, *others) for person in dataset._people]
    assert len({identity.face_width for identity in identities}) == 9


def test_a_smaller_au_set_gives_its_own_columns_of_the_same_faces(faces):
    few = DrawnFaces(FaceSpec(64, AUSet("few", ("AU12", "AU01"))), people=3, expressions=4)
    assert torch.equal(few[2].image, faces[2].image)
    assert torch.equal(few[2].aus, faces[2].aus[[8, 0]])
    assert torch.equal(few.truth(2, few[2].aus).image, few[2].image)


def test_every_fault_is_named_at_once():
    with pytest.raises(EfganError) as caught:
        DrawnFaces(FaceSpec(64, AUSet("odd", ("AU12", "AU43", "AU99"))), people=0)
    message = str(caught.value)
    assert len(caught.value.faults) == 3
    for word in ("people", "AU43", "AU99"):
        assert word in message


def test_indices_outside_raise_and_negative_ones_count_from_the_end(faces):
    assert torch.equal(faces[-1].image, faces[11].image)
    with pytest.raises(IndexError):
        faces[12]


def test_a_written_photo_folder_holds_pictures_and_openface_columns(faces, tmp_path):
    write_photo_folder(faces, tmp_path / "set")
    with (tmp_path / "set/labels.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["image"] for row in rows] == [f"images/{name}.png" for name in faces.names]
    assert [row["person"] for row in rows] == list(faces.people)
    face, row = faces[6], rows[6]
    with Image.open(tmp_path / "set" / row["image"]) as picture:
        assert np.array_equal(np.asarray(picture), face.image.permute(1, 2, 0).numpy())
    intensities = [float(row[f"{name}_r"]) / 5 for name in SPEC.aus.names]
    assert intensities == pytest.approx(face.aus.tolist(), abs=1e-5)
    points = [(float(row[f"x_{i}"]), float(row[f"y_{i}"])) for i in range(68)]
    np.testing.assert_allclose(points, face.landmarks.numpy(), atol=1e-3)
    with (tmp_path / "set/pairs.csv").open(newline="") as file:
        pairs = list(csv.DictReader(file))
    assert (pairs[3]["source"], pairs[3]["truth"]) == ("images/p0000_3.png", "images/p0000_0.png")
