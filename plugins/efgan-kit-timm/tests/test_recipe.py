"""The plugin's recipe, and trainings with its components."""

import json
from pathlib import Path

TINY = Path(__file__).parents[3] / "tests" / "training" / "recipes" / "tiny.yaml"
PARTS = [
    "graph.discriminators.initial={use: timm-projected, model: test_efficientnet, weights: random, width: 2, most: 4}",
    "graph.discriminators.final={use: timm-projected, model: test_efficientnet, weights: random, width: 2, most: 4,"
    " predicts_aus: true}",
    "losses.perceptual={use: timm-perceptual, model: test_efficientnet, weights: random}",
    "losses.matching={use: timm-feature-matching, model: test_efficientnet, weights: random}",
]


def test_the_recipe_is_found_and_fits_together():
    from efgan_kit import load_recipe
    from efgan_kit.recipe.inspection import inspect_graph

    recipe = load_recipe("timm-quickstart")
    rows = {row.name: row.component for row in inspect_graph(recipe).modules}
    assert rows["final_critic"] == rows["initial_critics.eyes"] == "ProjectedCritic"
    assert recipe.losses["perceptual"].component.use == "timm-perceptual"


def test_a_training_with_all_of_them_runs_and_its_checkpoint_is_read_again(tmp_path, efgan):
    from efgan_kit.training import load_trained

    options = [part for override in PARTS for part in ("-o", override)]
    assert efgan("train", TINY, "-o", "train.steps=2", *options, "--run", tmp_path / "run", "--no-evaluate").code == 0
    lines = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [1, 2]
    assert {"perceptual.generator", "matching.generator", "adversarial.discriminator"} <= set(lines[1]["losses"])
    assert load_trained(tmp_path / "run", "cpu").step == 2


def test_a_file_that_is_gone_is_named_where_the_whole_of_a_run_is_opened(tmp_path, efgan, saved):
    _, path = saved("test_efficientnet")
    critic = (
        f"{{use: timm-projected, model: test_efficientnet, weights: {path}, width: 2, most: 4, predicts_aus: true}}"
    )
    options = ["-o", f"graph.discriminators.final={critic}", "--run", tmp_path / "run", "--no-evaluate"]
    assert efgan("train", TINY, "-o", "train.steps=1", *options).code == 0
    path.unlink()
    assert efgan("evaluate", tmp_path / "run").code == 0, "what edits has no critics"
    answer = efgan("explain", tmp_path / "run")
    assert answer.code == 2
    assert f"{path}: there is no such file of weights" in answer.err
