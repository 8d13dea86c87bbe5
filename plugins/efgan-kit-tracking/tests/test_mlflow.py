"""What is read back from MLflow's database."""

import json
import os
import subprocess
import sys

import pytest
import yaml

pytest.importorskip("mlflow")
from efgan_kit_tracking import following
from efgan_kit_tracking import mlflow as ours
from efgan_kit_tracking.flattening import figures, parameters
from mlflow import MlflowClient


@pytest.fixture(scope="module", autouse=True)
def _database(tmp_path_factory):
    """One database for all: making its tables takes seconds."""
    pytest.importorskip("sqlalchemy")
    folder = tmp_path_factory.mktemp("mlflow")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{folder / 'mlflow.db'}")
        yield


@pytest.fixture(autouse=True)
def _wanted(monkeypatch, tmp_path):
    monkeypatch.setenv("EFGAN_TRACKING", "mlflow")
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", tmp_path.name)


def found(run):
    return MlflowClient().get_run(json.loads((run / "mlflow.json").read_text())["run_id"])


def shown(run):
    """The metrics by step, as the log has them."""
    client, lines, it = MlflowClient(), {}, found(run)
    for name in it.data.metrics:
        for point in client.get_metric_history(it.info.run_id, name):
            assert name not in lines.setdefault(point.step, {}), "a step is shown once"
            lines[point.step][name] = point.value
    return lines


def artifacts(run, folder=None):
    client, it = MlflowClient(), found(run)
    return {entry.path for entry in client.list_artifacts(it.info.run_id, folder)}


def test_it_shows_what_the_log_holds(train, logged):
    run = train()
    assert shown(run) == {record["step"]: figures(record) for record in logged(run)}
    it = found(run)
    assert (it.info.status, it.info.run_name) == ("FINISHED", "run")
    assert it.data.tags["status"] == "finished"
    assert it.data.tags["checkpoint"] == str(run.resolve() / "checkpoints" / "0000008")
    assert artifacts(run) == {"recipe.yaml", "lock.json", "samples"}
    assert artifacts(run, "samples") == {"samples/0000004.png", "samples/0000008.png"}


def test_it_shows_the_recipe_as_parameters(train):
    run = train()
    wanted = parameters(yaml.safe_load((run / "recipe.yaml").read_text()))
    seen = found(run).data.params
    assert set(seen) == set(wanted)
    assert (seen["losses.attention.weight"], seen["train.steps"], seen["graph.refiner"]) == ("0.1", "8", "null")
    assert seen["faces.aus"] == '["AU12", "AU25"]'


def test_a_training_that_goes_on_is_the_same_run_and_shows_no_step_twice(train, logged):
    run = train(stop=6)
    first = found(run).info
    assert first.status == "KILLED"
    train(resume=True)
    assert (found(run).info.run_id, found(run).info.status) == (first.run_id, "FINISHED")
    assert set(shown(run)) == set(range(1, 9))
    assert {step: point["losses/content.generator"] for step, point in shown(run).items()} == {
        record["step"]: record["losses"]["content.generator"] for record in logged(run)
    }


def test_a_training_that_fails_is_failed_with_its_reason(train, monkeypatch):
    from efgan_kit.api import fail

    def full(*_):
        raise fail("sheet", "the disk is full")

    monkeypatch.setattr("efgan_kit.training.loop.draw_samples", full)
    with pytest.raises(Exception, match="the disk is full"):
        train()
    run = following._followed.run
    assert found(run).info.status == "FAILED"
    assert found(run).data.tags["reason"] == "sheet: the disk is full"


def test_checkpoints_are_sent_where_that_is_asked(train, monkeypatch):
    monkeypatch.setenv("EFGAN_TRACKING_CHECKPOINTS", "copy")
    run = train()
    assert artifacts(run, "checkpoints") == {"checkpoints/0000004", "checkpoints/0000008"}
    assert "checkpoints/0000008/graph.safetensors" in artifacts(run, "checkpoints/0000008")


def test_the_figures_of_the_evaluation_come_to_the_rest_once(train):
    run = train()
    for _ in range(2):
        following.measured(run, {"steps": 8, "psnr": 31.5})
    assert {name: value for name, value in shown(run)[8].items() if "summary" in name} == {
        "summary/steps": 8, "summary/psnr": 31.5,
    }  # fmt: skip


def test_a_run_that_was_deleted_is_begun_anew(train):
    run = train(stop=6)
    gone = found(run).info.run_id
    MlflowClient().delete_run(gone)
    train(resume=True)
    assert found(run).info.run_id != gone
    assert found(run).info.status == "FINISHED"


def test_the_limits_are_those_of_mlflow():
    from mlflow.utils import validation

    recipe = {f"key{number}": number for number in range(250)} | {"odd@name" * 50: "x" * 7000, "text": "a" * 6000}
    sent = list(ours._parameters(recipe))
    assert ours.LONGEST_PARAMETER <= validation.MAX_PARAM_VAL_LENGTH
    assert ours.AT_ONCE <= validation.MAX_PARAMS_TAGS_PER_BATCH
    assert ours.LONGEST_TAG <= validation.MAX_TAG_VAL_LENGTH
    long, text = sent[-2:]
    assert (len(long.key), len(long.value), long.value[-3:], long.key[:9]) == (250, 6000, "...", "odd_nameo")
    assert text.value == "a" * 6000
    for parameter in sent:
        validation._validate_param(parameter.key, parameter.value)


def test_more_parameters_than_one_request_takes_arrive(tmp_path):
    (tmp_path / "run").mkdir()
    tracker = ours.MLflow(tmp_path / "run", 0)
    tracker.described({f"key{number}": number for number in range(250)})
    assert len(found(tmp_path / "run").data.params) == 250


def test_a_server_that_is_away_stops_no_training(train, monkeypatch, capfd):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", "0")
    run = train(quiet=False)
    assert (run / "summary.json").exists()
    said = [line for line in capfd.readouterr().err.splitlines() if "plugin efgan-kit-tracking" in line]
    assert len(said) == 1
    assert "127.0.0.1" in said[0]


def test_trainings_of_a_sweep_make_one_database_together(tmp_path):
    """Without a lock, all but one fail in making the tables."""
    code = (
        "import sys; from pathlib import Path; from efgan_kit_tracking.mlflow import MLflow;"
        "MLflow(Path(sys.argv[1]), 0).described({'name': sys.argv[1]})"
    )
    runs = [tmp_path / name for name in ("first", "second")]
    for run in runs:
        run.mkdir()
    environment = {**os.environ, "MLFLOW_TRACKING_URI": f"sqlite:///{tmp_path / 'sweep.db'}"}
    processes = [
        subprocess.Popen([sys.executable, "-c", code, str(run)], env=environment, stderr=subprocess.PIPE)
        for run in runs
    ]
    assert [(process.communicate()[1], process.returncode)[1] for process in processes] == [0, 0]
    client = MlflowClient(environment["MLFLOW_TRACKING_URI"])
    assert {
        client.get_run(json.loads((run / "mlflow.json").read_text())["run_id"]).data.params["name"] for run in runs
    } == {str(run) for run in runs}
