"""Damaged labels are refused with their lines, or read; nobody's files outside the folder are looked at."""

import csv
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from efgan_kit.api import Picture, au_set
from efgan_kit.components.datasets.photos.folder import read_folder
from efgan_kit.components.readers.pyfeat import PyFeat

from .damage import damaged, refused_or_right

UNITS = au_set("openface-17").names


@pytest.fixture(scope="module")
def folders(tmp_path_factory, write_database):
    """A folder with labels.csv, and one with the files that OpenFace writes beside pictures."""
    home = tmp_path_factory.mktemp("folders")
    names = ["a/one.png", "two.png", "three.png"]
    return {labels: write_database(home / labels, names, labels=labels) for labels in ("labels.csv", "beside")}


@pytest.mark.parametrize(("labels", "file"), [("labels.csv", "labels.csv"), ("beside", "two.csv")])
def test_damaged_labels(labels, file, folders, fuzzed, tmp_path):
    root = tmp_path / "folder"
    shutil.copytree(folders[labels], root)
    whole = (root / file).read_bytes()

    @fuzzed
    @given(damaged(whole))
    def holds(data):
        (root / file).write_bytes(data)
        folder = refused_or_right(lambda: read_folder(root, UNITS))
        for photo in folder.photos if folder else ():
            assert (root / photo.name).resolve().is_relative_to(root.resolve())
            assert np.isfinite(photo.landmarks).all()
            assert ((photo.aus >= 0) & (photo.aus <= 1)).all()

    holds()


@pytest.mark.parametrize(
    "name", ["../../outside.png", "/etc/passwd", "..\\outside.png", "C:\\outside.png", "a/../../outside.png"]
)
def test_labels_that_lead_out_of_the_folder(name, folders, tmp_path):
    root = tmp_path / "folder"
    shutil.copytree(folders["labels.csv"], root)
    shutil.copy(root / "two.png", tmp_path / "outside.png")
    with (root / "labels.csv").open(newline="") as file:
        header, first, *rest = csv.reader(file)
    with (root / "labels.csv").open("w", newline="") as file:
        csv.writer(file).writerows([header, [name, *first[1:]], *rest])
    assert refused_or_right(lambda: read_folder(root, UNITS)) is None


def test_damaged_pairs(folders, fuzzed, tmp_path):
    root = tmp_path / "folder"
    shutil.copytree(folders["labels.csv"], root)
    whole = b"source,truth\na/one.png,two.png\ntwo.png,three.png\n"

    @fuzzed
    @given(damaged(whole))
    def holds(data):
        (root / "pairs.csv").write_bytes(data)
        folder = refused_or_right(lambda: read_folder(root, UNITS))
        known = {photo.name for photo in folder.photos} if folder else set()
        assert all(name in known for pair in (folder.pairs if folder else None) or () for name in pair)

    holds()


def test_damaged_tables_of_py_feat(fuzzed, tmp_path):
    points = {f"{axis}_{i}": f"{20 + i}.5" for axis in "xy" for i in range(68)}
    cells = {
        "input": "somewhere/one.png",
        "FaceScore": "0.9",
        **points,
        **dict.fromkeys(UNITS[:-1], "0.25"),
        "AU43": "0.1",
    }
    whole = f"{','.join(cells)}\n{','.join(cells.values())}\n".encode()
    path = tmp_path / "fex.csv"
    picture = Picture(np.zeros((120, 120, 3), np.uint8), Path("one.png"))

    @fuzzed
    @given(damaged(whole))
    def holds(data):
        path.write_bytes(data)
        found = refused_or_right(lambda: PyFeat(table=str(path))(picture))
        assert all(np.isfinite(face.landmarks).all() for face in found or ())

    holds()


def test_any_bytes_as_labels(folders, fuzzed, tmp_path):
    root = tmp_path / "folder"
    shutil.copytree(folders["labels.csv"], root)

    @fuzzed
    @given(st.binary(max_size=300))
    def holds(data):
        (root / "labels.csv").write_bytes(data)
        assert refused_or_right(lambda: read_folder(root, UNITS)) is None

    holds()
