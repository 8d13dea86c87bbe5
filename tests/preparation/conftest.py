"""A plugin that finds painted faces, and folders of photos for it."""

import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

SEER = Path(__file__).parents[1] / "plugins" / "seer"
PEOPLE, EACH = ("anna", "ben", "carla"), 3


@pytest.fixture
def seer(monkeypatch, fresh_registry):
    """The module of the plugin's parts; the plugin is installed, for processes that are started, too."""
    monkeypatch.syspath_prepend(str(SEER))
    monkeypatch.setenv("PYTHONPATH", str(SEER))
    import seer_parts

    yield seer_parts
    sys.modules.pop("seer_parts", None)


@pytest.fixture(autouse=True)
def _quick_pages(request, monkeypatch):
    """Pages without drawings, which take a second each; `test_report.py` makes them whole."""
    from efgan_kit.preparation import report

    if request.module.__name__.rpartition(".")[2] != "test_report":
        monkeypatch.setattr(report, "_histograms", lambda values, blind: b"<svg/>")
        monkeypatch.setattr(report, "_measures", lambda faces: b"<svg/>")


@pytest.fixture
def photo(seer):
    """`photo(path, smile=0.5, ...)` paints a photo of 480 x 360 pixels with one face, and returns its landmarks."""

    def photo(path, *, smile=0.5, middle=(230.0, 140.0), eyes=70.0, degrees=0.0, more=()):
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(len(path.name)).integers(60, 120, (360, 480, 3)).astype(np.uint8)
        landmarks = [seer.placed(*place) for place in ((middle, eyes, degrees), *more)]
        for points in landmarks:
            seer.paint(pixels, points, smile)
        Image.fromarray(pixels).save(path, format="PNG")
        return landmarks[0]

    return photo


@pytest.fixture
def photos(tmp_path, photo):
    """Three people of three photos each, and every face's landmarks by the photo's name."""
    root, landmarks = tmp_path / "photos", {}
    for p, person in enumerate(PEOPLE):
        for k in range(EACH):
            name = f"{person}/{k}.png"
            place = (200.0 + 20.3 * k, 130.0 + 8.7 * p)
            landmarks[name] = photo(root / name, smile=k / 2, middle=place, eyes=60 + 12 * p, degrees=-24 + 19 * k)
    return root, landmarks


@pytest.fixture
def plan(tmp_path, photos):
    """`plan(out)`: the seer's plan for these photos."""
    from efgan_kit.preparation import Choice, Cropping, Part, Plan, Preparation

    def plan(out="out", root=photos[0], choice=None, cropping=None, **params):
        known = {"stumble": "", "wait": 0.0} | params
        parts = Preparation(Part("seer", known, "seer-plugin 2.0"), Part("seer", {}, "seer-plugin 2.0"))
        return Plan(root, tmp_path / out, parts, choice or Choice(), cropping or Cropping())

    return plan


@pytest.fixture
def content():
    """`content(folder)`: every file below it by its name, byte for byte."""

    def content(folder):
        return {
            str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
        }

    return content
