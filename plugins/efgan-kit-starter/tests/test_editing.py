"""`efgan edit PHOTO --expression happy`, with nothing but the plugins installed."""

import csv

import numpy as np
import pytest
from PIL import Image


def read(path):
    return np.asarray(Image.open(path).convert("RGB")).astype(float)


def first_photo(folder):
    """The first picture of a photo folder and its landmarks `(68, 2)`."""
    with (folder / "labels.csv").open(newline="") as file:
        row = next(csv.DictReader(file))
    points = np.array([[float(row[f"{axis}_{i}"]) for axis in "xy"] for i in range(68)])
    return folder / row["image"], points


def around(points, margin):
    (left, top), (right, bottom) = points.min(axis=0) - margin, points.max(axis=0) + margin
    return np.s_[int(max(0, top)) : int(bottom), int(max(0, left)) : int(right)]


def test_a_labelled_face_is_edited_with_no_run_named(shell, drawn, tmp_path):
    photo, points = first_photo(drawn)
    answer = shell("edit", photo, "--expression", "happy", "--out", tmp_path / "happy.png")
    assert answer.returncode == 0, answer.stderr
    assert "with the installed model 'starter' of efgan-kit-starter" in answer.stderr
    change = np.abs(read(tmp_path / "happy.png") - read(photo)).mean(axis=2)
    mouth = change[around(points[48:], 4)].mean()
    corners = change[:8, :8].mean() + change[:8, -8:].mean()
    assert mouth > 3
    assert mouth > 5 * corners


def test_the_units_that_are_asked_for_make_the_difference(shell, drawn, tmp_path):
    photo, points = first_photo(drawn)
    for unit in ("AU12=1", "AU45=1"):
        answer = shell("edit", photo, "--run", "starter", "--au", unit, "--out", tmp_path / f"{unit[:4]}.png")
        assert answer.returncode == 0, answer.stderr
    smile, blink = (np.abs(read(tmp_path / f"{name}.png") - read(photo)).mean(axis=2) for name in ("AU12", "AU45"))
    mouth, eyes = around(points[48:], 3), around(points[36:48], 3)
    assert smile[mouth].mean() > smile[eyes].mean()
    assert blink[eyes].mean() > blink[mouth].mean()


def test_a_photograph_is_found_measured_and_edited_toward_a_smile(shell, photographs, tmp_path, install):
    pytest.importorskip("mediapipe")
    install("efgan-kit-mediapipe")
    from efgan_kit.api import Picture
    from efgan_kit.preparation import FaceFinder, installed_preparation

    people = sorted((photographs / "images").glob("*_neutral.jpg"))[:3]
    assert people, "the folder's pictures are called PERSON_neutral.jpg"
    copies = [tmp_path / path.name for path in people]  # away from their labels
    for path, copy in zip(people, copies, strict=True):
        copy.write_bytes(path.read_bytes())
    answer = shell("edit", *copies, "--expression", "happy", "--out", tmp_path / "happy")
    assert answer.returncode == 0, answer.stderr
    assert "faces are found and measured by mediapipe, as the run's own were" in answer.stderr
    with FaceFinder(installed_preparation("test")) as finder:
        for copy in copies:
            before, after = read(copy), read(tmp_path / "happy" / copy.name)
            assert after.shape == before.shape
            neutral, happy = (finder.faces(Picture(each.astype(np.uint8)))[0].aus["AU12"] for each in (before, after))
            assert happy > neutral + 0.2
