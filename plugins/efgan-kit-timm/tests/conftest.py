"""The plugin as if installed, and files of weights of small networks."""

import socket
import warnings

import pytest


@pytest.fixture(autouse=True)
def _installed(install):
    install("efgan-kit-timm")


@pytest.fixture(autouse=True)
def _offline(monkeypatch):
    """Nothing may be downloaded."""

    def refuse(*arguments, **more):
        raise AssertionError("a connection was asked for")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture(autouse=True)
def _random_weights_are_no_news():
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="the weights of .* are random")
        yield


@pytest.fixture
def saved(tmp_path):
    """`saved("test_resnet")`: a network of timm's, and the file with its weights."""
    import timm
    import torch
    from safetensors.torch import save_file

    def saved(model, **more):
        torch.manual_seed(0)
        network = timm.create_model(model, **more).eval()
        path = tmp_path / f"{model}.safetensors"
        save_file(network.state_dict(), path)
        return network, path

    return saved
