"""Named values of plugins: any loss term that asks for one gets it, computed once, in every module."""

import json
import sys

import pytest
import torch

from efgan_kit.errors import EfganError
from efgan_kit.recipe import lock
from efgan_kit.recipe.inspection import mermaid, values_in_use
from efgan_kit.training.loop import prepare, train
from efgan_kit.training.step import Training

LITTLE = "losses.little={use: little-change, weight: 1}"


@pytest.fixture(autouse=True)
def _installed(reach_plugin):
    pass


@pytest.fixture
def calls():
    noted = sys.modules["reach_parts"].CALLS
    noted.clear()
    return noted


def test_a_term_gets_the_value_that_it_asks_for(prepared, batch_of):
    training: Training = prepared(LITTLE)
    given = batch_of(training, 0)
    (values,) = training.values(given)
    values.begin("generator")
    with torch.no_grad():
        expected = (values["edited"] - given["source"]).abs().mean()
    losses, _ = training.take_step(given)
    assert losses["little.generator"].item() == pytest.approx(expected.item(), rel=1e-5)


def test_it_is_computed_once_a_step_and_a_constant_for_the_other_players(prepared, batch_of, calls):
    training = prepared(LITTLE)
    calls.clear()
    losses, _ = training.take_step(batch_of(training, 0))
    assert calls == [True], "by the generator's phase, and reused by the discriminator's"
    assert losses["little.discriminator"].item() == pytest.approx(losses["little.generator"].item(), rel=1e-5)


def test_it_has_gradients_of_its_own_in_the_generators_phase(prepared, batch_of, weights):
    training = prepared(LITTLE, "losses.content=null", "losses.adversarial=null", "losses.conditional=null",
                        "losses.attention=null", "losses.interpolation=null")  # fmt: skip
    before = weights(training.graph)
    training.take_step(batch_of(training, 0))
    after = weights(training.graph)
    assert any(not torch.equal(before[name], after[name]) for name in before if "generator" in name)


def test_dropping_the_term_computes_it_no_more(prepared, batch_of, calls):
    training = prepared()
    training.take_step(batch_of(training, 0))
    assert calls == []
    assert "change" not in training.stages[0]


def test_the_recipes_graph_shows_it_and_the_lock_names_whose_it_is(tiny):
    recipe = tiny(LITTLE)
    assert values_in_use(recipe)["change_size"] == ("change",)
    assert "change --> change_size" in mermaid(recipe)
    locked = lock(recipe)
    assert locked["distributions"]["reach-plugin"] == "0.3"
    assert locked["components"]["value:change-size"] == "reach-plugin"
    assert "value:change-size" not in lock(tiny())["components"]


def test_each_module_of_a_cascade_has_its_own(same_weights, tmp_path):
    from efgan_kit.recipe import load_recipe

    recipe = load_recipe(same_weights.cascade / "recipe.yaml", overrides=[LITTLE, "train.steps=1"])
    train(recipe, run=tmp_path / "run", quiet=True)
    losses = json.loads((tmp_path / "run" / "log.jsonl").read_text().splitlines()[-1])["losses"]
    parts = [losses[f"little.generator@{place}"] for place in (1, 2, 3)]
    assert losses["little.generator"] == pytest.approx(sum(parts), rel=1e-5)
    assert len(set(parts)) == 3


@pytest.mark.parametrize(
    ("term", "words"),
    [
        ("little-bending", "asks for 'bent_flow', which reach-plugin makes from 'flwo', a value that 'ef-gan' has not"),
        ("little-bare", "the value 'bare' of reach-plugin (reach_parts:bare) can't be used: it is not marked @value"),
    ],
)
def test_what_a_value_lacks_is_said_before_anything_is_built(tiny, term, words):
    with pytest.raises(EfganError) as caught:
        tiny(f"losses.little={{use: {term}, weight: 1}}")
    assert words in str(caught.value)


def test_without_its_plugin_the_term_is_unknown(tiny, monkeypatch, fresh_registry):
    monkeypatch.setenv("EFGAN_DISABLE_PLUGINS", "reach-plugin")
    fresh_registry.cache_clear()
    with pytest.raises(EfganError, match="little-change"):
        tiny(LITTLE)


def test_preparing_twice_is_the_same(tiny):
    first, second = (prepare(tiny(LITTLE), torch.device("cpu")).stages[0].keys() for _ in range(2))
    assert first == second
