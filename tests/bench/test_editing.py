"""Ways to edit are compared on the same faces, in time and in pictures."""

import json

import pytest
import torch
from torch.nn.utils import parametrize

from efgan_kit.bench import editing
from efgan_kit.bench.editing import OWN, REFERENCE, edit_ways, editing_costs
from efgan_kit.components import layers
from efgan_kit.editing import Editor
from efgan_kit.errors import EfganError
from efgan_kit.recipe import load_recipe

SMALL = (
    "faces.size=32",
    "faces.regions={eyes: [12, 20], nose: [12, 12], mouth: [12, 16]}",
    "graph.generator.width=4",
    "graph.generator.blocks=1",
    "graph.refiner.width=4",
    "graph.refiner.blocks=1",
)


@pytest.fixture
def able(monkeypatch):
    """The CPU has bf16, whatever CPU it is."""
    monkeypatch.setattr(editing, "computes_bf16", lambda: True)


def test_a_runs_edit_is_timed_in_every_way_and_compared_with_its_own(tiny_run, able):
    seen = []
    costs = editing_costs(tiny_run, device="cpu", rounds=2, progress=lambda done, total: seen.append((done, total)))
    assert list(costs.seconds) == [
        REFERENCE,
        OWN,
        "own graph, bf16 autocast",
        "fast layers, fp32",
        "fast layers, bf16",
    ]
    assert {len(each) for each in costs.seconds.values()} == {2}
    assert seen[-1] == (15, 15)
    assert costs.times[REFERENCE].median == 1
    assert costs.apart[OWN] == 0
    assert costs.apart["fast layers, fp32"] < 0.005
    assert 0 < costs.apart["fast layers, bf16"] < 0.5
    assert costs.trained
    plain = json.loads(json.dumps(costs.to_plain()))
    assert plain["times"]["fast layers, bf16"]["median"] > 0


def test_the_own_way_is_the_editors(tiny_run):
    found = edit_ways(tiny_run, device="cpu")[OWN]()
    editor = Editor.load(tiny_run, "cpu")
    given = editing._faces_to_edit(editor.faces, 1, torch.device("cpu"))
    with torch.inference_mode():
        assert torch.equal(found, editor.trained.graph.edit(*given).image)


def test_the_reference_estimates_torchs_spectral_norms_at_every_forward(able):
    recipe = load_recipe("ef-gan", overrides=list(SMALL))
    usual = layers.spectrally_normalised
    graph, own, _ = editing._graphs(recipe, "cpu")
    layer = graph.generators["face"].trunk[0][0]
    assert type(layer.parametrizations.weight[0]).__module__.startswith("torch.")
    assert graph.training
    assert not any(parametrize.is_parametrized(part) for part in own.modules())
    assert layers.spectrally_normalised is usual


def test_recipes_and_cascades_are_timed_untrained_and_in_passes(able):
    cascade = load_recipe("cascade-ef-gan", overrides=[*SMALL, "graph.modules=2", "graph.start_from=none"])
    costs = editing_costs(cascade, device="cpu", faces=2, rounds=1)
    assert (costs.subject, costs.trained, costs.faces) == ("cascade-ef-gan", False, 2)
    once, thrice = (
        edit_ways(load_recipe("ef-gan", overrides=list(SMALL)), device="cpu", passes=passes)[OWN]()
        for passes in (1, 3)
    )
    assert once.shape == thrice.shape == (1, 3, 32, 32)
    assert not torch.equal(once, thrice)


def test_a_run_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(EfganError):
        editing_costs(tmp_path / "none", device="cpu")
