"""Plugins of this folder as if they were installed: packages and entry points are found, also by processes."""

import os
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
os.environ.setdefault("OMP_NUM_THREADS", "1")


def offer(plugin, place):
    """Make findable in `place` what installing the plugin would: its name, version and entry points."""
    project = tomllib.loads((plugin / "pyproject.toml").read_text())["project"]
    info = place / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    points = "".join(f"{name} = {module}\n" for name, module in project["entry-points"]["efgan_kit"].items())
    (info / "entry_points.txt").write_text(f"[efgan_kit]\n{points}")


@pytest.fixture
def install(monkeypatch, tmp_path):
    """`install("efgan-kit-slurm")`: the plugin of this folder can be used, unless it is installed anyway."""
    from efgan_kit.registry import registry

    def install(name):
        try:
            metadata.distribution(name)
        except metadata.PackageNotFoundError:
            plugin, place = ROOT / "plugins" / name, tmp_path / "installed"
            offer(plugin, place)
            for path in (plugin, place):
                monkeypatch.syspath_prepend(str(path))
            before = os.environ.get("PYTHONPATH")
            paths = [str(plugin), str(place), str(ROOT), *([before] if before else [])]
            monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))
        registry.cache_clear()

    yield install
    registry.cache_clear()
