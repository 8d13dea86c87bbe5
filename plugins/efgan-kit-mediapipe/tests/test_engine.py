"""What can keep MediaPipe from starting, and its chatter."""

import os

import pytest

from efgan_kit.api import EfganError


@pytest.fixture
def model(tmp_path):
    from efgan_kit_mediapipe.model import Model

    return Model(tmp_path / "face_landmarker.task", "the test", b"", b"")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError("libGLESv2.so.2: cannot open shared object file"), "libGLESv2.so.2.*apt-get install libegl1 libgles2"),
        (ModuleNotFoundError("No module named 'mediapipe'"), "No module named 'mediapipe'; pip install"),
        (RuntimeError("invalid flatbuffer"), "face_landmarker.task: MediaPipe can't work with this model: invalid"),
    ],
)
def test_what_is_missing_is_named_with_the_way_out(model, error, said, monkeypatch):
    from efgan_kit_mediapipe.engine import Engine

    def broken(*args):
        raise error

    monkeypatch.setattr(Engine, "_make", broken)
    with pytest.raises(EfganError, match=said):
        Engine(model, 0.5)


def test_native_standard_error_is_lost_within_and_back_afterwards(capfd):
    from efgan_kit_mediapipe.quiet import quiet

    with quiet():
        os.write(2, b"chatter\n")
    os.write(2, b"news\n")
    assert capfd.readouterr().err == "news\n"


def test_mediapipe_says_nothing_from_first_to_last(engine, drawn, capfd):
    from efgan_kit_mediapipe.landmarker import MediaPipeLandmarker

    from efgan_kit.api import Picture

    landmarker = MediaPipeLandmarker()
    assert len(landmarker(Picture(drawn[0]))) == 1
    landmarker.close()
    landmarker.close()
    assert capfd.readouterr() == ("", "")
