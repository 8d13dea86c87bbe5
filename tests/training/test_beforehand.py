"""What a term learns before the first step is learned once, and whether it was makes no difference to a training."""

import pytest
import torch

from efgan_kit.components.losses.au_teacher import AUTeacher

TEACHER = "losses.conditional={use: au-teacher, steps: 2, width: 4, weight: 1}"


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("EFGAN_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache" / "terms"


@pytest.fixture
def fitted(monkeypatch):
    """How often a teacher has been fitted."""
    times = []
    fit = AUTeacher.prepare

    def counted(self, faces, random):
        times.append(self)
        fit(self, faces, random)

    monkeypatch.setattr(AUTeacher, "prepare", counted)
    return times


@pytest.fixture
def learned(prepared):
    def learned(*overrides):
        said = []
        training = prepared(TEACHER, *overrides)
        training.learn_beforehand(said.append)
        return training, said

    return learned


def test_a_second_training_takes_over_what_the_first_learned(learned, fitted, advance):
    first, said = learned()
    second, heard = learned("losses.content=null")
    assert len(fitted) == 1
    assert said == ["preparing the loss term 'conditional' ..."]
    assert heard == ["the loss term 'conditional' has been prepared before"]
    one, other = first.terms["conditional"].state_dict(), second.terms["conditional"].state_dict()
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_a_training_is_the_same_whether_the_term_was_prepared_before_or_not(learned, fitted, advance):
    (first, _), (second, _) = learned(), learned()
    assert len(fitted) == 1
    assert advance(first, 2) == advance(second, 2)
    one, other = first.graph.state_dict(), second.graph.state_dict()
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert not any(parameter.requires_grad for parameter in second.terms["conditional"].parameters())


@pytest.mark.parametrize(
    "change",
    ["train.seed=5", "losses.conditional.steps=3", "data.train.people=7", "faces.aus=[AU06, AU12]"],
)
def test_what_decides_the_outcome_is_learned_anew(change, learned, fitted):
    learned()
    learned(change)
    assert len(fitted) == 2


@pytest.mark.parametrize("change", ["losses.conditional.weight=9", "losses.conditional.every=2", "train.batch_size=2"])
def test_what_does_not_is_not(change, learned, fitted):
    learned()
    learned(change)
    assert len(fitted) == 1


def test_a_term_of_another_name_draws_other_numbers_and_learns_anew(learned, fitted):
    learned()
    learned("losses.second={use: au-teacher, steps: 2, width: 4, weight: 1}")
    assert len(fitted) == 2


def test_a_damaged_file_is_as_good_as_none(learned, fitted, cache):
    first, _ = learned()
    (kept,) = cache.iterdir()
    kept.write_bytes(kept.read_bytes()[:100])
    second, _ = learned()
    assert len(fitted) == 2
    one, other = first.terms["conditional"].state_dict(), second.terms["conditional"].state_dict()
    assert all(torch.equal(one[name], other[name]) for name in one)
