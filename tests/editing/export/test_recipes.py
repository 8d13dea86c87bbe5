"""The graphs of all recipes that ship can be exported for any number of faces, and keep what they compute."""

import pytest
import torch

from efgan_kit.editing.export import onnx_file
from efgan_kit.editing.export.network import EditingNetwork
from efgan_kit.editing.export.parity import Faces, check_parity, faces_to_try
from efgan_kit.editing.export.tracing import trace
from efgan_kit.errors import EfganError
from efgan_kit.recipe import build_graph, load_recipe
from efgan_kit.training.exported import editing_graph

SMALL = ["graph.generator.width=4", "graph.generator.blocks=1"]
RECIPES = {
    "quickstart": [],
    "quickstart-cascade": ["graph.start_from=null"],
    "ef-gan": ["graph.refiner.width=4", "graph.refiner.blocks=1"],
    "ganimation": [],
    "stargan": [],
}
SILENT = [lambda what, done, total: None]


def graphs(name, *overrides):
    """The recipe's graph whole, made small, and what is exported of it."""
    recipe = load_recipe(name, overrides=[*SMALL, *RECIPES.get(name, ()), *overrides], allow_missing=True)
    torch.manual_seed(0)
    whole = build_graph(recipe).eval()
    return recipe, whole, editing_graph(recipe, whole)


@pytest.mark.parametrize("name", ["quickstart-cascade", "stargan"])
def test_a_traced_recipe_gives_the_same_for_any_number_of_faces(name):
    recipe, whole, small = graphs(name)
    faces = faces_to_try(recipe)
    network = trace(EditingNetwork(small), faces.traced, name).module()
    parity = check_parity(name, lambda inputs: network(*inputs), EditingNetwork(whole), faces, *SILENT)
    assert max(parity.image, parity.attention) < 1e-5


@pytest.mark.proof
@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_in_onnx_gives_the_same(name, tmp_path):
    pytest.importorskip("onnxruntime")
    recipe, whole, small = graphs(name)
    faces = faces_to_try(recipe)
    program = trace(EditingNetwork(small), faces.traced, name)
    onnx_file.write_onnx(tmp_path / "x.onnx", program, {"efgan_kit": "0"})
    parity = check_parity(name, onnx_file.open_onnx(tmp_path / "x.onnx"), EditingNetwork(whole), faces, *SILENT)
    assert max(parity.image, parity.attention) < 1e-4


def test_what_edits_alone_is_far_smaller_where_critics_are_large():
    _, whole, small = graphs("ef-gan", "graph.discriminators.final.width=16", "graph.discriminators.initial.width=16")
    assert not any("critic" in name for name in small.state_dict())
    assert sum(map(torch.numel, small.parameters())) < sum(map(torch.numel, whole.parameters())) / 2


class Counts(torch.nn.Module):
    """A graph whose edit is right for as many faces alone as it was traced with."""

    def edit(self, source, landmarks, source_aus, target_aus):
        from efgan_kit.api import Edited

        batch = torch.arange(len(source), device=source.device)
        return Edited(source[batch], source, source[:, :1], (source,))


def test_a_component_that_counts_faces_is_refused_with_the_way_out():
    inputs = (torch.zeros(2, 3, 8, 8), torch.zeros(2, 68, 2), torch.zeros(2, 4), torch.zeros(2, 4))
    with pytest.raises(EfganError, match=r"batches of any size: Constraints violated.*x\.shape\[0\] can be traced"):
        trace(EditingNetwork(Counts()), inputs, "run")


def test_not_a_number_is_no_parity():
    inputs = (torch.zeros(1, 3, 8, 8), torch.zeros(1, 68, 2), torch.zeros(1, 4), torch.zeros(1, 4))
    faces = Faces("zeros", (inputs,), inputs)
    reference = lambda *inputs: (inputs[0], inputs[0][:, :1])  # noqa: E731
    with pytest.raises(EfganError, match="differs from the run by inf in image"):
        check_parity("x", lambda i: (i[0] * torch.nan, i[0][:, :1]), reference, faces, *SILENT)
    with pytest.raises(EfganError, match=r"image of shape \(1, 3, 4, 8\)"):
        check_parity("x", lambda i: (i[0][:, :, :4], i[0][:, :1]), reference, faces, *SILENT)
