"""Checkpoints: complete or absent, and restored to the bit."""

import json
import resource
import shutil

import pytest
import torch
from safetensors.torch import load_file
from safetensors.torch import save as save_tensors
from torch import nn

from efgan_kit.api import EfganError
from efgan_kit.training import checkpoints, load_trained
from efgan_kit.training.checkpoint_writing import write
from efgan_kit.training.run_folder import RunFolder
from efgan_kit.training.snapshots import snapshot


@pytest.fixture
def run(tmp_path):
    folder = RunFolder(tmp_path / "run")
    folder.begin("recipe: 1\n", {})
    return folder


def trained(seed, layout=torch.channels_last):
    """A convolution and its Adam after a step."""
    torch.manual_seed(seed)
    module = nn.Conv2d(3, 4, 3).to(memory_format=layout)
    optimizer = torch.optim.Adam(module.parameters(), lr=0.1, fused=True)
    learn(module, optimizer)
    return module, optimizer


def learn(module, optimizer):
    optimizer.zero_grad()
    module(torch.linspace(-1, 1, 3 * 36).reshape(1, 3, 6, 6)).square().sum().backward()
    optimizer.step()


def save(run, step, module, optimizer, keep=3, **state):
    return write(run, snapshot(step, {"graph": module}, {"generator": optimizer}, state), keep).path


def restore(checkpoint, module, optimizer):
    checkpoints.restore_module(checkpoint, "graph", module)
    checkpoints.restore_optimizer(checkpoint, "generator", optimizer)


@pytest.mark.parametrize("layout", [torch.channels_last, torch.contiguous_format])
def test_what_is_restored_learns_on_to_the_bit(layout, run):
    """Fused Adam walks the memory: moments laid out otherwise than their weights would be mixed up."""
    module, optimizer = trained(0, layout)
    checkpoint = save(run, 1, module, optimizer)
    other, its_optimizer = trained(1, layout)
    restore(checkpoint, other, its_optimizer)
    for _ in range(3):
        learn(module, optimizer)
        learn(other, its_optimizer)
    assert torch.equal(module.weight, other.weight)
    assert torch.equal(module.bias, other.bias)
    moments = its_optimizer.state[other.weight]["exp_avg"]
    assert moments.stride() == other.weight.stride()


def test_a_checkpoint_is_safetensors_and_json(run):
    checkpoint = save(run, 7, *trained(0), seconds=1.5)
    assert {file.name for file in checkpoint.iterdir()} == {
        "graph.safetensors",
        "optimizer.generator.safetensors",
        "state.json",
    }
    assert checkpoint.name == "0000007"
    state = json.loads((checkpoint / "state.json").read_text())
    assert (state["step"], state["seconds"]) == (7, 1.5)
    assert set(state["files"]) == {"graph.safetensors", "optimizer.generator.safetensors"}
    assert set(load_file(checkpoint / "graph.safetensors")) == {"weight", "bias"}


def test_the_newest_are_kept(run):
    module, optimizer = trained(0)
    for step in (5, 10, 9_999_999, 10_000_000):
        save(run, step, module, optimizer, keep=2)
    assert [path.name for path in checkpoints.complete(run)] == ["9999999", "10000000"]
    assert checkpoints.newest(run).name == "10000000"


def test_what_was_not_finished_is_no_checkpoint(run):
    save(run, 1, *trained(0))
    (run.checkpoints / ".0000002.part").mkdir()
    (run.checkpoints / "0000003.damaged").mkdir()
    (run.checkpoints / "notes").mkdir()
    assert [path.name for path in checkpoints.complete(run)] == ["0000001"]
    save(run, 4, *trained(0))
    assert not list(run.checkpoints.glob(".*")), "what a killed run left is cleared away"


def test_half_of_an_old_checkpoint_never_has_its_name(run, monkeypatch):
    """A kill in the middle of removing one leaves a folder that nobody takes for a checkpoint."""
    module, optimizer = trained(0)
    save(run, 1, module, optimizer, keep=1)
    monkeypatch.setattr("shutil.rmtree", lambda path, **rest: None)
    save(run, 2, module, optimizer, keep=1)
    assert [path.name for path in checkpoints.complete(run)] == ["0000002"]


def test_a_checkpoint_that_the_disk_has_no_room_for_is_absent_and_the_earlier_ones_stay(run):
    module, optimizer = trained(0)
    save(run, 1, module, optimizer)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200, hard))
    try:
        with pytest.raises(EfganError, match="could not be written") as caught:
            save(run, 2, module, optimizer)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "earlier checkpoints are intact" in str(caught.value)
    assert [path.name for path in run.checkpoints.iterdir()] == ["0000001"]


def test_weights_that_two_modules_share_can_be_saved(run):
    one = nn.Linear(2, 2, bias=False)
    two = nn.ModuleDict({"one": one, "other": nn.Linear(2, 2, bias=False)})
    two["other"].weight = one.weight
    optimizer = torch.optim.SGD(two.parameters(), lr=1)
    checkpoint = save(run, 1, two, optimizer)
    assert set(load_file(checkpoint / "graph.safetensors")) == {"one.weight"}, "written once"
    before = one.weight.detach().clone()
    nn.init.zeros_(one.weight)
    restore(checkpoint, two, optimizer)
    assert torch.equal(two["other"].weight, before)
    assert two["other"].weight is one.weight


def test_an_optimizer_without_state_is_restored_too(run):
    module = nn.Linear(2, 2)
    optimizer = torch.optim.SGD(module.parameters(), lr=1)
    restore(save(run, 1, module, optimizer), module, optimizer)


def cut(path):
    path.write_bytes(path.read_bytes()[:-20])


def empty(path):
    path.write_bytes(b"")


@pytest.mark.parametrize("name", ["graph.safetensors", "optimizer.generator.safetensors", "state.json"])
@pytest.mark.parametrize("damage", [cut, empty, lambda path: path.unlink()])
def test_a_damaged_file_is_named_with_the_way_out(name, damage, run):
    checkpoint = save(run, 3, *trained(0))
    damage(checkpoint / name)

    def read():
        checkpoints.read_state(checkpoint)
        restore(checkpoint, *trained(1))

    with pytest.raises(EfganError) as caught:
        read()
    assert str(checkpoint / name) in str(caught.value)
    assert "--resume goes on from the checkpoint before it" in str(caught.value)
    assert f"remove the folder {checkpoint}" in str(caught.value)


@pytest.mark.parametrize("state", ["[]", "{}", '{"step": "three"}', '{"step": true}'])
def test_a_state_without_a_step_is_damaged(state, run):
    checkpoint = save(run, 3, *trained(0))
    (checkpoint / "state.json").write_text(state)
    with pytest.raises(EfganError, match="does not say its step"):
        checkpoints.read_state(checkpoint)


def test_tensors_of_another_module_are_refused(run):
    checkpoint = save(run, 3, *trained(0))
    with pytest.raises(EfganError, match=r"graph\.safetensors: does not fit the recipe's graph"):
        checkpoints.restore_module(checkpoint, "graph", nn.Conv2d(3, 5, 3))
    with pytest.raises(EfganError, match=r"averaged\.safetensors: is not part of this checkpoint"):
        checkpoints.restore_module(checkpoint, "averaged", nn.Conv2d(3, 5, 3))


def test_a_sound_file_of_other_tensors_is_no_part_of_the_checkpoint(run):
    """It loads like any other, and is not what was written."""
    module, optimizer = trained(0)
    checkpoint = save(run, 3, module, optimizer)
    path = checkpoint / "optimizer.generator.safetensors"
    path.write_bytes(tensors_like(path))
    with pytest.raises(EfganError, match=r"its SHA-256 is not the one in state\.json"):
        checkpoints.restore_optimizer(checkpoint, "generator", optimizer)
    assert optimizer.state[module.weight]["step"] == 1


def tensors_like(path):
    return save_tensors({name: tensor + 1 for name, tensor in load_file(path).items()})


def change_a_number(path):
    state = json.loads(path.read_text())
    path.write_text(json.dumps({**state, "seconds": state["seconds"] + 1}))


def test_a_state_that_was_changed_is_found(run):
    checkpoint = save(run, 3, *trained(0), seconds=1.0)
    change_a_number(checkpoint / "state.json")
    with pytest.raises(EfganError, match="it is not what its own SHA-256 says"):
        checkpoints.read_state(checkpoint)


def test_a_checkpoint_under_the_name_of_another_is_found(run):
    checkpoint = save(run, 3, *trained(0))
    renamed = checkpoint.rename(run.checkpoints / "0000004")
    with pytest.raises(EfganError, match="is of step 3, and the folder is of another"):
        checkpoints.verify(renamed)


def test_checkpoints_from_before_there_were_hashes_still_load(run):
    module, optimizer = trained(0)
    checkpoint = save(run, 3, module, optimizer)
    (checkpoint / "state.json").write_text('{"step": 3, "seconds": 1.0, "scaler": {}, "latest": {}}')
    other, its_optimizer = trained(1)
    checkpoints.verify(checkpoint)
    restore(checkpoint, other, its_optimizer)
    assert torch.equal(other.weight, module.weight)


def test_the_last_sound_checkpoint_is_found_and_the_damaged_ones_are_told_and_set_aside(run):
    module, optimizer = trained(0)
    first, second, third = (save(run, step, module, optimizer) for step in (1, 2, 3))
    cut(third / "graph.safetensors")
    (second / "state.json").unlink()
    said = []
    assert checkpoints.newest_sound(run, said.append) == first
    assert len(said) == 2
    assert f"{third / 'graph.safetensors'}: a file of the checkpoint is damaged: it has" in said[0]
    assert f"{second / 'state.json'}: a file of the checkpoint is missing; going on from step 1 instead" in said[1]
    assert sorted(path.name for path in run.checkpoints.iterdir()) == ["0000001", "0000002.damaged", "0000003.damaged"]
    save(run, 2, module, optimizer, keep=1)
    assert sorted(path.name for path in run.checkpoints.iterdir()) == ["0000002", "0000003.damaged"]


def test_where_no_checkpoint_is_sound_nothing_is_begun_anew(run):
    checkpoint = save(run, 1, *trained(0))
    cut(checkpoint / "graph.safetensors")
    with pytest.raises(EfganError, match="restore the folder from a copy"):
        checkpoints.newest_sound(run, print)
    assert checkpoint.is_dir()


def test_what_an_optimizer_counts_beside_its_tensors_is_restored(run):
    class Adaptive(torch.optim.SGD):
        """Adapts its own step size, as Prodigy does, and counts in plain numbers."""

        def __init__(self, parameters):
            super().__init__(parameters, lr=0.1)
            for group in self.param_groups:
                group["reach"] = 1.0

        def step(self, closure=None):
            for group in self.param_groups:
                group["reach"] *= 1.1
                for parameter in group["params"]:
                    self.state[parameter]["count"] = self.state[parameter].get("count", 0) + 1
                    self.state[parameter]["share"] = group["reach"] / 3

    module = nn.Linear(2, 2)
    optimizer = Adaptive(module.parameters())
    for _ in range(3):
        optimizer.step()
    checkpoint = save(run, 1, module, optimizer)
    other = Adaptive(module.parameters())
    checkpoints.restore_optimizer(checkpoint, "generator", other)
    assert other.param_groups[0]["reach"] == optimizer.param_groups[0]["reach"]
    assert other.state[module.weight] == optimizer.state[module.weight]
    assert type(other.state[module.weight]["count"]) is int


def test_a_run_without_checkpoint_says_so(run):
    with pytest.raises(EfganError, match="the run has no checkpoint yet"):
        checkpoints.newest(run)


def test_a_checkpoint_that_a_training_replaces_while_it_is_read_is_no_damage(tiny_run, tmp_path, monkeypatch):
    run = RunFolder(tmp_path / "run")
    shutil.copytree(tiny_run, run.path)
    first, second = run.checkpoints / "0000002", run.checkpoints / "0000003"
    newer = tmp_path / "newer"
    shutil.copytree(first, newer)
    state = json.loads((newer / "state.json").read_text()) | {"step": 3}
    (newer / "state.json").write_text(json.dumps(state | {"sha256": checkpoints.seal(state)}))
    read = checkpoints.read_module

    def replaced(checkpoint, name):
        if checkpoint == first:
            newer.rename(second)
            shutil.rmtree(first)
        return read(checkpoint, name)

    monkeypatch.setattr(checkpoints, "read_module", replaced)
    assert load_trained(run.path, "cpu").step == 3
