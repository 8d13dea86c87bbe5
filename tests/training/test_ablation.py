"""Drop a term, and everything that only it needed is gone from the step; nothing else has moved."""

import pytest
import torch

from efgan_kit.training.modes import evaluating
from efgan_kit.training.streams import stream

ALL = ("adversarial", "conditional", "content", "attention", "interpolation")


@pytest.fixture
def asked(monkeypatch):
    """Which of a graph's values are computed, and how often."""

    def asked(training):
        calls = []
        (functions,) = training.stages
        training.stages = [
            {
                name: type(function)(
                    lambda _name=name, _function=function.function, **needs: calls.append(_name) or _function(**needs),
                    function.needs,
                    function.made_by,
                )
                for name, function in functions.items()
            }
        ]
        return calls

    return asked


def test_every_value_is_computed_at_most_once_a_phase(prepared, advance, asked):
    training = prepared()
    calls = asked(training)
    advance(training)
    assert calls.count("reconstruction") == calls.count("edited") == calls.count("branches") == 1
    assert calls.count("fake_verdict") == 2, "once for the generator, once for the discriminators"
    assert max(calls.count(name) for name in calls) <= 3


def test_without_content_nothing_is_edited_back(prepared, advance, counted, asked):
    training = prepared("losses.content=null")
    calls = {name: counted(generator) for name, generator in training.graph.generators.items()}
    refined, values = counted(training.graph.refiner), asked(training)
    advance(training)
    assert {name: len(made) for name, made in calls.items()} == dict.fromkeys(calls, 1)
    assert len(refined) == 1
    assert "reconstruction" not in values


def test_without_the_conditional_term_the_au_head_is_not_read_and_learns_nothing(prepared, advance, asked):
    training = prepared("losses.conditional=null")
    head = training.graph.final_critic.aus.weight
    before, values = head.clone(), asked(training)
    advance(training, 2)
    assert not {"real_aus_read", "edited_aus_read"} & set(values)
    assert torch.equal(head, before)
    assert head.grad is None


def test_without_the_adversarial_term_the_initial_critics_are_never_asked(prepared, advance, counted, weights, same):
    training = prepared("losses.adversarial=null")
    calls = [counted(critic) for critic in training.graph.initial_critics.values()]
    final, before = counted(training.graph.final_critic), weights(training.graph.initial_critics)
    advance(training, 2)
    assert [len(made) for made in calls] == [0, 0, 0, 0]
    assert same(weights(training.graph.initial_critics), before)
    assert len(final) == 2 * 2, "the conditional term alone asks it: for the edit, then for the source"


def test_without_the_interpolation_term_interpolator_and_its_critic_stay_as_they_are(
    prepared, advance, counted, weights, same
):
    training = prepared("losses.interpolation=null")
    parts = torch.nn.ModuleList([training.graph.interpolator, training.graph.au_critic])
    calls, before = [counted(part) for part in parts], weights(parts)
    advance(training, 2)
    assert calls == [[], []]
    assert same(weights(parts), before)
    assert [phase.player for phase in training.phases] == ["generator", "discriminator"]


def test_a_weight_of_0_computes_as_little_as_a_dropped_term(prepared, advance):
    dropped = advance(prepared("losses.content=null"), 2)
    assert advance(prepared("losses.content.weight=0"), 2) == dropped


@pytest.mark.parametrize("term", ALL)
def test_dropping_a_term_moves_nobody_elses_random_numbers(term, prepared, advance, batch_of):
    drawn = {}

    def noted(seed, consumer, step=0):
        random = stream(seed, consumer, step)
        drawn[consumer, step] = random.initial_seed()
        return random

    def one_step(*overrides):
        drawn.clear()
        training = prepared(*overrides)
        training.streams = noted
        start = {name: tensor.clone() for name, tensor in training.graph.state_dict().items()}
        advance(training)
        given = [batch_of(training, number) for number in range(2)]
        return dict(drawn), start, given

    (whole, first, batches), (ablated, second, others) = one_step(), one_step(f"losses.{term}=null")
    assert ablated.items() <= whole.items()
    assert {consumer for consumer, _ in whole} >= {
        "losses.adversarial.discriminator",
        "losses.interpolation.discriminator",
        "values.step_share",
    }
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert all(torch.equal(one[name], other[name]) for one, other in zip(batches, others, strict=True) for name in one)


def test_the_penalty_is_taken_at_the_same_points_without_the_content_term(prepared, advance, counted):
    """In the first step the edits are the same, so that the pictures between must be, too."""

    def seen(*overrides):
        training = prepared(*overrides)
        calls = counted(training.graph.final_critic)
        advance(training)
        return [inputs[0].detach() for inputs in calls if inputs[0].is_leaf and inputs[0].requires_grad]

    whole, ablated = seen(), seen("losses.content=null")
    assert len(whole) == len(ablated) == 1
    assert torch.equal(whole[0], ablated[0])


def test_dropping_a_term_leaves_the_beginnings_of_the_other_terms(prepared):
    two = "{use: au-teacher, steps: 1, width: 4}"
    both = prepared(f"losses.one={two}", f"losses.two={two}")
    alone = prepared(f"losses.two={two}")
    one, other = both.terms["two"].state_dict(), alone.terms["two"].state_dict()
    assert all(torch.equal(one[name], other[name]) for name in one)
    first = both.terms["one"].state_dict()
    assert not all(torch.equal(one[name], first[name]) for name in one)


def test_an_attention_that_nobody_asks_for_costs_no_forward_but_is_still_logged(prepared, batch_of, counted):
    training = prepared("losses.attention=null")
    calls = counted(training.graph.generators["face"])
    _, (values,) = training.take_step(batch_of(training, 0))
    made = len(calls)
    with torch.no_grad(), evaluating(training.graph):
        assert set(values["attention"]) == {"face", "eyes", "nose", "mouth"}
    assert len(calls) == made
