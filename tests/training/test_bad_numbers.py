"""Updates that are not finite: the term, the module and the faces are told, nothing is moved, a budget skips them."""

import json
import math

import pytest
import torch
from PIL import Image

from efgan_kit.api import EfganError
from efgan_kit.training.loop import train
from efgan_kit.training.run_folder import RunFolder

MOUTH = "generators.mouth"


def spoil(training, *, steps, face=1, gradient=False, module=MOUTH):
    """In some steps a generator's colours of one face are no numbers, or their gradient is infinite."""

    def hook(part, inputs, output):
        if training.step not in steps:
            return None
        if gradient:
            if output.colour.requires_grad:
                output.colour.register_hook(lambda slope: slope * math.inf)
            return None
        image, colour = output.image.clone(), output.colour.clone()
        image[face] = colour[face] = math.nan
        return output._replace(image=image, colour=colour)

    training.graph.get_submodule(module).register_forward_hook(hook)


def learned(module):
    """A copy of what an optimizer moves, and no forward."""
    return {name: parameter.detach().clone() for name, parameter in module.named_parameters()}


@pytest.fixture
def spoiled(prepared, tmp_path):
    """A training whose mouth's colours go bad in step 1, and what it says."""

    def spoiled(*overrides, **how):
        training = prepared("train.steps=6", *overrides)
        training.bad.folder = RunFolder(tmp_path)
        training.bad.say = said.append
        spoil(training, **{"steps": (1,), **how})
        return training

    said = []
    spoiled.said = said
    return spoiled


def test_the_term_the_module_and_the_face_are_told_and_no_weight_moves(spoiled, advance, same):
    training = spoiled()
    advance(training)
    before = learned(training.graph.generators), learned(training.graph.refiner)
    with pytest.raises(EfganError) as caught:
        advance(training)
    text = str(caught.value)
    source = training.faces.names[training.plan[1][1].source]
    assert text.startswith("step 1, generator's phase: the loss of ")
    assert f"is not finite; first in {MOUTH}; of {source}; see " in text
    assert "the generator's weights have not moved, no checkpoint is lost" in text
    assert "--resume --accept-changes and -o train.clip=1, a lower optimizer.lr, or -o train.skip_bad_steps=10" in text
    assert same(learned(training.graph.generators), before[0])
    assert same(learned(training.graph.refiner), before[1])


def test_the_faces_are_kept_to_be_looked_at(spoiled, advance, tmp_path):
    training = spoiled()
    with pytest.raises(EfganError):
        advance(training, 2)
    path = tmp_path / "bad_steps" / "0000001.generator.json"
    document = json.loads(path.read_text())
    assert (document["step"], document["player"], document["what"]) == (1, "generator", "loss")
    assert document["module"] == MOUTH
    assert document["precision"] == "fp32"
    assert "content" in document["terms"]
    assert document["losses"]["content"] == "nan"
    assert math.isfinite(document["losses"]["attention"]), "a map is not made of colours"
    draws = training.plan[1]
    assert [face["source"] for face in document["faces"]] == [training.faces.names[draw.source] for draw in draws]
    assert [face["not_finite"] for face in document["faces"]] == [False, True]
    with Image.open(path.with_suffix(".png")) as sheet:
        sheet.load()


def test_a_gradient_is_traced_to_its_parameters(spoiled, advance, same):
    training = spoiled(gradient=True)
    advance(training)
    before = learned(training.graph.generators)
    with pytest.raises(EfganError) as caught:
        advance(training)
    text = str(caught.value)
    assert "the gradient of " in text
    assert "first at generators.mouth." in text
    assert "attention" not in text.partition(" is not finite")[0], "its gradient does not pass the colours"
    assert same(learned(training.graph.generators), before)


def test_weights_that_are_bad_themselves_are_named(prepared, advance):
    training = prepared("train.steps=6")
    with torch.no_grad():
        training.graph.generators["eyes"].colour.weight.fill_(math.nan)
    with pytest.raises(EfganError, match=r"weights are not finite themselves: generators\.eyes\.colour\.weight"):
        advance(training)


def test_a_budget_skips_the_players_update_and_everything_goes_on(spoiled, advance, weights):
    training = spoiled("train.skip_bad_steps=2", steps=(1, 3))
    advance(training)
    before = weights(training.graph)
    advance(training)
    after = weights(training.graph)
    moved = {name.partition(".")[0] for name in before if not torch.equal(before[name], after[name])}
    assert "generators" not in moved
    assert "interpolator" in moved, "who does not learn from the bad picture learns"
    assert "1 of 2" in spoiled.said[0]
    assert "its update is skipped" in spoiled.said[0]
    advance(training, 4)
    assert training.step == 6
    assert training.bad.skipped == 2, "steps, however many players could not learn in them"
    assert all(torch.isfinite(tensor).all() for tensor in weights(training.graph).values())


def test_a_skipped_step_leaves_no_trace_in_what_modules_keep(spoiled, advance):
    """Spectral norms turn their vectors with every forward; a bad picture must not reach them."""
    training = spoiled("train.skip_bad_steps=1", steps=(0,))
    kept = {name: buffer.clone() for name, buffer in training.graph.generators.named_buffers()}
    assert kept
    advance(training)
    assert all(torch.equal(kept[name], buffer) for name, buffer in training.graph.generators.named_buffers())


def test_one_more_than_the_budget_ends_the_run(spoiled, advance):
    training = spoiled("train.skip_bad_steps=1", steps=(1, 2))
    with pytest.raises(EfganError, match="no checkpoint is lost after 1 such steps were skipped"):
        advance(training, 3)
    assert training.step == 2


def test_what_was_skipped_is_logged_saved_and_summed_up(tiny, tmp_path, monkeypatch):
    from efgan_kit.training import loop

    really = loop.prepare

    def prepare(*given):
        training = really(*given)
        spoil(training, steps=(1,))
        return training

    monkeypatch.setattr(loop, "prepare", prepare)
    recipe = tiny("train.steps=3", "train.skip_bad_steps=1", "train.checkpoint_every=1")
    summary = train(recipe, run=tmp_path / "run", quiet=True)
    lines = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    assert [line.get("skipped", 0) for line in lines] == [0, 1, 1]
    assert summary["skipped_steps"] == 1
    state = json.loads((tmp_path / "run" / "checkpoints" / "0000003" / "state.json").read_text())
    assert state["skipped"] == 1
