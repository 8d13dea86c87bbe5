import json

import pytest

from efgan_kit import load_recipe, train

QUICK = ["data.train={use: drawn-faces, people: 3, expressions: 2}", "train.batch_size=2", "train.ema=null"]


@pytest.mark.parametrize("name", ["usgan", "quickstart-usgan"])
def test_a_recipe_trains_and_edits(name, tmp_path):
    recipe = load_recipe(name, [*QUICK, "train.steps=2", "train.sample_every=2"])
    if "conditional" in recipe.losses and recipe.losses["conditional"].component.use == "au-teacher":
        recipe = load_recipe(name, [*QUICK, "train.steps=2", "losses.conditional.steps=1"])
    assert train(recipe, run=tmp_path / "run", device="cpu", quiet=True)["steps"] == 2
    assert (tmp_path / "run" / "samples" / "0000002.png").exists()


def test_one_exchanges_the_generator_and_what_only_the_old_one_had(efgan):
    answer = efgan("recipe", "diff", "quickstart-long", "quickstart-usgan", "--json")
    changed = {entry["path"] for entry in json.loads(answer.out)}
    exchanged = ("graph.generator", "losses.attention", "losses.smoothness", "metrics")
    assert {path for path in changed if not path.startswith(exchanged)} <= {"name", "requires"}


def test_the_other_has_the_terms_of_us_gan_and_one_generator_of_the_whole_face():
    recipe = load_recipe("usgan")
    assert {name: term.component.use for name, term in recipe.losses.items()} == {
        "adversarial": "wgan-gp", "conditional": "au-regression", "content": "cycle-l1",
    }  # fmt: skip
    graph = recipe.graph.params
    assert list(graph["branches"]) == ["face"]
    assert [graph.get(part) for part in ("refiner", "interpolator", "au_discriminator")] == [None] * 3
