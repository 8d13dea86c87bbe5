"""Checkpoints damaged at a thousand random places: told or harmless, never a traceback, never another model."""

import collections
import hashlib
import random
import shutil
from pathlib import Path

import pytest

TINY = Path(__file__).parents[1] / "training" / "recipes" / "tiny.yaml"
PLACES = 1000
STEPS = 3


def flip_a_bit(content, chance):
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    return content


def change_a_byte(content, chance):
    content[chance.randrange(len(content))] = chance.randrange(256)
    return content


def lose_a_block(content, chance):
    place = chance.randrange(len(content))
    content[place : place + 512] = bytes(len(content[place : place + 512]))
    return content


def truncate(content, chance):
    return content[: chance.randrange(len(content))]


def digest(training):
    """Of everything that a checkpoint restores."""
    copied = training.snapshot()
    found = hashlib.sha256(repr((copied.step, sorted(copied.state.items()))).encode())
    for file, tensors in sorted(copied.tensors.items()):
        for name, tensor in sorted(tensors.items()):
            found.update(f"{file}/{name}".encode() + tensor.numpy().tobytes())
    return found.hexdigest()


@pytest.mark.proof
def test_a_thousand_places(tmp_path, efgan):
    import torch

    from efgan_kit.errors import EfganError
    from efgan_kit.recipe import load_recipe
    from efgan_kit.training import checkpoints, load_trained, train
    from efgan_kit.training.assembly import prepare
    from efgan_kit.training.run_folder import RunFolder

    torch.set_num_threads(1)
    whole = tmp_path / "whole"
    recipe = load_recipe(TINY, overrides=[f"train.steps={STEPS}", "train.checkpoint_every=1"])
    train(recipe, run=whole, quiet=True)
    weights = load_trained(whole, "cpu").graph.state_dict()
    training = prepare(recipe, torch.device("cpu"))
    right = {}
    for checkpoint in checkpoints.complete(RunFolder(whole)):
        training._read(checkpoint)
        right[training.step] = digest(training)
    assert len(set(right.values())) == STEPS

    chance = random.Random(1)
    outcomes = collections.Counter()
    names = sorted(file.name for file in (whole / "checkpoints" / f"{STEPS:07d}").iterdir())
    run = tmp_path / "run"
    for place in range(PLACES):
        shutil.rmtree(run, ignore_errors=True)
        shutil.copytree(whole, run)
        path = run / "checkpoints" / f"{STEPS:07d}" / chance.choice(names)
        before = path.read_bytes()
        damage = chance.choice([flip_a_bit, change_a_byte, lose_a_block, truncate])
        path.write_bytes(bytes(damage(bytearray(before), chance)))
        unchanged = path.read_bytes() == before
        about = f"{damage.__name__} of {path.name}, place {place}"

        refusal = None
        try:
            found = load_trained(run, "cpu").graph.state_dict()
        except EfganError as error:
            refusal = str(error)
        if refusal is not None:
            outcomes["editing: refused"] += 1
            assert str(path) in refusal, about
        else:
            # An edit reads no optimizer and no critics' terms.
            outcomes["editing: the right weights"] += 1
            assert all(torch.equal(found[name], weights[name]) for name in weights), about

        said = []
        assert training.restore(RunFolder(run), said.append), about
        assert digest(training) == right[training.step], about
        if training.step == STEPS:
            outcomes["resuming: nothing lost"] += 1
            assert not said, about
            assert unchanged or path.name == checkpoints.STATE, about
        else:
            outcomes["resuming: told, from the checkpoint before"] += 1
            assert len(said) == 1, about
            assert str(path) in said[0], about

        if place % 100 == 0:
            answer = efgan("edit", "test:0", "--run", run, "--au", "AU12=1", "--out", tmp_path / f"{place}.png")
            assert answer.code in (0, 2), answer.err
            assert "Traceback" not in answer.err, about
    print(f"{PLACES} places: {dict(outcomes)}")


@pytest.mark.proof
def test_where_every_checkpoint_is_damaged_nothing_is_begun_anew(tmp_path, efgan):
    from efgan_kit.recipe import load_recipe
    from efgan_kit.training import train

    options = [f"train.steps={STEPS}", "train.checkpoint_every=1"]
    run = tmp_path / "run"
    train(load_recipe(TINY, overrides=options), run=run, quiet=True)
    for checkpoint in (run / "checkpoints").iterdir():
        (checkpoint / "graph.safetensors").write_bytes(b"nothing")
    before = {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}
    words = [word for option in options for word in ("-o", option)]
    answer = efgan("train", TINY, "--run", run, "--no-evaluate", *words, "--resume")
    assert answer.code == 2
    assert answer.err.count("is damaged: it has 7 bytes") == STEPS
    assert "Traceback" not in answer.err
    assert {path: path.read_bytes() for path in run.rglob("*") if path.is_file()} == before
