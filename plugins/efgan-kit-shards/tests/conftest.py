"""Shards to read: packed from drawn faces, and forged by hand."""

import sys
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parent)]  # the plugin need not be installed
from shard_forgery import tar


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("EFGAN_CACHE_DIR", str(tmp_path / "cache"))


@pytest.fixture
def forge(tmp_path):
    """`forge(members..., name=...)`: a folder of shards that has one more."""

    def forge(*members, name="a.tar"):
        (tmp_path / "forged").mkdir(exist_ok=True)
        return tar(tmp_path / "forged" / name, *members).parent

    return forge


@pytest.fixture(scope="session")
def photos(tmp_path_factory):
    """A photo folder of six drawn people with three faces each, 96 pixels."""
    from efgan_kit.api import FaceSpec, au_set
    from efgan_kit.components.datasets.drawing.photo_folder_writer import write_photo_folder
    from efgan_kit.components.datasets.drawn_faces import DrawnFaces

    folder, spec = tmp_path_factory.mktemp("photos") / "faces", FaceSpec(96, au_set("openface-17"))
    write_photo_folder(DrawnFaces(spec, people=6, expressions=3), folder, spec.aus)
    (folder / "pairs.csv").unlink()  # pairs are then each face and the person's next, as in shards
    return folder
