"""The plugin as if it were installed, and faces to edit."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PLUGIN = Path(__file__).parents[1]
MODEL = PLUGIN / "efgan_kit_starter" / "models" / "starter"


@pytest.fixture
def fresh_registry():
    """Plugins are looked for anew, before the test and after it."""
    from efgan_kit.registry import registry

    registry.cache_clear()
    yield registry
    registry.cache_clear()


@pytest.fixture
def starter(install):
    """The plugin is installed, for this process and those that it starts."""
    install("efgan-kit-starter")
    return MODEL


@pytest.fixture
def shell(starter):
    """Runs `efgan ...` as a process of its own, as people do."""

    def shell(*arguments):
        command = [sys.executable, "-m", "efgan_kit", *(str(argument) for argument in arguments)]
        return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)

    return shell


@pytest.fixture(scope="session")
def drawn(tmp_path_factory):
    """A photo folder of two drawn people, 256 pixels, with labels."""
    from efgan_kit.api import FaceSpec, au_set
    from efgan_kit.components.datasets.drawing.photo_folder_writer import write_photo_folder
    from efgan_kit.components.datasets.drawn_faces import DrawnFaces

    folder = tmp_path_factory.mktemp("drawn")
    data = DrawnFaces(FaceSpec(256, au_set("openface-17")), people=2, expressions=2, seed=3, group="test")
    write_photo_folder(data, folder)
    return folder


@pytest.fixture(scope="session")
def photographs():
    """A photo folder of people, neutral and smiling, with OpenFace's labels, which EFGAN_TEST_PHOTOS names."""
    folder = os.environ.get("EFGAN_TEST_PHOTOS")
    if not folder:
        pytest.skip("EFGAN_TEST_PHOTOS names no photo folder")
    return Path(folder)
