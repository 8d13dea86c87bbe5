"""Shards against the photo folder they were packed from, webdataset's own reader, and values by hand."""

import os
import pickle

import numpy as np
import pytest
import torch

pytest.importorskip("webdataset")
from efgan_kit_shards.dataset import Shards
from efgan_kit_shards.packing import Named, write_shards
from shard_forgery import POINTS, labels, picture

from efgan_kit.api import EfganError, FaceSpec, au_set
from efgan_kit.components.datasets.photo_folder import PhotoFolder
from efgan_kit.testing.conformance import Subject, examine
from efgan_kit.training.batches import BatchPlan, batches

SPEC = FaceSpec(64, au_set("openface-17"))
SMALL = FaceSpec(64, au_set(["AU12"]))


@pytest.fixture
def packed(photos, tmp_path):
    """The photo folder, and the shards of it."""
    folder = PhotoFolder(SPEC, root=str(photos))
    write_shards(Named(folder, SPEC.aus.names), tmp_path / "shards", per_shard=5)
    return folder, tmp_path / "shards"


def test_it_keeps_the_contract_of_data_sets(tmp_path):
    examine(Subject("dataset", Shards, Shards.example(tmp_path)))


def test_faces_are_the_photo_folders_to_the_bit(packed):
    folder, root = packed
    shards = Shards(SPEC, root=str(root))
    assert len(list(root.glob("*.tar"))) == 4
    assert (list(shards.people), list(shards.pairs)) == (list(folder.people), list(folder.pairs))
    assert torch.equal(shards.au_vectors, folder.au_vectors)
    for index in range(len(folder)):
        assert all(torch.equal(a, b) for a, b in zip(folder[index], shards[index], strict=True))


def test_people_split_as_the_photo_folders_do(packed, photos):
    _, root = packed
    for split in ("train", "test"):
        folder = PhotoFolder(SPEC, root=str(photos), split=split, test_share=0.4, seed=2)
        shards = Shards(SPEC, root=str(root), split=split, test_share=0.4, seed=2)
        assert (list(shards.people), list(shards.pairs)) == (list(folder.people), list(folder.pairs))
        assert torch.equal(shards[1].image, folder[1].image)
        assert torch.equal(shards[1].aus, folder[1].aus)


def test_any_number_of_workers_gives_the_batches_of_the_folder_from_any_place(packed):
    folder, root = packed

    def read(faces, workers):
        plan = BatchPlan(faces.people, batch_size=3, seed=5, paired=0.5)
        return list(batches(faces, plan, first=4, last=9, target_noise=0.1, workers=workers))

    expected = read(folder, 0)
    for workers in (0, 2):
        found = read(Shards(SPEC, root=str(root)), workers)
        assert all(torch.equal(a[name], b[name]) for a, b in zip(expected, found, strict=True) for name in a)


def test_webdataset_reads_the_same_pictures(packed):
    import webdataset

    folder, root = packed
    urls = [str(path) for path in sorted(root.glob("*.tar"))]
    seen = list(webdataset.WebDataset(urls, shardshuffle=False, empty_check=False).decode("rgb8"))
    assert len(seen) == len(folder)
    for index, sample in enumerate(seen):
        assert np.array_equal(sample["png"], folder[index].image.permute(1, 2, 0).numpy())
        assert sample["json"]["person"] == folder.people[index]
        assert sample["json"]["aus"]["AU12"] == folder[index].aus[SPEC.aus.names.index("AU12")].item()


def test_shards_that_others_wrote(forge):
    """JPEG and WebP, OpenFace's intensities, names with folders and dots, other files between, no person."""
    nobody = labels(aus={"AU12_r": 4, "AU45": 0.1}).replace(b'"person": "anna"', b'"id": 7')
    root = forge(
        ("./", b"", {"type": b"5"}),
        ("./x/one.two.txt", b"words"),
        ("./x/one.jpg", picture(90, 128, "JPEG")),
        ("./x/one.cls", b"3"),
        ("./x/one.json", labels(landmarks=[[2 * x + 0.5, 2 * y + 0.5] for x, y in POINTS])),
        ("b.json", nobody),
        ("b.WEBP", picture(30, 64, "WEBP", lossless=True)),
    )
    faces = Shards(SMALL, root=str(root))
    assert list(faces.names) == ["a/x/one", "a/b"]
    assert list(faces.people) == ["anna", "a/b"]
    assert faces.au_vectors.flatten().tolist() == pytest.approx([0.5, 0.8])
    assert torch.allclose(faces[0].landmarks, torch.tensor(POINTS, dtype=torch.float32))
    assert faces[0].image.shape == (3, 64, 64)
    assert abs(int(faces[0].image[0, 30, 30]) - 90) <= 1
    assert faces[1].image.unique().tolist() == [30]
    assert faces.names[-1] == "a/b"
    with pytest.raises(IndexError):
        faces[2]


def test_the_index_is_made_once_for_a_content(packed, monkeypatch, tmp_path):
    _, root = packed
    first = Shards(SPEC, root=str(root))
    monkeypatch.setattr("efgan_kit_shards.remembering.read_index", None)  # to be called, it would fail
    assert list(Shards(SPEC, root=str(root)).names) == list(first.names)
    os.utime(root / "shard-000000.tar", (1, 1))
    (root / "shard-000001.tar").rename(root / "shard-000009.tar")
    moved = Shards(SPEC, root=str(root.rename(tmp_path / "elsewhere")))
    assert sorted(moved.people) == sorted(first.people)


def test_a_shard_that_changed_is_read_again(forge):
    root = forge(("a.json", labels()), ("a.png", picture()))
    assert Shards(SMALL, root=str(root)).au_vectors.item() == 0.5
    forge(("a.json", labels(aus={"AU12": 0.25})), ("a.png", picture()))
    assert Shards(SMALL, root=str(root)).au_vectors.item() == 0.25


def test_damaged_memory_is_as_good_as_none(forge, tmp_path):
    root = forge(("a.json", labels()), ("a.png", picture()))
    Shards(SMALL, root=str(root))
    for file in (tmp_path / "cache").rglob("*.*"):
        file.write_bytes(file.read_bytes()[:40])
    assert len(Shards(SMALL, root=str(root))) == 1


def test_it_can_be_sent_to_another_process(packed):
    _, root = packed
    faces = Shards(SPEC, root=str(root))
    before = faces[3]
    assert torch.equal(pickle.loads(pickle.dumps(faces))[3].image, before.image)


def test_an_au_that_not_every_face_has_is_refused(forge):
    both = labels(aus={"AU01": 0.1, "AU12": 0})
    root = forge(("a.json", labels()), ("a.png", picture()), ("b.json", both), ("b.png", picture()))
    assert len(Shards(SMALL, root=str(root))) == 2
    with pytest.raises(EfganError, match=r"faces of it have no AU01; every face has AU12$"):
        Shards(FaceSpec(64, au_set(["AU01", "AU12"])), root=str(root))
