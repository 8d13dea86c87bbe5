"""The script of docs/export.md edits with an exported folder where there is no efgan_kit and no torch."""

import re
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from efgan_kit.components.datasets.drawing.photo_folder_writer import write_photo_folder
from efgan_kit.components.datasets.drawn_faces import DrawnFaces
from efgan_kit.faces.aus import au_set
from efgan_kit.faces.regions import FaceSpec

from .conftest import blocks

SCRIPT = next(block.text for block in blocks("python") if "onnxruntime" in block.text)
BLOCKED = "import sys\nsys.modules.update(efgan_kit=None, torch=None, safetensors=None)\n"


@pytest.fixture
def face(tmp_path):
    """A face of the folder's size with OpenFace's file beside it."""
    data = DrawnFaces(FaceSpec(32, au_set("openface-17")), people=1, expressions=1, seed=5)
    write_photo_folder(data, tmp_path / "photos")
    (tmp_path / "photos/images/p0000_0.png").rename(tmp_path / "face.png")
    lines = [line.split(",") for line in (tmp_path / "photos/labels.csv").read_text().splitlines()]
    keep = [i for i, name in enumerate(lines[0]) if re.fullmatch(r"[xy]_\d+|AU\d+_r", name)]
    own = [", ".join(["face", *(line[i] for i in keep)]) for line in lines]
    (tmp_path / "face.csv").write_text("\n".join([own[0], own[1].replace("face", "0")]) + "\n")
    return tmp_path


def test_it_has_ten_lines():
    assert len(SCRIPT.strip().splitlines()) == 10
    assert "efgan_kit" not in SCRIPT


def test_it_gives_the_editors_picture(efgan, face, exported_folder, monkeypatch):
    pytest.importorskip("onnxruntime")
    monkeypatch.chdir(face)
    (face / "model").symlink_to(exported_folder)
    (face / "script.py").write_text(BLOCKED + SCRIPT)
    done = subprocess.run([sys.executable, "-I", "script.py"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    answer = efgan("edit", "face.png", "--run", "model", "--au", "AU12=0.9", "--framing", "whole", "--out", "ours.png")
    assert answer.code == 0, answer.err
    theirs, ours, before = (np.asarray(Image.open(name), float) for name in ("edited.png", "ours.png", "face.png"))
    assert np.abs(theirs - ours).mean() < 1
    assert np.abs(theirs - ours).max() <= 1
    assert np.abs(ours - before).mean() > 1
