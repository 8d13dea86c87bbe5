"""A face from the cache is the face that would be decoded or drawn, to the bit; else it is decoded or drawn."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch.utils.data import DataLoader

from efgan_kit.api import FaceSpec, au_set
from efgan_kit.components.datasets import drawn_faces, face_cache
from efgan_kit.components.datasets.drawing.photo_folder_writer import write_photo_folder
from efgan_kit.components.datasets.drawn_faces import DrawnFaces
from efgan_kit.components.datasets.making import made_by
from efgan_kit.components.datasets.photo_folder import PhotoFolder
from efgan_kit.components.datasets.photos import decode, framing, reading

FACES = FaceSpec(32, au_set("openface-17"))
LARGE = FaceSpec(160, au_set("openface-17"))


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("EFGAN_CACHE_DIR", str(tmp_path / "cache"))


@pytest.fixture
def root(tmp_path):
    """Photographs that are reduced while they are decoded: JPEG files of five times the faces' size."""
    write_photo_folder(DrawnFaces(LARGE, people=2, expressions=2), tmp_path / "photos")
    labels = tmp_path / "photos" / "labels.csv"
    for file in (tmp_path / "photos").rglob("*.png"):
        Image.open(file).save(file.with_suffix(".jpg"), quality=90)
        file.unlink()
    for table in (labels, labels.with_name("pairs.csv")):
        table.write_text(table.read_text().replace(".png", ".jpg"))
    return tmp_path / "photos"


@pytest.fixture
def decoded(monkeypatch):
    """The names of the pictures that were decoded for their faces."""
    names = []

    def spy(path, *arguments):
        names.append(path.name)
        return original(path, *arguments)

    original = reading.read_face
    monkeypatch.setattr(reading, "read_face", spy)
    return names


def pictures(dataset):
    return torch.stack([dataset[index].image for index in range(len(dataset))])


@pytest.mark.parametrize("framed", ["whole", "face"])
def test_kept_faces_are_those_that_are_decoded(root, decoded, framed):
    expected = pictures(PhotoFolder(FACES, root=str(root), framing=framed, cache_gb=0))
    first = pictures(PhotoFolder(FACES, root=str(root), framing=framed))
    assert len(decoded) == 8
    second = pictures(PhotoFolder(FACES, root=str(root), framing=framed))
    assert len(decoded) == 8
    assert torch.equal(first, expected)
    assert torch.equal(second, expected)
    assert len({face.numpy().tobytes() for face in expected}) == 4


def test_framing_and_size_are_part_of_what_is_kept(root, decoded):
    larger = FaceSpec(48, FACES.aus)
    for faces, framed in ((FACES, "whole"), (FACES, "face"), (larger, "whole")):
        pictures(PhotoFolder(faces, root=str(root), framing=framed))
    assert len(decoded) == 12
    assert not torch.equal(*(pictures(PhotoFolder(FACES, root=str(root), framing=f)) for f in ("whole", "face")))
    assert len(decoded) == 12


def test_the_content_counts_and_not_the_place(root, decoded):
    expected = pictures(PhotoFolder(FACES, root=str(root)))
    moved = root.rename(root.with_name("elsewhere"))
    assert torch.equal(pictures(PhotoFolder(FACES, root=str(moved))), expected)
    assert len(decoded) == 4


def test_splits_and_workers_share_what_is_kept(root, decoded):
    for batch in DataLoader(_Pixels(PhotoFolder(FACES, root=str(root))), num_workers=2):
        assert batch.shape == (1, 3, 32, 32)
    assert decoded == []  # here: the workers did it
    for split in ("all", "train", "test"):
        pictures(PhotoFolder(FACES, root=str(root), split=split, test_share=0.5))
    assert decoded == []


class _Pixels:
    def __init__(self, faces):
        self.faces = faces

    def __len__(self):
        return len(self.faces)

    def __getitem__(self, index):
        return self.faces[index].image


def test_another_picture_under_the_same_name_is_decoded(root, decoded):
    before = pictures(PhotoFolder(FACES, root=str(root)))
    files = sorted(root.rglob("*.jpg"))
    Image.fromarray(255 - np.asarray(Image.open(files[0]))).save(files[0])
    after = pictures(PhotoFolder(FACES, root=str(root)))
    assert len(decoded) == 5
    assert (after[0].float() + before[0].float() - 255).abs().mean() < 8
    assert torch.equal(after[1:], before[1:])


def test_a_picture_that_changes_under_a_training_is_not_kept_as_what_it_was(root, decoded):
    dataset = PhotoFolder(FACES, root=str(root))
    file = dataset.path(0)
    original = file.read_bytes()
    file.write_bytes(dataset.path(1).read_bytes())
    assert torch.equal(dataset[0].image, dataset[1].image)
    file.write_bytes(original)
    fresh = PhotoFolder(FACES, root=str(root))
    assert not torch.equal(fresh[0].image, fresh[1].image)
    assert decoded.count(file.name) == 2


def test_what_other_code_made_is_not_taken(root, decoded, monkeypatch):
    pictures(PhotoFolder(FACES, root=str(root)))
    monkeypatch.setattr(reading, "made_by", lambda *modules: b"the next release")
    pictures(PhotoFolder(FACES, root=str(root)))
    assert len(decoded) == 8


def test_code_and_libraries_are_known_by_what_they_are(tmp_path, monkeypatch):
    known = made_by(decode, framing)
    assert made_by(decode, framing) == known
    assert made_by(framing) != known
    copy = tmp_path / "decode.py"
    copy.write_text(Path(decode.__file__).read_text() + "# another line\n")
    made_by.cache_clear()
    monkeypatch.setattr(decode, "__file__", str(copy))
    assert made_by(decode, framing) != known
    monkeypatch.undo()
    made_by.cache_clear()
    monkeypatch.setattr("PIL.__version__", "0.0")
    assert made_by(decode, framing) != known
    made_by.cache_clear()


def test_a_damaged_face_is_decoded_anew(root, decoded):
    expected = pictures(PhotoFolder(FACES, root=str(root)))
    file = face_cache.faces_folder() / "photos-32.faces"
    content = bytearray(file.read_bytes())
    content[100] ^= 1
    file.write_bytes(content)
    for _ in range(2):
        assert torch.equal(pictures(PhotoFolder(FACES, root=str(root))), expected)
    assert len(decoded) == 5


@pytest.fixture
def drawn(monkeypatch):
    """How many faces were drawn, as processes that begin with nothing in memory do."""
    counted = []

    def spy(*arguments):
        counted.append(arguments)
        return original(*arguments)

    original = drawn_faces.draw_face
    monkeypatch.setattr(drawn_faces, "draw_face", spy)
    return counted


def anew(**settings):
    drawn_faces._gallery.cache_clear()
    return DrawnFaces(FACES, **{"people": 2, "expressions": 2, **settings})


def test_faces_are_drawn_once_for_all_processes(drawn):
    first = [*anew()]
    assert len(drawn) == 4
    second = [*anew()]
    assert len(drawn) == 4
    for one, other in zip(first, second, strict=True):
        assert all(torch.equal(mine, theirs) for mine, theirs in zip(one, other, strict=True))
        assert [part.dtype for part in one] == [part.dtype for part in other]


def test_people_are_kept_apart(drawn):
    for settings in ({}, {"seed": 1}, {"group": "test"}):
        pictures(anew(**settings))
        kept = anew(**settings)
        afresh = [kept.truth(index, kept[index].aus).image for index in range(4)]
        assert torch.equal(pictures(kept), torch.stack(afresh))


def test_more_expressions_keep_the_first_ones(drawn):
    few, many = pictures(anew()), pictures(anew(expressions=3))
    assert torch.equal(few, many[[0, 1, 3, 4]])
    assert len(drawn) == 6
