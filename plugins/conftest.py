"""Plugins of this folder as if they were installed: packages and entry points are found, also by processes."""

import importlib.util
import json
import os
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TINY = ROOT / "tests" / "training" / "recipes" / "tiny.yaml"
STUDY = """
study: 1
name: small
seeds: [0]
overrides: [train.steps=6, train.checkpoint_every=2]
arms:
  whole: {{recipe: {tiny}}}
  later: {{recipe: {tiny}, overrides: [losses.content=null]}}
comparisons:
  - {{arm: whole, against: later, claim: it helps, figures: [psnr]}}
"""

_spec = importlib.util.spec_from_file_location("efgan_kit_tests", ROOT / "tests" / "conftest.py")
_ours = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_ours)
efgan, quick_judge = _ours.efgan, _ours.quick_judge
"""Fixtures of the tests of efgan_kit itself."""


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


@pytest.fixture
def small_study(tmp_path, monkeypatch):
    """The file of a study of two small trainings."""
    from efgan_kit.evaluation.study import read

    monkeypatch.setattr(read, "inspect_graph", lambda recipe: None)
    path = tmp_path / "small.yaml"
    path.write_text(STUDY.format(tiny=TINY))
    return path


@pytest.fixture
def trained_once():
    """Asserts that each training of a study's folder has come to its end, without a step taken twice."""

    def trained_once(folder, begun=1):
        runs = sorted(folder.glob("*/seed-0"))
        assert [run.parent.name for run in runs] == ["later", "whole"]
        for run in runs:
            assert json.loads((run / "summary.json").read_text())["steps"] == 6
            logged = [json.loads(line)["step"] for line in (run / "log.jsonl").read_text().splitlines()]
            assert logged == list(range(1, 7))
            assert run.with_name("seed-0.log").read_text().count("training 'tiny' into") == begun
            assert not run.with_name("seed-0.job").exists()
        assert (folder / "report.md").exists()

    return trained_once
