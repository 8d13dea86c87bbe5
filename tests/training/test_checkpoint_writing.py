"""Writing beside the training: in order, one at a time, nothing silent; and in an order that outlives a power cut."""

import os
import threading
from pathlib import Path

import pytest
import torch
from torch import nn

from efgan_kit.api import EfganError
from efgan_kit.training import checkpoint_writing, checkpoints
from efgan_kit.training.checkpoint_writing import CheckpointWriter, write
from efgan_kit.training.run_folder import RunFolder
from efgan_kit.training.snapshots import snapshot


@pytest.fixture
def run(tmp_path):
    folder = RunFolder(tmp_path / "run")
    folder.begin("recipe: 1\n", {})
    return folder


def taken(step, module=None):
    module = module or nn.Linear(2, 2)
    return snapshot(step, {"graph": module}, {"generator": torch.optim.SGD(module.parameters(), lr=1)}, {})


@pytest.fixture
def held(monkeypatch):
    """Writes wait for `held.set()`."""
    gate = threading.Event()

    def waiting(*given, really=write):
        gate.wait(60)
        return really(*given)

    monkeypatch.setattr(checkpoint_writing, "write", waiting)
    return gate


def test_the_training_goes_on_while_a_checkpoint_is_written(run, held):
    with CheckpointWriter(run, keep=3) as writer:
        writer.begin(taken(1), held=0.25)
        assert writer.done() == []
        assert checkpoints.complete(run) == []
        held.set()
        (written,) = writer.done(wait=True)
    assert (written.step, written.path) == (1, run.checkpoints / "0000001")
    assert written.held == pytest.approx(0.25, abs=0.2), "to wait for nothing takes no time"
    assert written.size == sum(file.stat().st_size for file in written.path.iterdir())
    checkpoints.verify(written.path)


def test_a_snapshot_is_of_its_step_whatever_is_learned_meanwhile(run, held):
    module = nn.Linear(2, 2)
    before = module.weight.detach().clone()
    with CheckpointWriter(run, keep=3) as writer:
        writer.begin(taken(1, module), 0)
        nn.init.zeros_(module.weight)
        held.set()
    assert torch.equal(checkpoints.read_module(run.checkpoints / "0000001", "graph")["weight"], before)


def test_the_next_checkpoint_waits_for_the_last_and_both_are_told(run):
    with CheckpointWriter(run, keep=3) as writer:
        writer.begin(taken(1), 0)
        writer.begin(taken(2), 0)
        assert checkpoints.complete(run)[0].name == "0000001"
        assert [written.step for written in writer.done(wait=True)] == [1, 2]
        assert writer.done() == []


@pytest.mark.parametrize("ask", ["done", "begin"])
def test_an_error_of_the_thread_reaches_the_training(ask, run):
    run.checkpoints.rmdir()
    run.checkpoints.write_text("in the way")
    with CheckpointWriter(run, keep=3) as writer:
        writer.begin(taken(1), 0)
        with pytest.raises(EfganError, match="the checkpoint could not be written"):
            writer.done(wait=True) if ask == "done" else writer.begin(taken(2), 0)
        assert writer.done() == [], "once"


def test_leaving_waits_for_what_is_under_way(run, held):
    threading.Timer(0.2, held.set).start()
    with CheckpointWriter(run, keep=3) as writer:
        writer.begin(taken(1), 0)
        assert checkpoints.complete(run) == []
    checkpoints.verify(run.checkpoints / "0000001")


def test_a_name_is_given_only_when_everything_is_on_the_disk(run, monkeypatch):
    """A power cut keeps what was flushed: files, their names in the folder, and the log, before the folder's name."""
    run.append_log({"step": 1})
    happened = []
    names = {}

    def fsync(descriptor, really=os.fsync):
        happened.append(("flush", Path(f"/proc/self/fd/{descriptor}").readlink()))
        really(descriptor)

    def rename(self, target, really=Path.rename):
        happened.append(("rename", Path(target)))
        return really(self, target)

    def replace(self, target, really=Path.replace):
        names[self] = Path(target)
        return really(self, target)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(Path, "rename", rename)
    monkeypatch.setattr(Path, "replace", replace)
    write(run, taken(1), keep=1)
    part, final = run.checkpoints / ".0000001.part", run.checkpoints / "0000001"
    named = happened.index(("rename", final))
    flushed = {names.get(path, path) for kind, path in happened[:named] if kind == "flush"}
    expected = {part / file.name for file in final.iterdir()} | {part, run.log}
    assert expected <= flushed
    assert ("flush", run.checkpoints) in happened[named:], "and then the name itself"
    last_file = max(i for i, (kind, path) in enumerate(happened) if kind == "flush" and path.parent == part)
    assert happened.index(("flush", part)) > last_file
