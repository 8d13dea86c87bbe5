"""An installed plugin whose components break one contract each: every one is caught, by its name and the contract's."""

from pathlib import Path

import pytest

from efgan_kit.testing.examination import cases_of
from efgan_kit.testing.installed import plugins_named

PLUGINS = Path(__file__).parents[1] / "plugins"

CAUGHT = [
    ("generator:wrong-shape", "returns_what_its_kind_promises", "image has the shape (3, 3, 64, 64)"),
    ("generator:in-place", "leaves_its_inputs_alone", "inputs are not edited in place"),
    ("generator:detached", "gradients_reach_every_parameter", "none at ['body.0.weight', 'body.0.bias']"),
    ("generator:seeding", "random_state_is_not_seeded", "a constructor must not seed torch"),
    ("generator:seeding-numpy", "leaves_other_generators_alone", "the state of numpy.random has changed"),
    ("generator:unrepeatable", "is_repeatable", "the same weights and inputs give the same output"),
    ("generator:cuda-only", "returns_what_its_kind_promises", ""),
    ("generator:left-behind", "moves_to_another_device", "two devices, cuda:0 and cpu"),
    ("generator:pickled", "survives_a_checkpoint", "holds tensors alone, for want of pickle"),
    ("generator:secretly-pickled", "survives_a_checkpoint", "state is kept without pickle"),
    ("generator:forgetful", "survives_a_checkpoint", "a restored component gives the same output"),
    ("generator:undocumented", "signature_is_a_schema", "nothing on ['depth']"),
    ("generator:untyped", "signature_is_a_schema", "a type to check recipes by; seen: ['depth']"),
    ("generator:wrong-default", "parameters_survive_yaml", "expected a whole number, not 0.2"),
    ("generator:callable-key", "parameters_survive_yaml", "a key's type is one that recipes hold"),
    ("generator:mutable-default", "leaves_its_parameters_alone", "widths was [8], is [8, 4]"),
    ("generator:talkative", "prints_nothing", "'editing 2 faces\\n'"),
    ("generator:meddling", "leaves_the_process_alone", "changed: torch.get_float32_matmul_precision()"),
    ("generator:batch-mixing", "answers_each_face_by_itself", "does not depend on the others of its batch"),
    ("generator:uncompilable", "compiles_where_it_says_so", "takes it whole"),
    ("generator:Shouting_Name", "is_listed_in_form", "a name is lower case"),
    ("generator:gone", "can_be_examined", "the module has no 'Gone'"),
    ("generator:exiting", "returns_what_its_kind_promises", "raised SystemExit: no licence"),
    ("generator:misguided", "can_be_examined", "did you mean 'width'?"),
    ("dataset:needs-a-root", "can_be_examined", "needs a value for 'root'"),
    ("dataset:augmenting", "gives_the_same_face_every_time", "an index gives the same face every time"),
    ("loss:summing", "does_not_depend_on_the_batch_size", "generator(...) averages over the batch"),
    ("loss:misspelt", "teaches_a_player", "seen: 'editted', did you mean 'edited'?"),
    ("loss:half-detached", "gradients_are_those_of_the_loss", "gradients by generator(edited) are the loss's own"),
    ("discriminator:once-differentiable", "bears_a_gradient_penalty", "the second derivative is right"),
    ("optimizer:hoarding", "keeps_its_moments_in_its_state", "note: Note"),
    ("metric:tensorial", "gives_named_figures", "figures are floats"),
    ("value:whole-batch", "is_of_the_batch", "the first dimension is the batch"),
    ("value:unmarked", "is_declared", "a function marked @value()"),
    ("value:unshaped", "is_declared", "says shape and range"),
    ("command:speechless", "answers_help", "has a help text"),
]
ALSO = {
    "generator:unrepeatable": {"survives_a_checkpoint", "answers_each_face_by_itself"},
    "generator:forgetful": {"answers_each_face_by_itself"},
    "generator:wrong-default": {"parameters_fit_the_schema"},
    "generator:untyped": {"parameters_survive_yaml"},
    "generator:wrong-shape": {"returns_its_shapes_on_the_meta_device"},
}
"""What else is broken by the same mistake."""


@pytest.fixture
def installed(monkeypatch, fresh_registry):
    for name in ("careless", "heavy"):
        monkeypatch.syspath_prepend(str(PLUGINS / name))


def outcomes(component, folder):
    (plugin,) = plugins_named("careless-plugin")
    return [case.outcome() for case in cases_of(plugin, folder) if case.component == component]


@pytest.mark.parametrize(("component", "check", "words"), CAUGHT, ids=[name for name, *_ in CAUGHT])
def test_each_is_caught_by_its_contract_and_by_no_other(component, check, words, installed, tmp_path):
    found = {outcome.case.check: outcome for outcome in outcomes(component, tmp_path) if outcome.verdict == "broken"}
    told = found[check]
    assert words in f"{told.contract}; seen: {told.seen}"
    assert told.read == f"docs/conformance.md#{check}"
    if component not in ("generator:cuda-only", "generator:exiting", "value:unmarked", "loss:misspelt"):
        assert set(found) == {check} | ALSO.get(component, set())


def test_what_breaks_nothing_passes(installed, tmp_path):
    assert {(o.case.check, o.verdict) for o in outcomes("generator:good", tmp_path) if o.verdict != "kept"} == set()


def test_the_collection_is_large_and_complete(installed):
    (plugin,) = plugins_named("careless-plugin")
    assert {f"{o.kind}:{o.name}" for o in plugin.offers} == {name for name, *_ in CAUGHT} | {"generator:good"}
    assert len(CAUGHT) >= 20


def test_hooks_that_import_torch_are_caught(installed, tmp_path):
    (plugin,) = plugins_named("heavy")
    outcome = cases_of(plugin, tmp_path)[0].outcome()
    assert (outcome.case.check, outcome.verdict) == ("is_found_without_torch", "broken")
    assert "'heavy_plugin'" in outcome.contract
    assert outcome.seen == "it imports torch"


def test_a_recipe_that_can_not_be_loaded_is_caught(installed, tmp_path):
    (plugin,) = plugins_named("careless-plugin")
    (case,) = [case for case in cases_of(plugin, tmp_path) if case.check == "offers_sound_recipes"]
    outcome = case.outcome()
    assert (outcome.verdict, outcome.contract) == ("broken", "its recipes can be loaded")
    assert "careless-tiny.yaml:5:32: graph.generator.depth: 'good' (careless-plugin 0.1)" in outcome.seen
