"""`efgan studio`: what it refuses before anything is loaded."""

import importlib.util
import socket

import pytest

from efgan_kit.registry.models import Model


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


def test_no_run_is_refused_with_the_way_to_one(efgan, tmp_path, monkeypatch, fresh_registry, with_gradio):
    monkeypatch.setenv("EFGAN_DISABLE_PLUGINS", "efgan-kit-starter")
    monkeypatch.chdir(tmp_path)
    answer = efgan("studio")
    assert answer.code == 2
    assert "efgan train quickstart" in answer.err
    answer = efgan("studio", tmp_path / "nothing")
    assert answer.code == 2
    assert "nothing" in answer.err
    assert "Traceback" not in answer.err


def test_without_a_run_the_installed_model_is_opened(efgan, tmp_path, monkeypatch, with_gradio):
    model = Model("faces", tmp_path / "not-there", "mine")
    monkeypatch.setattr("efgan_kit.cli.studio.models", lambda: [model])
    monkeypatch.chdir(tmp_path)
    assert "opening faces" in efgan("studio").err
    monkeypatch.setattr("efgan_kit.cli.studio.models", lambda: [model, Model("others", tmp_path, "mine")])
    answer = efgan("studio")
    assert answer.code == 2
    assert "several models are installed; choose one of them: faces, others" in answer.err


def test_a_folder_without_photos_is_refused(efgan, tiny_run, tmp_path, with_gradio):
    answer = efgan("studio", tiny_run, "--photos", tmp_path)
    assert answer.code == 2
    assert "there are no photos in it" in answer.err
