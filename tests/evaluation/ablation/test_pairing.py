"""Arms are tried before they are trained, and differ in nothing that their recipes do not say."""

import attrs
import pytest
import torch

from efgan_kit.errors import EfganError
from efgan_kit.evaluation.ablation.pairing import prove
from efgan_kit.evaluation.ablation.trial import Trial, try_out
from efgan_kit.evaluation.study.arms import recipe_of

CPU = torch.device("cpu")
CASCADE = (
    "{use: cascade-ef-gan, modules: 2, generator: {use: warp-and-paint, width: 4}, refiner: {use: residual-refiner,"
    " width: 4}, interpolator: {use: residual-mlp}, au_discriminator: {use: au-critic}, discriminators: {initial: {use:"
    " patch-critic, width: 4, layers: 1}, final: {use: patch-critic, width: 4, layers: 2, predicts_aus: true}}}"
)


@pytest.fixture
def tried(ablation):
    """An ablation's recipes and trials."""

    def tried(**wishes):
        asked = ablation(**wishes)
        recipes = {name: recipe_of(arm) for name, arm in asked.study.arms.items()}
        return asked, recipes, {name: try_out(recipe, CPU) for name, recipe in recipes.items()}

    return tried


@pytest.fixture
def dropped(tried):
    return tried(drop=("content", "conditional", "interpolation"))


def test_a_trial_is_the_same_every_time(ablation):
    recipe = recipe_of(ablation(drop=("content",)).study.arms["baseline"])
    assert try_out(recipe, CPU) == try_out(recipe, CPU)


def test_arms_that_lack_a_term_share_all_else(dropped):
    content, conditional, interpolation = prove(*dropped)
    assert content.same_faces
    assert (content.gone, content.added, content.otherwise) == ((), (), ())
    assert conditional.gone == ("graph.discriminators.final (final_critic.aus.weight)",)
    assert set(interpolation.gone) == {"graph.interpolator", "graph.au_discriminator"}
    assert all(pairing.otherwise == () and pairing.same_faces for pairing in (content, conditional, interpolation))


def test_a_consumer_that_draws_more_than_the_other_arms_is_found(ablation, monkeypatch):
    """Its stream is its own, but one that is drawn from once more is behind from there on."""
    from efgan_kit.components.graphs.ef_gan import EFGAN

    asked = ablation(drop=("attention",))
    recipes = {name: recipe_of(arm) for name, arm in asked.study.arms.items()}
    trials = {"baseline": try_out(recipes["baseline"], CPU)}
    share = EFGAN.step_share

    def greedy(self, source_aus, random):
        torch.rand(1, generator=random)
        return share(self, source_aus, random)

    greedy.efgan_value = share.efgan_value
    monkeypatch.setattr(EFGAN, "step_share", greedy)
    trials["no-attention"] = try_out(recipes["no-attention"], CPU)
    with pytest.raises(EfganError, match=r"'values.step_share' draws other random numbers"):
        prove(asked, recipes, trials)


def test_every_module_of_a_cascade_is_held_to_the_recipes_keys(ablation):
    recipe = recipe_of(ablation(drop=("content",), overrides=[f"graph={CASCADE}"]).study.arms["baseline"])
    trial = try_out(recipe, CPU)
    assert "graph" not in trial.weights
    modules = {name.split(".")[1] for name in trial.weights["graph.refiner"]}
    assert modules == {"0", "1"}


def test_a_step_without_content_edits_nothing_back(dropped):
    _, _, trials = dropped
    calls, without = trials["baseline"].calls, trials["no-content"].calls
    assert without["generators.eyes"] == calls["generators.eyes"] / 2
    assert without["refiner"] == calls["refiner"] / 2
    assert without["final_critic"] == calls["final_critic"]
    assert trials["no-content"].flops < trials["baseline"].flops
    assert trials["no-content"].kept < trials["baseline"].kept
    assert trials["no-content"].parameters == trials["baseline"].parameters


def test_a_step_without_conditional_has_no_au_head(dropped):
    _, recipes, trials = dropped
    aus = len(recipes["baseline"].faces.aus)
    height = recipes["baseline"].faces.size >> 3
    assert trials["baseline"].parameters - trials["no-conditional"].parameters == aus * 16 * height**2
    assert trials["no-conditional"].flops < trials["baseline"].flops


def test_a_step_without_interpolation_has_no_interpolator(dropped):
    _, _, trials = dropped
    assert "interpolator" in trials["baseline"].calls
    assert not {"interpolator", "au_critic"} & set(trials["no-interpolation"].calls)


def test_a_swapped_part_begins_otherwise_and_its_recipe_says_so(tried):
    (pairing,) = prove(*tried(swap=(("refiner", "residual-refiner"),)))
    assert pairing.differences == ("graph.refiner: paste-and-refine -> residual-refiner",)
    assert all(key.startswith("graph.refiner") for key in (*pairing.gone, *pairing.added, *pairing.otherwise))


@pytest.fixture
def trial():
    return Trial(
        weights={"graph.refiner": {"refiner.weight": "a"}, "losses.content": {"scale": "b"}},
        draws=("1",),
        given={"source": "2"},
        streams={"losses.content.generator": "3"},
        calls={},
        parameters=1,
        flops=1,
        kept=1,
    )


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"weights": {"graph.refiner": {"refiner.weight": "z"}}}, "other weights begin graph.refiner"),
        ({"weights": {"graph.refiner": {}}}, "weights are gone from graph.refiner"),
        ({"draws": ("other",)}, "the first batches differ"),
        ({"given": {"source": "other"}}, "the first batches differ"),
        ({"streams": {"losses.content.generator": "4"}}, "'losses.content.generator' draws other random numbers"),
    ],
)
def test_a_difference_that_the_recipe_does_not_account_for_is_refused(changed, said, ablation, trial):
    asked = ablation(drop=("attention",))
    recipes = {name: recipe_of(arm) for name, arm in asked.study.arms.items()}
    trials = {"baseline": trial, "no-attention": attrs.evolve(trial, **changed)}
    with pytest.raises(EfganError, match=said):
        prove(asked, recipes, trials)
