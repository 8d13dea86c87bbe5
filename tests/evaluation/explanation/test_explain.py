"""Explaining a run: it is left as it was, what is measured is its training's own, and other graphs are understood."""

import json
import shutil

import pytest
import torch

from efgan_kit.api import EfganError
from efgan_kit.evaluation.explanation import Limits, explain, findings, to_plain
from efgan_kit.evaluation.explanation.explain import batch_of, look_at
from efgan_kit.evaluation.explanation.report import as_markdown, tables
from efgan_kit.training import train

from .conftest import SINGLE


@pytest.fixture
def run(trained, tmp_path):
    return shutil.copytree(trained, tmp_path / "run")


def contents(folder):
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_the_run_is_left_to_the_byte_and_the_same_is_said_twice(run):
    before, drawn = contents(run), torch.get_rng_state()
    first = to_plain(explain(run, batches=2, device="cpu"))
    assert contents(run) == before
    assert torch.equal(torch.get_rng_state(), drawn)
    assert to_plain(explain(run, batches=2, device="cpu")) == first


def test_resuming_afterwards_trains_what_it_would_have_trained(run, trained, tiny):
    shutil.rmtree(run / "checkpoints" / "0000008")
    (run / "summary.json").unlink()
    explain(run, batches=1, device="cpu")
    train(tiny(), run=run, resume=True, device="cpu", quiet=True)
    for name in ("graph", "averaged", "optimizer.generator"):
        weights = f"checkpoints/0000008/{name}.safetensors"
        assert (run / weights).read_bytes() == (trained / weights).read_bytes(), name


def logged(run, step):
    """The losses that the training wrote down for the step that it took at `step`."""
    lines = map(json.loads, (run / "log.jsonl").read_text().splitlines())
    return next(line["losses"] for line in lines if line["step"] == step + 1)


def told(found, player):
    return {f"{term.name}.{player}": term.loss.mean for term in found.newest.players[player].terms}


def test_the_first_batch_is_the_one_that_the_training_took_next(run):
    """Held against the log. By the interpolator's turn, a step has moved its critic: its loss is another one."""
    wanted = logged(run, 4)
    shutil.rmtree(run / "checkpoints" / "0000008")
    found = explain(run, batches=1, device="cpu")
    for player in ("generator", "discriminator"):
        losses = told(found, player)
        assert losses == {name: wanted[name] for name in losses}, player
        assert len(losses) >= 2


def test_of_a_step_of_several_batches_it_is_the_one_that_the_generator_learns_from(tiny, tmp_path):
    """Losses that need no discriminator, which has learned from the other batch first, and no spectral norm."""
    run, overrides = tmp_path / "run", ("train.critic_steps=2", "train.steps=2", "train.checkpoint_every=1")
    train(tiny(SINGLE, *overrides), run=run, device="cpu", quiet=True)
    wanted = logged(run, 1)
    shutil.rmtree(run / "checkpoints" / "0000002")
    losses = told(explain(run, batches=1, device="cpu"), "generator")
    for name in ("content.generator", "attention.generator"):
        assert losses[name] == wanted[name]


def test_every_checkpoint_is_measured_on_the_same_batches(run):
    both = explain(run, batches=1, device="cpu")
    assert [moment.step for moment in both.moments] == [4, 8]
    assert both.first_step == 8
    shutil.rmtree(run / "checkpoints" / "0000004")
    alone = explain(run, batches=1, device="cpu")
    assert alone.moments == (both.newest,)
    assert both.moments[0].players != both.newest.players
    titles = [table.title for table in tables(both)]
    assert "generator: cosines over training" in titles
    assert not any("over training" in table.title for table in tables(alone))


def test_what_is_not_live_is_listed_with_its_reason(tiny, tmp_path):
    overrides = (
        "losses.content.weight=0",
        "losses.adversarial.weight.generator=0",
        "losses.conditional.every=3",
        "losses.interpolation=null",
    )
    train(tiny("train.steps=1", *overrides), run=tmp_path / "run", device="cpu", quiet=True)
    found = explain(tmp_path / "run", batches=1, device="cpu")
    assert found.absent["generator"] == {"adversarial": "weight 0", "content": "weight 0"}
    assert found.absent["discriminator"] == {"content": "no method", "attention": "no method"}
    assert found.idle == {"interpolator": "no live term teaches it"}
    assert [(term.name, term.every) for term in found.newest.players["generator"].terms] == [
        ("conditional", 3), ("attention", 1),
    ]  # fmt: skip
    said = as_markdown(found)
    assert "not in all steps do: conditional (every 3 steps)." in said
    assert "Not live here: adversarial, content (weight 0)." in said
    assert "interpolator: learns nothing in this run, no live term teaches it" in said


def test_a_cascade_is_measured_over_all_its_modules(cascade):
    found = look_at(cascade, {0: batch_of(cascade, 0)}, 0, Limits())
    generator = found.players["generator"]
    content = next(term for term in generator.terms if term.name == "content")
    assert [part for part in generator.parts if part.endswith("@2")] == [
        "generators.face@2", "generators.eyes@2", "generators.nose@2", "generators.mouth@2", "refiner@2",
    ]  # fmt: skip
    assert content.parts["refiner@1"].norm.mean > 0, "gradients go through the whole chain"
    assert set(found.attention) == {f"{region}@{k}" for region in ("face", "eyes", "nose", "mouth") for k in (1, 2)}


def test_plugins_terms_are_measured_and_a_graph_needs_no_attention(toy_plugin, tmp_path):
    from efgan_kit.recipe import load_recipe

    train(load_recipe("toy"), run=tmp_path / "run", device="cpu", quiet=True)
    found = explain(tmp_path / "run", batches=2, device="cpu")
    assert {player: [term.name for term in figures.terms] for player, figures in found.newest.players.items()} == {
        "generator": ["content", "adversarial"],
        "discriminator": ["adversarial"],
    }
    assert found.newest.attention == {}
    assert found.logged is None
    assert found.idle == {"interpolator": "the graph has none with weights"}


def test_words_say_what_is_dead_and_what_fights(run):
    everything = explain(run, batches=1, device="cpu", limits=Limits(dead=0.9999, fights=-0.0))
    said = findings(everything)
    assert any(" is dead: its gradient is " in line and "(it was " in line for line in said)
    assert all("probably" in line for line in said if " is dead: its gradient is " in line)
    calm = explain(run, batches=1, which="newest", device="cpu", limits=Limits(dead=0.0, fights=-1.0))
    assert not any("dead:" in line or "fight:" in line for line in findings(calm))


def faulty(run, what):
    newest = run / "checkpoints" / "0000008"
    match what:
        case "no run":
            shutil.rmtree(run)
        case "no recipe":
            (run / "recipe.yaml").unlink()
        case "no checkpoint":
            shutil.rmtree(run / "checkpoints")
        case "damaged weights":
            (newest / "graph.safetensors").write_bytes(b"nothing of the kind")
        case "no terms":
            (newest / "terms.safetensors").unlink()
        case "damaged state":
            (newest / "state.json").write_text("{")
        case "no data":
            text = (run / "recipe.yaml").read_text()
            drawn = text[text.index("  train:\n    use: drawn-faces") :]
            (run / "recipe.yaml").write_text(text.replace(drawn, "  train: {use: photo-folder, root: gone}\n"))


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("no run", "no such folder"),
        ("no recipe", "it has no recipe.yaml"),
        ("no checkpoint", "the run has no checkpoint yet"),
        ("damaged weights", "graph.safetensors: a file of the checkpoint is damaged"),
        ("no terms", "terms.safetensors: a file of the checkpoint is missing"),
        ("damaged state", "state.json: a file of the checkpoint is damaged"),
        ("no data", "gone"),
    ],
)
def test_what_is_wrong_with_the_run_is_told(what, message, run):
    faulty(run, what)
    measured = []
    with pytest.raises(EfganError) as error:
        explain(run, batches=1, device="cpu", progress=lambda *progress: measured.append(progress))
    assert measured == [], "it is told before anything is measured"
    assert len(error.value.faults) == 1
    assert message in str(error.value)


def test_a_run_that_has_diverged_is_told_with_its_checkpoint(run, rewritten):
    from safetensors.torch import load_file

    path = run / "checkpoints" / "0000004" / "graph.safetensors"
    weights = load_file(path)
    next(tensor for name, tensor in weights.items() if name.startswith("refiner")).fill_(torch.nan)
    rewritten(path, weights)
    with pytest.raises(EfganError, match=r"0000004: the \w+: .* not finite at these weights"):
        explain(run, batches=1, device="cpu")
