"""A graph with faster layers edits as the graph does, which stays as it was."""

import pytest
import torch
from torch import nn

from efgan_kit.components.graphs.cascade_ef_gan import CascadeEFGAN
from efgan_kit.editing.fast import graph as fast_graph
from efgan_kit.editing.fast.graph import FastGraph, exchanged
from efgan_kit.editing.fast.layers import BesidePlanes, FewOutputs, PictureNorm, SameConvolution
from efgan_kit.recipe import build_graph, load_recipe
from efgan_kit.recipe.pruning import for_editing
from efgan_kit.training.folding import folded

SMALL = ("faces.size=32", "faces.regions={eyes: [12, 20], nose: [12, 12], mouth: [12, 16]}")
WIDE = ("graph.generator.width=16", "graph.generator.blocks=1", "graph.refiner.width=16", "graph.refiner.blocks=1")


@pytest.fixture
def published():
    """The published graph at a small size, wide enough for every kind of layer."""
    return graph_of("ef-gan", *SMALL, *WIDE)


def graph_of(recipe, *overrides):
    torch.manual_seed(0)
    return folded(build_graph(for_editing(load_recipe(recipe, overrides=list(overrides))))).requires_grad_(False)


def given(size, count=2):
    torch.manual_seed(1)
    aus = torch.rand(2, count, 17)
    return torch.rand(count, 3, size, size) * 2 - 1, torch.rand(count, 68, 2) * size, aus[0], aus[1]


def apart(one, other):
    return ((one.image - other.image).abs().mean() / 2 * 255).item()


def edits(graph, *inputs):
    with torch.inference_mode():
        return graph.edit(*inputs)


def test_the_published_graph_edits_the_same_in_both_formats(published):
    before = {name: tensor.clone() for name, tensor in published.state_dict().items()}
    wanted = edits(published, *given(32))
    exact = edits(FastGraph(published, torch.float32), *given(32))
    near = edits(FastGraph(published, torch.bfloat16), *given(32))
    assert apart(exact, wanted) < 0.005
    assert 0 < apart(near, wanted) < 1  # of noise, with weights that nobody trained
    assert torch.equal(edits(published, *given(32)).image, wanted.image)
    assert all(torch.equal(tensor, before[name]) for name, tensor in published.state_dict().items())


def test_each_kind_of_layer_is_exchanged_where_it_earns_it(published, monkeypatch):
    monkeypatch.setattr(fast_graph, "_has_amx", lambda: False)
    face = exchanged(published, torch.bfloat16).generators["face"]
    assert type(face.trunk[0][0]) is BesidePlanes
    assert type(face.trunk[0][1]) is PictureNorm
    assert type(face.trunk[3].body[1]) is SameConvolution
    assert type(face.heads) is FewOutputs
    assert face.trunk[1][0].weight.dtype == torch.bfloat16
    monkeypatch.setattr(fast_graph, "_has_amx", lambda: True)
    face = exchanged(published, torch.bfloat16).generators["face"]
    assert type(face.trunk[3].body[1]) is nn.Conv2d


def test_a_cascade_and_the_quickstart_edit_the_same():
    cascade = graph_of("cascade-ef-gan", *SMALL, *WIDE, "graph.modules=2", "graph.start_from=none")
    assert isinstance(cascade, CascadeEFGAN)
    for graph, size in ((cascade, 32), (graph_of("quickstart"), 64)):
        fast = FastGraph(graph, torch.float32)
        wanted, found = edits(graph, *given(size)), edits(fast, *given(size))
        assert apart(found, wanted) < 0.005
        assert len(found.steps) == len(wanted.steps)
        assert fast.interpolator is not None


class Doubled(nn.Conv2d):
    """A plugin's own layer, which only looks like torch's."""

    def forward(self, x):
        return 2 * super().forward(x)


def test_what_a_plugin_derives_is_left_alone():
    graph = nn.Sequential(Doubled(64, 64, 3, padding=1), nn.InstanceNorm2d(64), nn.Conv2d(64, 64, 3, padding=2))
    kept = exchanged(graph, torch.float32)
    assert [type(layer) for layer in kept] == [Doubled, nn.InstanceNorm2d, nn.Conv2d]
    x = torch.randn(1, 64, 8, 8)
    with torch.inference_mode():
        assert torch.allclose(kept(x), graph(x), atol=1e-5)
