import pickle

import numpy as np
import pytest
import torch

pytest.importorskip("embreex")
from efgan_kit_ict.dataset import IctFaces, Studio

from efgan_kit.api import EfganError, FaceDataset, FaceSpec, au_set
from efgan_kit.faces.aus import AUSet

SPEC = FaceSpec(32, au_set("openface-17"))


@pytest.fixture
def faces(model_file):
    return IctFaces(SPEC, model=str(model_file), people=2, expressions=3)


def test_it_keeps_the_contract_of_a_face_dataset(faces):
    assert isinstance(faces, FaceDataset)
    assert len(faces) == len(faces.names) == len(set(faces.names)) == len(faces.people) == 6
    assert (faces.names[4], faces.people[4]) == ("i00001_1", "i00001")
    face = faces[4]
    assert (face.image.dtype, tuple(face.image.shape)) == (torch.uint8, (3, 32, 32))
    assert (face.landmarks.dtype, tuple(face.landmarks.shape)) == (torch.float32, (68, 2))
    assert torch.equal(face.aus, faces.au_vectors[4])
    assert 0 <= float(faces.au_vectors.min()) <= float(faces.au_vectors.max()) <= 1
    assert face.image.float().std() > 5, "there is a picture"


def test_the_truth_of_a_pair_is_the_source_rendered_under_the_truths_units(faces):
    assert faces.pairs == [(0, 1), (1, 2), (2, 0), (3, 4), (4, 5), (5, 3)]
    for source, truth in faces.pairs[2:4]:
        rendered = faces.truth(source, faces[truth].aus)
        assert torch.equal(rendered.image, faces[truth].image)
        assert torch.equal(rendered.landmarks, faces[truth].landmarks)


def test_what_is_kept_is_not_rendered_again(faces, model_file, monkeypatch):
    before = faces[5]
    monkeypatch.setattr(Studio, "render", None)
    again = IctFaces(SPEC, model=str(model_file), people=2, expressions=3)
    assert torch.equal(again[5].image, before.image)
    assert torch.equal(pickle.loads(pickle.dumps(again))[5].image, before.image)


def test_a_file_cut_short_is_rendered_again(faces, model_file):
    before = faces[0].image.clone()
    path = faces.studio.folder / "000000.npy"
    path.write_bytes(path.read_bytes()[:500])
    again = IctFaces(SPEC, model=str(model_file), people=2, expressions=3)
    assert torch.equal(again[0].image, before)
    assert sorted(file.name for file in faces.studio.folder.iterdir()) == ["000000.npy", "000001.npy"]


def test_another_size_seed_or_group_is_kept_elsewhere_and_shows_other_people(faces, model_file):
    def other(spec=SPEC, **changes):
        return IctFaces(spec, model=str(model_file), people=2, expressions=3, **changes)

    folders = {faces.studio.folder}
    for changed in (other(FaceSpec(48, SPEC.aus)), other(seed=1), other(group="test"), other(shots=2)):
        folders.add(changed.studio.folder)
    assert len(folders) == 5
    assert not np.array_equal(other(group="test").studio.person(0, 0).identity, faces.studio.person(0, 0).identity)
    assert not torch.equal(other(seed=1).au_vectors, faces.au_vectors)


def test_the_first_people_of_many_are_those_of_few(faces, model_file):
    many = IctFaces(SPEC, model=str(model_file), people=3, expressions=3)
    assert torch.equal(many[1].image, faces[1].image)


def test_pictures_of_two_shots_are_not_paired(model_file):
    faces = IctFaces(SPEC, model=str(model_file), people=1, expressions=5, shots=2)
    assert faces.people == ["i00000-0"] * 3 + ["i00000-1"] * 2
    assert faces.pairs == [(0, 1), (1, 2), (2, 0), (3, 4), (4, 3)]
    first, second = (faces.studio.person(0, shot) for shot in (0, 1))
    assert np.array_equal(first.identity, second.identity)
    assert first.shot.backdrop != second.shot.backdrop


def test_an_au_set_chooses_its_columns(model_file):
    some = AUSet("some", ("AU12", "AU01"))
    faces = IctFaces(FaceSpec(32, some), model=str(model_file), people=1, expressions=3)
    everything = IctFaces(SPEC, model=str(model_file), people=1, expressions=3)
    assert torch.equal(faces[0].aus, everything[0].aus[[SPEC.aus.names.index(name) for name in some.names]])
    assert torch.equal(faces.truth(0, faces[0].aus).image, everything[0].image), "the other units stay"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"people": 0}, "people: 0 is less than 1"),
        ({"shots": 0}, "shots: 0 is less than 1"),
        ({"model": "/nowhere/ict.npz"}, "cannot be read: No such file"),
        ({"model": __file__}, "is not a packed ICT-FaceKit model"),
    ],
)
def test_bad_input_gets_one_clear_message(model_file, changes, words):
    with pytest.raises(EfganError) as error:
        IctFaces(SPEC, **{"model": str(model_file), **changes})
    assert words in str(error.value)


def test_a_missing_model_says_how_to_get_one():
    with pytest.raises(EfganError, match=r"github.com/ICT-VGL/ICT-FaceKit.*efgan_kit_ict.pack"):
        IctFaces(SPEC, model="/nowhere/ict.npz")


def test_an_npz_of_something_else_is_named(tmp_path):
    np.savez(tmp_path / "other.npz", neutral=np.zeros(3))
    with pytest.raises(EfganError, match="has no array faces, uvfaces"):
        IctFaces(SPEC, model=str(tmp_path / "other.npz"))


def test_units_that_cannot_be_rendered_are_refused(model_file):
    with pytest.raises(EfganError, match="AU28: this action unit can't be rendered"):
        IctFaces(FaceSpec(32, AUSet("other", ("AU12", "AU28"))), model=str(model_file))


def test_a_folder_that_cannot_be_written_is_named(model_file, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("EFGAN_CACHE_DIR", str(tmp_path / "file"))
    with pytest.raises(EfganError, match=r"cannot be written.*EFGAN_CACHE_DIR"):
        IctFaces(SPEC, model=str(model_file), people=1, expressions=1)[0]


@pytest.mark.proof
def test_two_processes_render_what_one_does(faces, model_file, tmp_path, monkeypatch):
    alone = faces[5].image
    monkeypatch.setenv("EFGAN_CACHE_DIR", str(tmp_path))
    together = IctFaces(SPEC, model=str(model_file), people=2, expressions=3, processes=2)
    assert torch.equal(together[5].image, alone)
