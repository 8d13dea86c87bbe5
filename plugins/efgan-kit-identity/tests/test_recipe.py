"""The recipe, a training by the loss, and what the command line says where the embedding won't do."""

import json
import re
from pathlib import Path

TINY = Path(__file__).parents[3] / "tests" / "training" / "recipes" / "tiny.yaml"
SEALED = '''
import torch
from efgan_kit.api import hookimpl

class Sealed(torch.nn.Module):
    """Passes no gradients."""
    def forward(self, pictures):
        return pictures.detach().mean(dim=(2, 3))

@hookimpl
def efgan_components(register):
    register("extractor", "sealed", "sealed_plugin:Sealed", "Passes no gradients")
'''


def test_the_recipe_is_found_and_fits_together():
    from efgan_kit import load_recipe
    from efgan_kit.recipe.inspection import inspect_graph

    recipe = load_recipe("identity-quickstart")
    inspect_graph(recipe)
    assert recipe.losses["identity"].component.params["extractor"].use == "person-net"
    assert "paired" not in recipe.losses
    assert recipe.train.paired == 0


def test_a_training_is_held_to_the_person_and_measured(tmp_path, efgan, quick_judge):
    quick = "{use: person-net, width: 2, steps: 2}"
    options = [
        f"losses.identity={{use: identity-cosine, weight: 0.5, extractor: {quick}}}",
        f"metrics=[{{use: identity-verification, extractor: {quick}, false_accepts: 0.5}}]",
        "train.steps=2",
    ]
    answer = efgan("train", TINY, *(part for option in options for part in ("-o", option)), "--run", tmp_path / "run")
    assert answer.code == 0, answer.err
    lines = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    assert 0 < lines[-1]["losses"]["identity.generator"] < 2
    answer = efgan("evaluate", tmp_path / "run", "--json")
    assert answer.code == 0, answer.err
    figures = json.loads(answer.out)["figures"]["identity-verification"]
    assert set(figures) == {"edit", "same_person", "different_people", "threshold"}


def test_an_embedding_without_gradients_is_refused_at_its_place_before_anything_is_written(
    tmp_path, efgan, monkeypatch
):
    from efgan_kit.registry import registry

    place = tmp_path / "sealed"
    info = place / "sealed_plugin-1.0.dist-info"
    info.mkdir(parents=True)
    (place / "sealed_plugin.py").write_text(SEALED)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: sealed-plugin\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[efgan_kit]\nsealed = sealed_plugin\n")
    monkeypatch.syspath_prepend(str(place))
    registry.cache_clear()
    recipe = tmp_path / "mine.yaml"
    recipe.write_text(
        f"recipe: 1\nname: mine\nextends: {TINY}\n"
        "losses:\n  identity: {use: identity-cosine, weight: 1, extractor: {use: sealed}}\n"
    )
    answer = efgan("train", recipe, "--run", tmp_path / "run")
    assert answer.code == 2
    assert re.search(r"mine\.yaml:5:\d+: the loss 'identity-cosine' cannot be made: Sealed passes no", answer.err)
    assert not (tmp_path / "run").exists()
