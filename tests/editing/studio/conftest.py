"""A studio's visitors, where drawn people are found in pictures."""

import shutil
from pathlib import Path

import pytest
from PIL import Image

from efgan_kit.editing.studio.session import Session
from efgan_kit.editing.studio.shared import Shared
from efgan_kit.preparation import Preparation
from efgan_kit.preparation.record import Part

FINDER = Path(__file__).parents[2] / "plugins" / "drawn_finder"


@pytest.fixture(scope="module")
def finder_plugin():
    """The plugin of tests/plugins/drawn_finder is installed."""
    from efgan_kit.registry import registry

    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(FINDER))
        registry.cache_clear()
        yield
    registry.cache_clear()


@pytest.fixture(scope="module")
def finding_run(tiny_run, finder_plugin, tmp_path_factory):
    """A run whose faces were prepared by that plugin, whatever else is installed."""
    run = tmp_path_factory.mktemp("finding") / "run"
    shutil.copytree(tiny_run, run)
    Preparation(Part("drawn"), Part("drawn"), level=False).write(run)
    return run


@pytest.fixture(scope="module")
def shared(finding_run):
    opened = Shared(finding_run, "cpu")
    yield opened
    opened.close()


@pytest.fixture
def session(shared):
    return Session(shared)


@pytest.fixture(scope="module")
def photos(tmp_path_factory, finder_plugin):
    """Files: one person, three people, nobody, and one that is no picture."""
    import drawn_finder

    folder = tmp_path_factory.mktemp("photos")
    for name, people in (("one", 1), ("three", 3)):
        Image.fromarray(drawn_finder.pictured(people)).save(folder / f"{name}.png")
    Image.new("RGB", (300, 200), "grey").save(folder / "nobody.png")
    (folder / "broken.png").write_bytes(b"this is no picture")
    return folder
