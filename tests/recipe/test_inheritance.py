"""`extends` and `-o`: what a child recipe and the command line change, and what they leave."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from efgan_kit.errors import EfganError
from efgan_kit.recipe import load_recipe, with_photo_folder


@pytest.fixture
def write(tmp_path, toy_plugin, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def write(name, text):
        (tmp_path / name).write_text("recipe: 1\n" + text)
        return tmp_path / name

    return write


def refusal(*arguments):
    with pytest.raises(EfganError) as caught:
        load_recipe(*arguments)
    return str(caught.value)


def test_a_child_changes_what_it_names_and_keeps_the_rest(write):
    recipe = load_recipe(write("child.yaml", "extends: toy\nlosses: {content: {weight: 5}}\n"))
    assert recipe.name == "child"
    assert recipe.losses["content"].weight == 5.0
    assert recipe.losses["adversarial"].component.params == {"penalty": 5.0}
    assert recipe.graph == load_recipe("toy").graph


def test_a_parent_may_be_a_file_beside_the_child(write):
    write("parent.yaml", "extends: toy\ntrain: {seed: 7}\n")
    assert load_recipe(write("child.yaml", "extends: parent.yaml\n")).train.seed == 7


def test_a_changed_component_loses_the_old_ones_parameters_and_keeps_the_terms_weight(write):
    recipe = load_recipe(write("child.yaml", "extends: toy\nlosses: {content: {use: toy-adversarial}}\n"))
    content = recipe.losses["content"]
    assert content.weight == 10.0
    assert content.component.params == {"penalty": 10.0}
    adversarial = load_recipe("toy", ["losses.adversarial={use: toy-l1}"]).losses["adversarial"]
    assert adversarial.component.params == {}


def test_the_same_component_named_again_keeps_its_parameters(write):
    recipe = load_recipe(write("child.yaml", "extends: toy\ngraph: {generator: {use: toy-generator}}\n"))
    assert recipe.graph.params["generator"].params["width"] == 4


def test_null_takes_an_entry_away(write):
    text = """
extends: toy
losses: {content: null}
graph: {critics: {final: null}}
faces: {regions: null}
data: {test: null}
"""
    recipe = load_recipe(write("child.yaml", text))
    assert list(recipe.losses) == ["adversarial"]
    assert recipe.graph.params["critics"] == {}
    assert recipe.faces.local == {}
    assert list(recipe.data) == ["train"]


def test_null_over_a_parameter_gives_its_default_back(write):
    recipe = load_recipe(write("child.yaml", "extends: toy\ngraph: {generator: {width: null}}\n"))
    assert recipe.graph.params["generator"].params["width"] == 8


def test_a_removed_term_must_have_been_there(write):
    path = write("child.yaml", "extends: toy\nlosses: {contents: null}\n")
    assert (
        refusal(path)
        == "child.yaml:3:10: there is no loss term 'contents' to remove; did you mean 'content'?"
    )


def test_a_fault_is_told_in_the_file_that_holds_it(write):
    write("parent.yaml", "extends: toy\ntrain: {sed: 7}\n")
    path = write("child.yaml", "extends: parent.yaml\noptimizer: {rte: 1}\n")
    assert refusal(path).splitlines() == [
        "child.yaml:3:13: optimizer.rte: 'toy-sgd' (toy-plugin 1.2) has no parameter 'rte'; "
        "one of: lr, momentum, per_player",
        "parent.yaml:3:9: train.sed: there is no such key; did you mean 'seed'?",
    ]


def test_a_circle_of_parents_is_told(write):
    write("b.yaml", "extends: a.yaml\n")
    message = refusal(write("a.yaml", "extends: b.yaml\n"))
    assert message == "b.yaml:2:10: extends itself: a.yaml -> b.yaml -> a.yaml; let it extend another"


def test_requirements_add_up(write):
    recipe = load_recipe(write("child.yaml", "extends: toy\nrequires: [torch>=2]\n"))
    assert recipe.requires == ("toy-plugin>=1", "torch>=2")


def test_steps_replace_inherited_epochs_and_epochs_steps(write):
    recipe = load_recipe(write("child.yaml", "extends: toy\ntrain: {epochs: 3}\n"))
    assert (recipe.train.epochs, recipe.train.steps) == (3, None)
    recipe = load_recipe("child.yaml", ["train.steps=9"])
    assert (recipe.train.epochs, recipe.train.steps) == (None, 9)


def test_abstractness_is_not_inherited(write):
    text = "extends: toy-base\n" + (load_recipe("toy").to_yaml().partition("\n")[2]).replace(
        "  steps: 4\n", ""
    )
    assert load_recipe(write("child.yaml", text)).train.steps == 4
    assert "is abstract" in refusal("toy-base")


@pytest.mark.parametrize(
    ("override", "value"),
    [
        ("graph.generator.width=6", 6),
        ("graph.generator={width: 6}", 6),
        ("graph={generator: {use: toy-generator, width: 6}}", 6),
    ],
)
def test_an_override_changes_one_value(toy_plugin, override, value):
    recipe = load_recipe("toy", [override])
    assert recipe.graph.params["generator"].params["width"] == value
    assert recipe.graph.params["critics"]["final"].params == {"layers": 2}


def test_the_order_of_overrides_does_not_matter_to_a_changed_component(toy_plugin):
    both = ["losses.content.use=toy-adversarial", "losses.content.penalty=2"]
    for overrides in (both, both[::-1]):
        assert load_recipe("toy", overrides).losses["content"].component.params == {"penalty": 2.0}


def test_a_later_override_wins(toy_plugin):
    assert load_recipe("toy", ["train.seed=1", "train.seed=2"]).train.seed == 2


def test_an_override_may_add_and_drop_terms(toy_plugin):
    recipe = load_recipe("toy", ["losses.more={use: toy-l1, weight: 2}", "losses.content=null"])
    assert list(recipe.losses) == ["adversarial", "more"]


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("losses.contnt.weight=5", "has no loss term 'contnt'; did you mean 'content'?"),
        ("losses.contnt=null", "no loss term 'contnt' to remove; did you mean 'content'?"),
        ("graph.generator.widht=5", "'toy-generator' (toy-plugin 1.2) has no parameter 'widht'"),
        ("graph.generater.width=5", "'toy-graph' (toy-plugin 1.2) has no parameter 'generater'"),
        ("trian.steps=5", "'trian' is not a key of a recipe; did you mean 'train'?"),
        ("train.steps=many", "train.steps: expected a whole number or null, not 'many'"),
        ("train.steps", "is not of the form KEY=VALUE"),
        ("train..steps=5", "is not of the form KEY=VALUE"),
        ("train.steps=[5", "not YAML"),
        ("train.steps.more=5", "train.steps: expected a whole number or null, not a mapping"),
    ],
)  # fmt: skip
def test_a_wrong_override_is_refused_naming_itself(toy_plugin, override, message):
    text = refusal("toy", [override])
    assert text.startswith(f"-o {override}: ")
    assert message in text


KEYS = """
graph generator critics final refiner losses content adversarial weight every use width per_region mouth
optimizer per_player lr train steps epochs ema data test count metrics faces size aus regions requires name
recipe extends abstract penalty widht
"""
VALUES = """
1 | 0 | -1 | 1e-4 | true | null | ??? | x | | [] | [1] | {} | {use: toy-l1} | {use: x} | {use: ???}
{use: [1]} | {mouth: [8, 8]} | {mouth: {width: 2}} | toy-critic | '' | {a: {b: c}} | openface-17 | [AU01]
[[1]] | {use:x} | {generator: 2} | {use: toy-generator, width: 2} | {use: toy-critic, layers: 1} | [20, 32]
*a | 1e999 | !!x y
"""
PATHS = st.lists(st.sampled_from(KEYS.split()), min_size=1, max_size=4).map(".".join)
CHANGES = st.tuples(PATHS, st.sampled_from(VALUES.replace("\n", "|").split("|"))).map("=".join)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(CHANGES, max_size=3))
def test_any_overrides_give_a_sound_recipe_or_a_refusal(toy_plugin, tmp_path, overrides):
    try:
        recipe = load_recipe("toy", overrides)
    except EfganError as error:
        told = error.faults
    else:
        resolved = tmp_path / "resolved.yaml"
        resolved.write_text(recipe.to_yaml())
        assert load_recipe(resolved) == recipe
        return
    assert all(fault.where and fault.what for fault in told)


def test_data_turns_any_recipe_to_a_photo_folder():
    overrides = with_photo_folder(["train.seed=1"], "my: photos")
    assert overrides == [
        'data.train={use: photo-folder, root: "my: photos", split: train}',
        'data.test={use: photo-folder, root: "my: photos", split: test}',
        "train.seed=1",
    ]


@pytest.mark.parametrize("key", ["recipe", "extends"])
def test_an_option_cannot_change_what_a_file_is_read_by(toy_plugin, key):
    said = refusal("toy", [f"{key}=2", "train.sed=3"])
    assert f"-o {key}=2: an option can't change '{key}'" in said
    assert "did you mean 'seed'?" in said
