"""The loop: a run from end to end, stopped, taken up again, and what refuses to be."""

import json
import os
import signal
import threading

import pytest
import torch
from safetensors.torch import load_file

from efgan_kit.api import EfganError
from efgan_kit.recipe import lock
from efgan_kit.training import load_trained, stepping
from efgan_kit.training.interruption import Interruption
from efgan_kit.training.loop import train
from efgan_kit.training.run_folder import RunFolder


def lines(folder):
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]


def untimed(folder):
    return [{key: value for key, value in line.items() if key != "seconds"} for line in lines(folder)]


def weights_of(folder, step):
    files = sorted((folder / "checkpoints" / f"{step:07d}").glob("*.safetensors"))
    assert len(files) == 6
    return {file.name: file.read_bytes() for file in files}


@pytest.fixture
def stopping_at(monkeypatch):
    """Asks this process to end while a step is logged."""

    def stopping_at(step):
        record = stepping._record

        def stop(training, values):
            if training.step == step:
                os.kill(os.getpid(), signal.SIGTERM)
            return record(training, values)

        monkeypatch.setattr(stepping, "_record", stop)

    return stopping_at


def test_a_run_leaves_what_is_promised(tiny, tmp_path):
    run = tmp_path / "run"
    recipe = tiny("train.steps=3", "train.log_every=2", "train.sample_every=2", "train.checkpoint_every=2")
    summary = train(recipe, run=run, quiet=True)
    assert json.loads((run / "summary.json").read_text()) == summary
    assert summary["steps"] == 3
    assert summary["seconds"] > 0
    assert [line["step"] for line in lines(run)] == [2, 3], "the last step is logged however it falls"
    assert set(lines(run)[0]) == {"step", "seconds", "losses", "rates", "attention", "edits"}
    assert set(lines(run)[0]["rates"]) == {"generator", "discriminator", "interpolator"}
    assert lines(run)[0]["losses"]["content.generator"] > 0
    assert [path.name for path in sorted((run / "samples").iterdir())] == ["0000002.png", "0000003.png"]
    assert [path.name for path in sorted((run / "checkpoints").iterdir())] == ["0000002", "0000003"]
    assert json.loads((run / "lock.json").read_text())["seed"] == 0
    from efgan_kit.recipe import load_recipe

    assert load_recipe(run / "recipe.yaml") == recipe


def test_the_seconds_count_what_the_terms_learn_beforehand(tiny, tmp_path, monkeypatch):
    from efgan_kit.components.losses.au_teacher import AUTeacher

    clock = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    monkeypatch.setattr(AUTeacher, "prepare", lambda self, faces, random: clock.__setitem__(0, clock[0] + 50))
    recipe = tiny("losses.conditional={use: au-teacher, steps: 1, width: 4}", "train.steps=1")
    assert train(recipe, run=tmp_path / "run", quiet=True)["seconds"] == 50
    assert lines(tmp_path / "run")[0]["seconds"] == 50


def test_a_stopped_run_goes_on_to_the_bit(tiny, tmp_path, stopping_at, capfd):
    recipe = tiny("train.steps=5", "train.critic_steps=2")
    train(recipe, run=tmp_path / "whole", quiet=True)
    stopping_at(2)
    with pytest.raises(KeyboardInterrupt):
        train(recipe, run=tmp_path / "run")
    assert "interrupted; step 2 is saved, go on with --resume" in capfd.readouterr().err
    assert [line["step"] for line in lines(tmp_path / "run")] == [1, 2]
    assert not (tmp_path / "run" / "summary.json").exists()
    summary = train(recipe, run=tmp_path / "run", resume=True, quiet=True)
    assert summary["steps"] == 5
    assert untimed(tmp_path / "run") == untimed(tmp_path / "whole")
    assert weights_of(tmp_path / "run", 5) == weights_of(tmp_path / "whole", 5)
    seconds = [line["seconds"] for line in lines(tmp_path / "run")]
    assert seconds == sorted(seconds)


def test_a_run_stopped_in_its_last_step_is_finished_by_resuming(tiny, tmp_path, stopping_at):
    recipe = tiny("train.steps=2")
    stopping_at(2)
    with pytest.raises(KeyboardInterrupt):
        train(recipe, run=tmp_path / "run", quiet=True)
    assert not (tmp_path / "run" / "summary.json").exists()
    assert train(recipe, run=tmp_path / "run", resume=True, quiet=True)["steps"] == 2
    assert [line["step"] for line in lines(tmp_path / "run")] == [1, 2]


def test_a_finished_run_is_left_as_it_is(tiny, tmp_path):
    recipe, run = tiny("train.steps=2"), RunFolder(tmp_path / "run")
    summary = train(recipe, run=run.path, quiet=True)
    run.write_summary({**summary, "psnr": 30.0})
    before = weights_of(run.path, 2)
    assert train(recipe, run=run.path, resume=True, quiet=True) == {**summary, "psnr": 30.0}
    assert weights_of(run.path, 2) == before
    assert len(lines(run.path)) == 2


def test_a_term_of_every_other_step_is_in_every_line_also_after_resuming(tiny, tmp_path, stopping_at):
    recipe = tiny("losses.content.every=4", "train.steps=6", "train.log_every=1")
    train(recipe, run=tmp_path / "whole", quiet=True)
    stopping_at(3)
    with pytest.raises(KeyboardInterrupt):
        train(recipe, run=tmp_path / "stopped", quiet=True)
    train(recipe, run=tmp_path / "stopped", resume=True, quiet=True)
    whole, stopped = ([line["losses"] for line in lines(tmp_path / name)] for name in ("whole", "stopped"))
    assert whole == stopped
    told = [losses["content.generator"] for losses in whole]
    assert told[0] == told[1] == told[2] == told[3] != told[4]


def test_a_run_that_was_killed_before_its_first_checkpoint_begins_anew(tiny, tmp_path):
    recipe = tiny("train.steps=2")
    train(recipe, run=tmp_path / "whole", quiet=True)
    run = RunFolder(tmp_path / "run")
    run.begin(recipe.to_yaml(), lock(recipe))
    run.append_log({"step": 1, "losses": {"content.generator": 7}})
    train(recipe, run=run.path, resume=True, quiet=True)
    assert untimed(run.path) == untimed(tmp_path / "whole")
    assert weights_of(run.path, 2) == weights_of(tmp_path / "whole", 2)


def test_another_recipe_is_refused_with_what_differs(tiny, tmp_path):
    train(tiny("train.steps=1"), run=tmp_path / "run", quiet=True)
    other = tiny("train.steps=1", "losses.content.weight=5", "optimizer.lr=1e-3")
    with pytest.raises(EfganError) as caught:
        train(other, run=tmp_path / "run", resume=True, quiet=True)
    text = str(caught.value)
    assert "losses.content.weight was 30" in text
    assert "now 5" in text
    assert "optimizer.lr was 0.0005, now 0.001" in text
    assert str(tmp_path / "run" / "recipe.yaml") in text


def test_resuming_needs_a_run_and_beginning_needs_a_free_folder(tiny, tmp_path):
    with pytest.raises(EfganError, match="no such folder"):
        train(tiny(), run=tmp_path / "none", resume=True, quiet=True)
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "mine.txt").write_text("mine")
    with pytest.raises(EfganError, match="there is something in this folder already"):
        train(tiny(), run=tmp_path / "run", quiet=True)
    assert [path.name for path in tmp_path.rglob("*")] == ["run", "mine.txt"]


def test_a_loss_that_explodes_ends_the_run_and_keeps_the_last_sound_checkpoint(tiny, tmp_path):
    recipe = tiny("optimizer.lr=1e30", "train.checkpoint_every=1")
    with pytest.raises(EfganError, match=r"is not finite; .*the generator's weights have not moved"):
        train(recipe, run=tmp_path / "run", quiet=True)
    kept = sorted((tmp_path / "run" / "checkpoints").iterdir())
    assert kept
    for tensor in load_file(kept[-1] / "graph.safetensors").values():
        assert torch.isfinite(tensor).all()


def test_the_averaged_weights_edit(tiny, tmp_path):
    train(tiny("train.steps=3", "train.ema=0.99"), run=tmp_path / "run", quiet=True)
    checkpoint = tmp_path / "run" / "checkpoints" / "0000003"
    raw, averaged = (load_file(checkpoint / f"{name}.safetensors") for name in ("graph", "averaged"))
    trained = load_trained(tmp_path / "run", "cpu")
    name = "face.colour.weight"
    found = trained.graph.generators.state_dict()[name]
    assert torch.equal(found, averaged[f"0.{name}"])
    assert not torch.equal(found, raw[f"generators.{name}"])
    critic = trained.graph.final_critic.score.weight
    assert torch.equal(critic, raw["final_critic.score.weight"])
    assert (trained.step, trained.graph.training) == (3, False)
    assert not any(parameter.requires_grad for parameter in trained.graph.parameters())


def test_averaged_weights_that_are_gone_are_told(tiny, tmp_path):
    train(tiny("train.steps=1", "train.ema=0.99"), run=tmp_path / "run", quiet=True)
    (tmp_path / "run" / "checkpoints" / "0000001" / "averaged.safetensors").unlink()
    with pytest.raises(EfganError, match=r"averaged\.safetensors: a file of the checkpoint is missing"):
        load_trained(tmp_path / "run", "cpu")


def test_without_averaging_the_trained_weights_edit(tiny, tmp_path):
    train(tiny("train.steps=1", "train.ema=null"), run=tmp_path / "run", quiet=True)
    checkpoint = tmp_path / "run" / "checkpoints" / "0000001"
    assert not (checkpoint / "averaged.safetensors").exists()
    raw = load_file(checkpoint / "graph.safetensors")
    found = load_trained(tmp_path / "run", "cpu").graph.state_dict()
    assert all(torch.equal(found[name], raw[name]) for name in raw)


def test_a_sheet_or_log_that_cannot_be_written_is_told(tiny, tmp_path, monkeypatch):
    begin = RunFolder.begin

    def in_the_way(self, *given):
        begin(self, *given)
        self.log.symlink_to("/dev/full")

    monkeypatch.setattr(RunFolder, "begin", in_the_way)
    with pytest.raises(EfganError, match=r"log\.jsonl: can't be written: No space left on device"):
        train(tiny(), run=tmp_path / "run", quiet=True)


def test_the_first_signal_waits_and_the_second_does_not():
    before = signal.getsignal(signal.SIGINT)
    with Interruption() as interruption:
        signal.raise_signal(signal.SIGINT)
        assert interruption.asked
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGINT) is before


def test_a_notice_is_not_the_first_of_two_requests():
    """A scheduler sends SIGUSR1 ahead of time and SIGTERM when the time is up: the checkpoint is still written."""
    with Interruption() as interruption:
        signal.raise_signal(signal.SIGUSR1)
        assert interruption.asked
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGUSR1)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)


def test_where_nothing_is_to_be_saved_the_first_signal_counts():
    with Interruption(patient=False), pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGTERM)


def test_a_training_in_another_thread_leaves_the_signals_alone(tiny, tmp_path):
    found = []

    def work():
        found.append(train(tiny("train.steps=1"), run=tmp_path / "run", quiet=True))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found[0]["steps"] == 1


def test_a_disk_that_is_full_while_a_sheet_is_drawn_costs_no_checkpoint(tiny, tmp_path, monkeypatch):
    recipe = tiny("train.steps=4", "train.checkpoint_every=1", "train.sample_every=3")
    run = tmp_path / "run"

    def full(path, *given, **named):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("efgan_kit.training.samples.write_sheet", full)
        with pytest.raises(EfganError, match=r"0000003\.png: can't be written: No space left on device"):
            train(recipe, run=run, quiet=True)
    assert sorted(path.name for path in (run / "checkpoints").iterdir()) == ["0000001", "0000002"]
    assert train(recipe, run=run, resume=True, quiet=True)["steps"] == 4
    assert [json.loads(line)["step"] for line in (run / "log.jsonl").read_text().splitlines()] == [1, 2, 3, 4]
    assert (run / "samples" / "0000003.png").is_file()
