"""Pictures are decoded once, and again only when their contents change."""

import os

import numpy as np
import pytest
from PIL import Image

from efgan_kit.components.datasets.photos import verify
from efgan_kit.components.datasets.photos.contents import content_of
from efgan_kit.components.datasets.photos.findings import Findings

IMAGES = ["a.png", "b.png"]


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("EFGAN_CACHE_DIR", str(tmp_path / "cache"))
    root = tmp_path / "photos"
    root.mkdir()
    for name in IMAGES:
        Image.fromarray(np.zeros((6, 8, 3), np.uint8)).save(root / name)
    return root


@pytest.fixture
def decoded(monkeypatch):
    """The names of the pictures that were decoded."""
    names = []

    def spy(path, **options):
        names.append(path.name)
        return original(path, **options)

    original = verify.decode
    monkeypatch.setattr(verify, "decode", spy)
    return names


def sizes(root):
    findings = Findings()
    found = verify.sound_pictures(root, IMAGES, findings)
    assert [picture.content for picture in found.values()] == [content_of(root / image) for image in found]
    return {image: picture.size for image, picture in found.items()}, [str(fault) for fault in findings.faults]


def test_sound_pictures_are_remembered(root, decoded):
    first, second = sizes(root), sizes(root)
    assert first == second == ({"a.png": (8, 6), "b.png": (8, 6)}, [])
    assert sorted(decoded) == IMAGES


def test_changed_pictures_are_decoded_again(root, decoded):
    sizes(root)
    (root / "b.png").write_bytes(b"no longer a picture")
    known, faults = sizes(root)
    assert known == {"a.png": (8, 6)}
    assert len(faults) == 1
    assert faults[0].startswith("b.png: ")
    assert decoded.count("a.png") == 1


def test_a_file_that_was_touched_copied_or_renamed_is_not_decoded_again(root, decoded):
    expected = sizes(root)
    os.utime(root / "a.png", (1, 1))
    assert sizes(root) == expected
    moved = root.rename(root.with_name("elsewhere"))
    (moved / "b.png").rename(moved / "a.png")
    (moved / "b.png").write_bytes((moved / "a.png").read_bytes())
    assert sizes(moved) == expected
    assert sorted(decoded) == IMAGES


def test_another_content_under_the_same_name_is_decoded(root, decoded):
    sizes(root)
    Image.fromarray(np.ones((8, 6, 3), np.uint8)).save(root / "b.png")
    assert sizes(root) == ({"a.png": (8, 6), "b.png": (6, 8)}, [])
    assert decoded.count("b.png") == 2


@pytest.mark.parametrize("damage", [b"", b"no database", b"SQLite format 3\0" + bytes(200)])
def test_a_damaged_memory_of_contents_is_begun_anew(root, decoded, damage):
    expected = sizes(root)
    for file in (root.parent / "cache").rglob("*.*"):
        file.write_bytes(damage)
    assert sizes(root) == expected
    assert len(decoded) == 4
    for file in (root.parent / "cache").rglob("*.json"):
        file.unlink()
    assert sizes(root) == expected
    assert len(decoded) == 4


def test_faults_are_not_remembered(root):
    (root / "b.png").write_bytes(b"")
    assert sizes(root)[1] == sizes(root)[1] != []


@pytest.mark.parametrize(
    "damage",
    [
        "",
        "{",
        "[1]",
        '{"a.png": [1]}',
        '{"a.png": "x", "b.png": [1, 2, -3, 4, "ab"]}',
        '{"a.png": [1, 2, 3, 4], "b.png": [1, 2, 3, 4, "no hash"]}',
    ],
)
def test_a_damaged_memory_is_no_memory(root, damage):
    expected = sizes(root)
    for file in (root.parent / "cache").rglob("*.json"):
        file.write_text(damage)
    assert sizes(root) == expected


def test_a_cache_that_cannot_be_written_costs_only_time(root, monkeypatch):
    (root.parent / "file").write_text("in the way")
    monkeypatch.setenv("EFGAN_CACHE_DIR", str(root.parent / "file"))
    assert sizes(root)[1] == []
