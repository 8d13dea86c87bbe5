"""`efgan track`, for runs that nobody followed."""

import json

import pytest


def test_a_run_is_sent_to_tensorboard_as_if_it_had_been_followed(train, efgan, logged):
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    run = train()
    for _ in range(2):
        answer = efgan("track", run, "--to", "tensorboard")
        assert (answer.code, answer.out) == (0, f"{run}: sent to tensorboard\n")
    events = EventAccumulator(str(run / "tensorboard")).Reload()
    seen = [(point.step, point.value) for point in events.Scalars("losses/content.generator")]
    assert seen == [(line["step"], pytest.approx(line["losses"]["content.generator"])) for line in logged(run)]
    assert [point.value for point in events.Scalars("summary/steps")] == [8]


def test_a_run_is_sent_to_mlflow_and_what_is_there_stays_once(train, efgan, own_database, monkeypatch):
    from mlflow import MlflowClient

    monkeypatch.delenv("EFGAN_TRACKING")
    run = train(stop=6)
    assert efgan("track", run, "--to", "mlflow").code == 0
    it = json.loads((run / "mlflow.json").read_text())["run_id"]
    assert MlflowClient().get_run(it).info.status == "KILLED"
    train(resume=True)
    assert efgan("track", run, "--to", "mlflow").code == 0
    assert json.loads((run / "mlflow.json").read_text())["run_id"] == it
    assert MlflowClient().get_run(it).info.status == "FINISHED"
    assert sorted(point.step for point in MlflowClient().get_metric_history(it, "seconds")) == [*range(1, 9)]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nowhere", "--to", "tensorbord"), "did you mean 'tensorboard'"),
        (("nowhere", "--to", "json"), "nowhere: no such folder"),
        ((".", "--to", "json"), "not the folder of a run"),
        (("nowhere",), "Missing option '--to'"),
    ],
)
def test_bad_input_gets_one_clear_message(efgan, arguments, words, monkeypatch):
    from efgan_kit_tracking import trackers

    monkeypatch.setitem(trackers.TRACKERS, "json", "no.such:Tracker")
    answer = efgan("track", *arguments)
    assert answer.code == 2
    assert words in answer.err


def test_a_tracker_that_fails_is_a_message(train, efgan, monkeypatch):
    from efgan_kit_tracking import trackers

    monkeypatch.setitem(trackers.TRACKERS, "json", "efgan_kit_tracking_broken:Broken")
    answer = efgan("track", train(), "--to", "json")
    assert answer.code == 2
    assert "json: can't be imported" in answer.err


def test_the_recipe_that_is_watched_differs_from_quickstart_in_what_it_writes_alone(efgan):
    answer = efgan("recipe", "diff", "quickstart", "quickstart-watched", "--json")
    assert answer.code == 0
    changed = {entry["path"] for entry in json.loads(answer.out)}
    assert changed <= {"train.log_every", "train.sample_every", "train.checkpoint_every", "requires", "name"}
