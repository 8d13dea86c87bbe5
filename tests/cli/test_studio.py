"""`efgan studio`: what it refuses before anything is loaded."""

import importlib.util
import socket

import pytest


def test_without_gradio_the_install_line_is_said(efgan, monkeypatch, tiny_run):
    found = importlib.util.find_spec
    without = lambda name, *rest: None if name == "gradio" else found(name, *rest)  # noqa: E731
    monkeypatch.setattr(importlib.util, "find_spec", without)
    answer = efgan("studio", tiny_run)
    assert answer.code == 2
    assert "pip install 'efgan-kit[studio]'" in answer.err


@pytest.fixture
def with_gradio():
    pytest.importorskip("gradio")


def test_a_busy_port_is_refused(efgan, tiny_run, with_gradio):
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        answer = efgan("studio", tiny_run, "--port", busy.getsockname()[1])
    assert answer.code == 2
    assert "is in use by another program" in answer.err


def test_no_run_is_refused_with_the_way_to_one(efgan, tmp_path, monkeypatch, with_gradio):
    monkeypatch.chdir(tmp_path)
    answer = efgan("studio")
    assert answer.code == 2
    assert "efgan train quickstart" in answer.err
    answer = efgan("studio", tmp_path / "nothing")
    assert answer.code == 2
    assert "nothing" in answer.err
    assert "Traceback" not in answer.err


def test_a_folder_without_photos_is_refused(efgan, tiny_run, tmp_path, with_gradio):
    answer = efgan("studio", tiny_run, "--photos", tmp_path)
    assert answer.code == 2
    assert "there are no photos in it" in answer.err
