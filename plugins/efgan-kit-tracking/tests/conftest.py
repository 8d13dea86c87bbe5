"""The plugin as if installed, alone beside the built-in one, and a training of a few quick steps."""

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

TINY = """
recipe: 1
name: tiny
faces: {size: 32, aus: [AU12, AU25], regions: {mouth: [12, 16]}}
graph:
  use: ef-gan
  branches: [face]
  generator: {use: attention-resnet, width: 4, blocks: 1}
losses:
  content: {use: cycle-l1, weight: 1}
  attention: {use: attention-norm, weight: 0.1}
optimizer: {use: adam}
schedule: {use: constant-then-linear, constant_share: 0.5}
train: {steps: 8, batch_size: 2, log_every: 1, sample_every: 4, checkpoint_every: 4}
data:
  train: {use: drawn-faces, people: 3, expressions: 2}
"""


@pytest.fixture(autouse=True)
def _installed(install, monkeypatch, tmp_path):
    from efgan_kit_tracking import following

    install("efgan-kit-tracking")
    monkeypatch.delenv("EFGAN_TRACKING", raising=False)
    monkeypatch.setattr(following, "PATIENCE", 120.0)  # other tests may use the same cores
    monkeypatch.chdir(tmp_path)
    yield
    following._close()


@pytest.fixture
def tiny(tmp_path):
    """A recipe of eight quick steps."""
    from efgan_kit import load_recipe

    path = tmp_path / "tiny.yaml"
    path.write_text(TINY, encoding="utf-8")
    return load_recipe(path)


@pytest.fixture
def until(monkeypatch):
    """`until(6)`: a plugin ends the training in its sixth step as kill would, without a checkpoint."""
    from efgan_kit.api import hookimpl
    from efgan_kit.registry import registry

    class Killer:
        step = 0

        @hookimpl
        def efgan_step_ended(self, step):
            if step == self.step:
                raise KeyboardInterrupt

    killer = Killer()
    registry().manager.register(killer, name="killer")

    def until(step):
        killer.step = step

    return until


@pytest.fixture
def train(tiny, tmp_path, until):
    """`train()` to the end, `train(stop=6)` to that step, `train(resume=True)` goes on; returns the run's folder."""
    from efgan_kit import train

    def run(stop=0, resume=False, quiet=True):
        until(stop)
        try:
            train(tiny, run=tmp_path / "run", resume=resume, device="cpu", quiet=quiet)
        except KeyboardInterrupt:
            assert stop
        return tmp_path / "run"

    return run


@pytest.fixture
def logged():
    """`logged(run)`: the lines of the log."""

    def logged(run):
        return [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]

    return logged


@pytest.fixture
def own_database(monkeypatch, tmp_path_factory):
    """MLflow keeps its runs in a new database of the tests."""
    pytest.importorskip("mlflow")
    pytest.importorskip("sqlalchemy")
    folder = tmp_path_factory.mktemp("database")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{folder / 'mlflow.db'}")
    monkeypatch.setenv("EFGAN_TRACKING", "mlflow")
    monkeypatch.delenv("MLFLOW_EXPERIMENT_NAME", raising=False)
    return folder
