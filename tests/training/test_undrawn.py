"""Weights that are there already are taken over without others being drawn, whatever a constructor does."""

import pytest
import torch
from torch import nn

from efgan_kit.recipe import build_graph
from efgan_kit.training import load_to_edit, load_trained, undrawn
from efgan_kit.training.folding import folded
from efgan_kit.training.undrawn import with_weights


class Plain(nn.Module):
    """As components are: parameters, and a buffer that is state."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(3, 2)
        self.register_buffer("mean", torch.zeros(2))

    def forward(self, x):
        return self.layer(x) - self.mean


class Constant(Plain):
    """Keeps a tensor that is no state."""

    def __init__(self):
        super().__init__()
        self.scale = torch.tensor([1.0, 2.0])

    def forward(self, x):
        return super().forward(x) * self.scale


class Hidden(Plain):
    """Keeps one where no walk over the module finds it."""

    def __init__(self):
        super().__init__()
        scale = torch.arange(2.0)
        self.scaled = lambda x: x * scale

    def forward(self, x):
        return self.scaled(super().forward(x))


class Unsaved(Plain):
    """Has a buffer that no file holds."""

    def __init__(self):
        super().__init__()
        self.register_buffer("ramp", torch.arange(2.0), persistent=False)

    def forward(self, x):
        return super().forward(x) + self.ramp


class Reads(Plain):
    """Reads a value, which no tensor without memory has."""

    def __init__(self):
        super().__init__()
        self.bound = torch.tensor([1.0, 0.5]).max().item()

    def forward(self, x):
        return super().forward(x).clamp(max=self.bound)


class Ties(Plain):
    """Two layers share one weight."""

    def __init__(self):
        super().__init__()
        self.other = nn.Linear(3, 2)
        self.other.weight = self.layer.weight

    def forward(self, x):
        return super().forward(x) + self.other(x)


@pytest.mark.parametrize(
    ("kind", "is_undrawn"),
    [(Plain, True), (Constant, False), (Hidden, False), (Unsaved, False), (Reads, False), (Ties, False)],
)
def test_a_module_computes_what_the_one_computed_whose_weights_it_has(kind, is_undrawn):
    torch.manual_seed(0)
    theirs = kind()
    theirs.mean += 1
    drawn = torch.get_rng_state()
    mine = with_weights(kind, theirs.state_dict())
    assert torch.equal(torch.get_rng_state(), drawn) == is_undrawn
    x = torch.randn(4, 3)
    assert torch.equal(mine(x), theirs(x))
    assert [name for name, _ in mine.named_parameters()] == [name for name, _ in theirs.named_parameters()]
    assert all(parameter.requires_grad for parameter in mine.parameters())


def test_its_weights_are_its_own():
    theirs = Plain()
    given = theirs.state_dict()
    mine = with_weights(Plain, given)
    given["mean"].fill_(7)
    given["layer.weight"].data.fill_(7)
    assert not (mine.mean == 7).any()
    assert not (mine.layer.weight == 7).any()


def test_weights_of_another_number_format_become_those_of_the_module():
    theirs = Plain()
    mine = with_weights(Plain, {name: tensor.double() for name, tensor in theirs.state_dict().items()})
    assert mine.layer.weight.dtype == torch.float32
    assert torch.equal(mine.layer.weight, theirs.layer.weight)


@pytest.mark.parametrize("more", [False, True])
def test_a_tensor_that_is_missing_or_too_large_is_an_error(more):
    given = Plain().state_dict()
    with pytest.raises(RuntimeError, match=r"layer\.bias"):
        with_weights(Plain, {name: tensor for name, tensor in given.items() if name != "layer.bias"}, of_more=more)
    with pytest.raises(RuntimeError, match=r"layer\.bias"):
        with_weights(Plain, {**given, "layer.bias": torch.zeros(5)}, of_more=more)


def test_tensors_of_more_are_an_error_unless_they_are_expected():
    given = {**Plain().state_dict(), "critic.weight": torch.zeros(3)}
    with pytest.raises(RuntimeError, match=r"critic\.weight"):
        with_weights(Plain, given)
    assert torch.equal(with_weights(Plain, given, of_more=True).layer.weight, given["layer.weight"])


def test_what_a_constructor_refuses_is_its_own_error():
    def refuses():
        raise ValueError("an even number is wanted")

    with pytest.raises(ValueError, match="an even number is wanted"):
        with_weights(refuses, {})


def test_what_edits_edits_to_the_bit_as_the_whole_run(tiny_run, monkeypatch):
    whole = load_trained(tiny_run, "cpu")
    alone = load_to_edit(tiny_run, "cpu")
    monkeypatch.setattr(undrawn, "_undrawn", lambda *given, **also: None)
    drawn = load_to_edit(tiny_run, "cpu")
    size, aus = whole.recipe.faces.size, len(whole.recipe.faces.aus)
    torch.manual_seed(0)
    given = (
        torch.rand(2, 3, size, size) * 2 - 1,
        torch.rand(2, 68, 2) * size,
        torch.rand(2, aus),
        torch.rand(2, aus),
    )
    with torch.inference_mode():
        wanted, *found = (each.graph.edit(*given) for each in (whole, alone, drawn))
    for edited in found:
        assert torch.equal(edited.image, wanted.image)
        assert torch.equal(edited.attention, wanted.attention)
    assert not any("critic" in name or "parametrizations" in name for name in alone.graph.state_dict())


def test_a_graph_is_made_without_a_single_draw(tiny_run):
    before = torch.get_rng_state()
    load_trained(tiny_run, "cpu")
    load_to_edit(tiny_run, "cpu")
    assert torch.equal(torch.get_rng_state(), before)


def test_a_run_is_its_own_weights_not_the_recipes(tiny_run):
    trained = load_to_edit(tiny_run, "cpu")
    fresh = folded(build_graph(trained.recipe)).state_dict()
    assert any(not torch.equal(fresh[name], tensor) for name, tensor in trained.graph.state_dict().items())
