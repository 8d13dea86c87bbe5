"""A package of every kind, as `efgan plugin new` writes it, importable and with the metadata that pip would write."""

import sys
import tomllib

import pytest

from efgan_kit.scaffold.kinds import STARTERS
from efgan_kit.scaffold.package import plan, write


def pretend_installed(folder, site):
    """Write the metadata of the package in `folder` into `site`."""
    project = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
    info = site / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    info.mkdir(parents=True)
    head = f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    needs = "".join(f"Requires-Dist: {requirement}\n" for requirement in project["dependencies"])
    (info / "METADATA").write_text(head + needs)
    points = "".join(f"{name} = {module}\n" for name, module in project["entry-points"]["efgan_kit"].items())
    (info / "entry_points.txt").write_text(f"[efgan_kit]\n{points}")


@pytest.fixture(scope="session")
def packages(tmp_path_factory):
    """By kind, the folder of a new package called `efgan-kit-new-KIND`; `site` has the metadata of all."""
    place = tmp_path_factory.mktemp("packages")
    folders = {"site": place / "site"}
    for kind in STARTERS:
        folders[kind] = place / kind
        write(plan(f"efgan-kit-new-{kind}", kind, "Ada Byron"), folders[kind])
        pretend_installed(folders[kind], folders["site"])
    return folders


@pytest.fixture
def installed(packages, monkeypatch, fresh_registry):
    """The packages are installed; they are by kind."""
    for folder in packages.values():
        monkeypatch.syspath_prepend(str(folder))
    yield packages
    for name in [name for name in sys.modules if name.startswith("efgan_kit_new_")]:
        del sys.modules[name]
