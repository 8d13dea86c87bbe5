"""What is asked becomes arms that differ in one thing each; what can't be asked is refused, all at once."""

import pytest

from efgan_kit.errors import EfganError
from efgan_kit.evaluation.ablation import ask as asking
from efgan_kit.evaluation.ablation.ask import Wishes, ask, with_steps
from efgan_kit.evaluation.study.arms import recipe_of

TERMS = ("adversarial", "conditional", "content", "attention", "interpolation")


@pytest.fixture(autouse=True)
def unbuilt(monkeypatch):
    """Graphs are not built, which takes a second each."""
    monkeypatch.setattr(asking, "inspect_graph", lambda recipe: None)


def asked(**wishes):
    return ask("quickstart-published", Wishes(**wishes))


def recipes(ablation):
    return {name: recipe_of(arm) for name, arm in ablation.study.arms.items()}


def refused(*arguments, **keywords):
    with pytest.raises(EfganError) as caught:
        ask(*arguments, **keywords)
    return str(caught.value)


def test_each_drops_every_term_by_itself():
    ablation = asked(each=True)
    assert list(ablation.study.arms) == ["baseline", *(f"no-{term}" for term in TERMS)]
    for term, recipe in zip(TERMS, list(recipes(ablation).values())[1:], strict=True):
        assert set(recipe.losses) == set(TERMS) - {term}


def test_an_arm_is_rid_of_what_only_its_term_needed():
    found = recipes(asked(each=True))
    assert found["no-interpolation"].graph.params["interpolator"] is None
    assert found["no-conditional"].graph.params["discriminators"]["final"].params["predicts_aus"] is False
    assert set(found["no-adversarial"].graph.params["discriminators"]) == {"final"}
    assert found["no-content"].graph == found["baseline"].graph


def test_the_study_asks_what_the_term_buys():
    (comparison,) = asked(drop=("content",)).study.comparisons
    assert (comparison.arm, comparison.against) == ("baseline", "no-content")


def test_a_term_named_twice_is_dropped_once():
    assert list(asked(drop=("content", "content")).study.arms) == ["baseline", "no-content"]


def test_pairs_come_with_each_term_alone_and_the_whole():
    ablation = asked(drop=("content", "attention"), pairs=True)
    assert list(ablation.study.arms) == ["baseline", "no-content", "no-attention", "no-content-no-attention"]
    assert set(recipes(ablation)["no-content-no-attention"].losses) == {"adversarial", "conditional", "interpolation"}


def test_pairs_of_nothing_in_particular_are_of_all_terms():
    kinds = [variant.kind for variant in asked(pairs=True).variants]
    assert (kinds.count("drop"), kinds.count("pair")) == (5, 10)


def test_add_begins_with_the_smallest_set_and_has_no_need_of_the_whole():
    ablation = asked(add=True)
    assert next(iter(ablation.study.arms)) == "smallest"
    assert "baseline" not in ablation.study.arms
    found = recipes(ablation)
    assert set(found["smallest"].losses) == {"adversarial"}
    assert set(found["plus-content"].losses) == {"adversarial", "content"}
    assert found["smallest"].graph.params["interpolator"] is None
    assert found["plus-interpolation"].graph.params["interpolator"] is not None


def test_the_smallest_set_may_be_named():
    found = recipes(asked(add=True, smallest=("conditional", "content")))
    assert set(found["plus-attention"].losses) == {"conditional", "content", "attention"}


def test_a_weight_is_scaled_for_every_player():
    ablation = asked(scale={"adversarial": (0.1, 1, 10)})
    weights = {name: recipe.losses["adversarial"].weight for name, recipe in recipes(ablation).items()}
    assert weights == {
        "baseline": {"generator": 0.5, "discriminator": 1},
        "adversarial-x0_1": {"generator": 0.05, "discriminator": 0.1},
        "adversarial-x10": {"generator": 5, "discriminator": 10},
    }


def test_a_factor_of_1_is_the_baseline():
    assert list(asked(scale={"content": (1, 2)}).study.arms) == ["baseline", "content-x2"]


@pytest.mark.parametrize("slot", ["refiner", "graph.refiner"])
def test_a_swapped_component_leaves_the_old_ones_parameters(slot):
    ablation = asked(swap=((slot, "residual-refiner"),))
    refiner = recipes(ablation)[ablation.variants[0].arm].graph.params["refiner"]
    assert refiner.use == "residual-refiner"


def test_a_swap_may_set_parameters_and_exchange_a_loss():
    term = "{use: relativistic, weight: 0.02, penalty: 0.3}"
    ablation = asked(swap=(("discriminators.final", "{use: patch-critic, width: 8}"), ("losses.adversarial", term)))
    found = [recipes(ablation)[variant.arm] for variant in ablation.variants]
    assert found[0].graph.params["discriminators"]["final"].params["width"] == 8
    assert found[1].losses["adversarial"].component.use == "relativistic"


def test_names_of_arms_are_names_of_folders():
    ablation = asked(swap=(("refiner", "{use: residual-refiner, width: 8}"),), scale={"content": (1e-7, 0.25)})
    assert all(name.replace("-", "").replace("_", "").isalnum() for name in ablation.study.arms)
    assert len(set(ablation.study.arms)) == 4


def test_factors_that_round_to_one_name_are_two_arms():
    ablation = asked(scale={"content": (0.1, 0.10000001, 0.1)})
    assert [variant.arm for variant in ablation.variants] == ["content-x0_1", "content-x0_1-2"]


def test_figures_are_asked_once():
    assert ask("quickstart", Wishes(drop=("content",)), figures=("psnr", "psnr")).figures == ("psnr",)


def test_a_term_with_a_dot_is_refused():
    told = refused("quickstart", Wishes(each=True), overrides=['losses={"a.b": {use: cycle-l1}}'])
    assert "a term with a dot" in told


def test_overrides_are_every_arms_and_a_drop_comes_after_them():
    ablation = ask("quickstart-published", Wishes(drop=("content",)), overrides=["losses.content.weight=7"])
    found = recipes(ablation)
    assert found["baseline"].losses["content"].weight == 7
    assert "content" not in found["no-content"].losses


@pytest.mark.parametrize(
    ("wishes", "said"),
    [
        ({}, "nothing is to be ablated"),
        ({"drop": ("contnt",)}, "no loss term 'contnt'; did you mean 'content'?"),
        ({"scale": {"atention": (2,)}}, "no loss term 'atention'; did you mean 'attention'?"),
        ({"add": True, "smallest": ("adversrial",)}, "did you mean 'adversarial'?"),
        ({"add": True, "smallest": TERMS}, "there is no other term to add"),
        ({"swap": (("refinr", "x"),)}, "no 'refinr' to swap; did you mean 'refiner'?"),
        ({"drop": ("content",), "pairs": True}, "a single term makes no pair"),
        ({"scale": {"content": (1,)}}, "nothing is to be ablated"),
        ({"swap": (("refiner", "paste-and-refine"),)}, "'refiner: paste-and-refine' changes nothing"),
    ],
)
def test_what_is_not_there_is_refused_with_the_nearest(wishes, said):
    assert said in refused("quickstart-published", Wishes(**wishes))


def test_all_faults_are_told_at_once():
    told = refused("quickstart-published", Wishes(drop=("contnt",), swap=(("refinr", "x"),)), figures=("psmr",))
    assert len(told.splitlines()) == 3
    assert "did you mean 'psnr'?" in told


def test_a_component_that_is_not_there_is_refused_by_its_name():
    told = refused("quickstart-published", Wishes(swap=(("refiner", "residual-refner"),)))
    assert "did you mean 'residual-refiner'?" in told


def test_the_last_term_can_t_be_dropped():
    alone = [f"losses.{term}=null" for term in TERMS if term != "content"]
    told = refused("quickstart-published", Wishes(each=True), overrides=alone)
    assert "a single loss term" in told


def test_a_seed_among_the_overrides_is_refused():
    assert "seeds" in refused("quickstart", Wishes(each=True), overrides=["train.seed=3"])


def test_a_difference_of_interest_is_above_0():
    told = refused("quickstart", Wishes(each=True), of_interest={"psnr": 0.0, "snr": 1, "ssim": float("inf")})
    assert "psnr=0" in told
    assert "ssim=inf" in told
    assert "'snr'" in told


def test_fewer_steps_bring_closer_logs_and_checkpoints_but_never_rarer_ones():
    changes = with_steps("quickstart", [], 40)
    assert changes == ["train.steps=40", "train.log_every=2", "train.sample_every=40", "train.checkpoint_every=10"]
    assert with_steps("quickstart", [], 100000) == ["train.steps=100000"]


def test_steps_take_the_place_of_epochs():
    ablation = ask("ef-gan", Wishes(drop=("content",)), overrides=with_steps("ef-gan", [], 8))
    train = recipes(ablation)["baseline"].train
    assert (train.steps, train.epochs, train.checkpoint_every) == (8, None, 2)
