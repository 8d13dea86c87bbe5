"""Proving that a recipe resumes exactly, and finding one that does not."""

import os
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from efgan_kit.training.loop import train
from efgan_kit.training.verification import compare

TINY = Path(__file__).parent / "recipes" / "tiny.yaml"
PLAYER = "optimizer.generator"
FORGETFUL = """
import torch
from torch import nn
from efgan_kit.api import hookimpl

class Forgetful(nn.Module):
    '''Counts its own steps where no checkpoint looks.'''
    def __init__(self):
        super().__init__()
        self.count = 0
    def generator(self, edited):
        self.count += 1
        return edited.square().mean() * self.count

class Unsteady(nn.Module):
    '''Draws from the machine, and from no stream.'''
    def generator(self, edited):
        import os
        return edited.square().mean() * os.urandom(1)[0]

@hookimpl
def efgan_components(register):
    register("loss", "forgetful", "forgetful_plugin:Forgetful", "")
    register("loss", "unsteady", "forgetful_plugin:Unsteady", "")
"""


@pytest.fixture
def two_runs(tiny, tmp_path):
    """The same training twice."""
    recipe = tiny("train.steps=2", "train.sample_every=1")
    for name in ("one", "other"):
        train(recipe, run=tmp_path / name, quiet=True)
    return tmp_path / "one", tmp_path / "other"


def test_all_of_two_runs_is_compared(two_runs):
    compared, differences = compare(*two_runs, 2)
    assert differences == []
    assert (compared["log lines"], compared["sheets"]) == (2, 2)
    assert compared["weights"] > compared["moments"] / 3 > 0, "Adam keeps three tensors of each weight that learns"


def last_bit(path):
    tensors = load_file(path)
    name = sorted(tensors)[0]
    tensors[name] = tensors[name].clone()
    tensors[name].view(torch.int32).view(-1)[0] ^= 1
    save_file(tensors, path)
    return name


def test_the_last_bit_of_a_weight_or_a_moment_is_a_difference(two_runs):
    one, other = two_runs
    names = [last_bit(other / "checkpoints" / "0000002" / f"{file}.safetensors") for file in ("graph", PLAYER)]
    assert compare(one, other, 2)[1] == [f"graph: {names[0]}", f"{PLAYER}: {names[1]}"]


def test_a_line_too_many_and_another_sheet_are_differences(two_runs):
    one, other = two_runs
    log = other / "log.jsonl"
    lines = log.read_text().splitlines(keepends=True)
    log.write_text("".join([*lines, lines[-1]]))
    (other / "samples" / "0000001.png").write_bytes(b"")
    assert compare(one, other, 2)[1] == ["log.jsonl: its steps", "samples: 0000001.png"]


@pytest.fixture
def verify(efgan, tmp_path, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.chdir(tmp_path)

    def verify(*options):
        answer = efgan("train", TINY, "--verify-resume", "--device", "cpu", *options)
        assert [path.name for path in tmp_path.iterdir() if path.name != "plugin"] == [], "nothing is left behind"
        return answer

    return verify


@pytest.fixture
def forgetful_plugin(tmp_path, monkeypatch, fresh_registry):
    """A plugin of two loss terms that can't be resumed, installed for other processes as well."""
    place = tmp_path / "plugin"
    facts = place / "forgetful-1.0.dist-info"
    facts.mkdir(parents=True)
    (place / "forgetful_plugin.py").write_text(FORGETFUL)
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: forgetful\nVersion: 1.0\n")
    (facts / "entry_points.txt").write_text("[efgan_kit]\nforgetful = forgetful_plugin\n")
    monkeypatch.syspath_prepend(str(place))
    before = os.environ.get("PYTHONPATH", "")
    monkeypatch.setenv("PYTHONPATH", f"{place}{os.pathsep}{before}" if before else str(place))


def test_a_recipe_that_resumes_exactly(verify):
    answer = verify("-o", "train.critic_steps=2", "-o", "train.steps=4")
    assert answer.code == 0, answer.err
    assert "'tiny' resumes exactly: 4 steps straight through, and stopped after 2 and resumed" in answer.out
    assert "4 log lines, 2 sheets" in answer.out


@pytest.mark.proof
def test_a_component_that_forgets_is_found(verify, forgetful_plugin):
    answer = verify("-o", "losses.forgetful={use: forgetful, weight: 1}", "-o", "train.steps=4")
    assert answer.code == 2
    assert "resuming is not exact" in answer.err
    assert "log.jsonl: step 3" in answer.err
    assert "a component keeps something that is in no state_dict" in answer.err


@pytest.mark.proof
def test_what_never_comes_out_the_same_is_not_put_down_to_resuming(verify, forgetful_plugin):
    answer = verify("-o", "losses.unsteady={use: unsteady, weight: 1}", "-o", "train.steps=2")
    assert answer.code == 2
    assert "it is not resuming, but the device's kernels or a component that is not deterministic" in answer.err


def test_a_training_of_one_step_has_no_middle(verify):
    answer = verify("-o", "train.steps=1")
    assert answer.code == 2
    assert "one step can't be resumed in the middle; give it two: -o train.steps=2" in answer.err


@pytest.mark.proof
def test_a_training_that_fails_is_told(verify):
    answer = verify("-o", "optimizer.lr=1e30")
    assert answer.code == 2
    assert "--verify-resume: a training ended with exit code 1: step " in answer.err
    assert "is not finite" in answer.err
