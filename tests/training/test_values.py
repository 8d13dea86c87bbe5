"""Named values: computed at most once a phase, only if asked for, other players' as constants."""

import pytest
import torch

from efgan_kit.api import Edit, EfganError, ValueFunction
from efgan_kit.training.streams import stream
from efgan_kit.training.values import StepValues, needed


class Table:
    """A little graph: `made` and `derived` are the generator's, `score` nobody's; every call is noted."""

    def __init__(self):
        self.calls = []
        self.weight = torch.ones((), requires_grad=True)
        self.functions = {
            "made": ValueFunction.of(self.made, "generator"),
            "derived": ValueFunction.of(self.derived, "generator"),
            "score": ValueFunction.of(self.score),
            "noise": ValueFunction.of(self.noise),
        }

    def values(self):
        given = {"source": torch.tensor(3.0)}
        return StepValues(self.functions, given, lambda consumer: stream(0, consumer, 4))

    def made(self, source):
        self.calls.append("made")
        return {"face": Edit(source * self.weight, self.weight * 1, self.weight * 2)}

    def derived(self, made):
        self.calls.append("derived")
        return made["face"].image + 1

    def score(self, derived):
        self.calls.append("score")
        return 2 * derived

    def noise(self, random):
        self.calls.append("noise")
        return torch.rand(2, generator=random)


def test_nothing_is_computed_until_it_is_asked_for():
    table = Table()
    values = table.values()
    values.begin("generator")
    assert table.calls == []
    assert values["source"] == 3
    assert table.calls == []


def test_a_value_is_computed_once_a_phase_with_all_that_it_needs():
    table = Table()
    values = table.values()
    values.begin("generator")
    assert values["score"] == 8
    assert values["score"] is values["score"]
    assert values["derived"] == 4
    assert table.calls == ["made", "derived", "score"]


def test_the_generators_values_are_reused_in_the_next_phase_without_their_history():
    table = Table()
    values = table.values()
    values.begin("generator")
    assert values["score"].requires_grad
    values.begin("discriminator")
    score = values["score"]
    assert table.calls == ["made", "derived", "score", "score"], "only what is nobody's is computed anew"
    assert not score.requires_grad
    face = values["made"]["face"]
    assert isinstance(face, Edit), "named tuples in mappings keep their form"
    assert not face.image.requires_grad
    assert face.flow is None


def test_another_players_value_that_nobody_made_is_made_as_a_constant():
    table = Table()
    values = table.values()
    values.begin("discriminator")
    assert not values["derived"].requires_grad
    assert table.calls == ["made", "derived"]


def test_a_players_own_values_are_computed_anew_in_its_next_phase():
    table = Table()
    values = table.values()
    for _ in range(2):
        values.begin("generator")
        assert values["derived"].requires_grad
    assert table.calls == ["made", "derived"] * 2


def test_random_is_a_stream_of_the_consumers_own_and_of_the_step():
    table = Table()
    values = table.values()
    values.begin("generator")
    noise = values["noise"]
    assert torch.equal(noise, torch.rand(2, generator=stream(0, "values.noise", 4)))
    values.begin("discriminator")
    assert torch.equal(values["noise"], noise), "the same draw in every phase of a step"
    asked = values.collect(("random", "source"), "losses.mine.generator")
    assert torch.equal(
        torch.rand(2, generator=asked["random"]),
        torch.rand(2, generator=stream(0, "losses.mine.generator", 4)),
    )


def test_what_is_needed_is_known_before_anything_is_computed():
    table = Table()
    assert needed(table.functions, {"source": 0}, ("score", "random")) == {"score", "derived", "made"}
    assert needed(table.functions, {"source": 0}, ("source",)) == set()
    with pytest.raises(EfganError, match=r"scroe: .* did you mean 'score'"):
        needed(table.functions, {"source": 0}, ("scroe",))
    assert table.calls == []
