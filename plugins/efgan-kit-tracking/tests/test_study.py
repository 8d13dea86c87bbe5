"""A study whose trainings, each a process, are followed together."""

import json
import os

import pytest

pytest.importorskip("tensorboard")
pytest.importorskip("mlflow")
pytest.importorskip("sqlalchemy")
from mlflow import MlflowClient
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

pytestmark = pytest.mark.proof


def test_every_training_of_a_study_is_followed(efgan, quick_judge, small_study, trained_once, monkeypatch, tmp_path):
    monkeypatch.setenv("EFGAN_TRACKING", "tensorboard,mlflow")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path / 'mlflow.db'}")
    answer = efgan("study", small_study, "--run", tmp_path / "DIR", "--jobs", "2")
    assert answer.code == 0, answer.err
    trained_once(tmp_path / "DIR")
    client = MlflowClient(os.environ["MLFLOW_TRACKING_URI"])
    experiment = client.get_experiment_by_name("efgan-kit").experiment_id
    found = client.search_runs([experiment])
    assert {it.info.run_name for it in found} == {"DIR/whole/seed-0", "DIR/later/seed-0"}
    for it in found:
        run = tmp_path / it.info.run_name
        steps = [json.loads(line)["step"] for line in (run / "log.jsonl").read_text().splitlines()]
        assert it.info.status == "FINISHED"
        assert [point.step for point in client.get_metric_history(it.info.run_id, "seconds")] == steps
        assert [point.step for point in EventAccumulator(str(run / "tensorboard")).Reload().Scalars("seconds")] == steps
