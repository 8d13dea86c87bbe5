"""Each part of a graph begins from a stream of its own: what is dropped or exchanged moves no other part's weights."""

import pytest
import torch


def beginning(training):
    return dict(training.graph.state_dict())


def of_part(weights, *prefixes):
    return {name for name in weights if name.startswith(prefixes)}


@pytest.mark.parametrize(
    ("changes", "touched"),
    [
        (["graph.refiner=null"], ("refiner.",)),
        (["losses.adversarial=null", "graph.discriminators.initial=null"], ("initial_critics.",)),
        (["losses.conditional=null", "graph.discriminators.final.predicts_aus=false"], ("final_critic.aus",)),
        (["graph.generator={use: warp-and-paint, width: 4}"], ("generators.",)),
        (["graph.generator.per_region={eyes: {blocks: 2}}"], ("generators.eyes.",)),
        (["graph.branches=[face, mouth]"], ("generators.", "initial_critics.")),
        (["graph.interpolator={use: linear}"], ("interpolator.",)),
    ],
)
def test_other_parts_begin_as_they_did(changes, touched, prepared):
    before, after = beginning(prepared()), beginning(prepared(*changes))
    spared = [name for name in before if name not in of_part(before, *touched)]
    assert spared
    assert all(torch.equal(before[name], after[name]) for name in spared)


def test_a_branch_begins_as_it_did_without_its_neighbours(prepared):
    before, after = beginning(prepared()), beginning(prepared("graph.branches=[face, mouth]"))
    mouth = of_part(before, "generators.mouth.", "initial_critics.mouth.")
    assert mouth
    assert all(torch.equal(before[name], after[name]) for name in mouth)


def test_regions_of_equal_layers_begin_otherwise(prepared):
    weights = beginning(prepared())
    pairs = [
        (name, name.replace("generators.eyes", "generators.mouth"))
        for name in of_part(weights, "generators.eyes.")
        if name.endswith("weight") and weights[name].ndim > 1
    ]
    assert pairs
    assert not any(torch.equal(weights[one], weights[other]) for one, other in pairs)


def test_another_seed_begins_otherwise(prepared):
    one, other = beginning(prepared()), beginning(prepared("train.seed=7"))
    refiner = [name for name in of_part(one, "refiner.") if one[name].ndim > 1]
    assert refiner
    assert not any(torch.equal(one[name], other[name]) for name in refiner)


def test_building_leaves_the_global_generator_alone(prepared):
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    prepared()
    assert torch.equal(torch.rand(2), expected)
