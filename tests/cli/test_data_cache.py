"""`efgan data cache` says what is kept and where, and empties it."""

import json

import pytest

from efgan_kit.api import FaceSpec, au_set
from efgan_kit.cli import cli
from efgan_kit.cli.errors import guarded
from efgan_kit.components.datasets import drawn_faces
from efgan_kit.components.datasets.drawn_faces import DrawnFaces


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("EFGAN_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache" / "faces"


@pytest.fixture
def kept():
    drawn_faces._gallery.cache_clear()
    for size in (16, 32):
        list(DrawnFaces(FaceSpec(size, au_set("openface-17")), people=2, expressions=2))


def said(capsys, *arguments):
    assert guarded(cli, ["data", "cache", *arguments]) == 0
    return capsys.readouterr().out


def test_an_empty_cache_is_said_to_be_empty(capsys, folder):
    assert said(capsys) == f"{folder}: no faces are kept\n"
    assert json.loads(said(capsys, "--json")) == {"folder": str(folder), "kept": [], "bytes": 0, "cleared": False}
    assert f"{folder}: emptied" in said(capsys, "--clear")
    assert not folder.exists()


@pytest.mark.usefixtures("kept")
def test_what_is_kept_is_listed_and_removed(capsys, folder):
    document = json.loads(said(capsys, "--json"))
    assert [(one["name"], one["faces"]) for one in document["kept"]] == [("drawn-16", 4), ("drawn-32", 4)]
    pixels = sum(4 * (3 * size**2 + 544 + 32) for size in (16, 32))
    assert pixels <= document["bytes"] == sum(one["bytes"] for one in document["kept"]) < pixels + 4 * 8192
    table = said(capsys)
    assert "drawn-32" in table
    (folder / "notes.txt").write_text("mine")
    said(capsys, "--clear")
    assert [path.name for path in folder.iterdir()] == ["notes.txt"]
    assert said(capsys) == f"{folder}: no faces are kept\n"


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("damage", [b"", b"\xff" * 70, b"no index"])
def test_a_damaged_index_is_listed_all_the_same(capsys, folder, damage):
    (folder / "drawn-16.index").write_bytes(damage)
    (folder / "drawn-32.faces").unlink()
    assert len(json.loads(said(capsys, "--json"))["kept"]) == 2
    assert "drawn-16" in said(capsys)


@pytest.mark.usefixtures("kept")
def test_what_cannot_be_removed_is_named(capsys, folder):
    (folder / "drawn-16.faces").unlink()
    (folder / "drawn-16.faces").mkdir()
    assert guarded(cli, ["data", "cache", "--clear"]) == 2
    assert f"{folder}: cannot be emptied" in capsys.readouterr().err
