"""One name makes all the others; a name that can't be is refused with one message, before anything is written."""

import pytest
import yaml

from efgan_kit.errors import EfganError
from efgan_kit.scaffold.kinds import STARTERS
from efgan_kit.scaffold.names import LONGEST, names_for
from efgan_kit.scaffold.package import plan


def named(name, kind="loss"):
    return names_for(name, kind, STARTERS[kind])


@pytest.mark.parametrize(
    ("name", "kind", "distribution", "package", "component", "class_name"),
    [
        ("efgan-kit-soft-light", "loss", "efgan-kit-soft-light", "efgan_kit_soft_light", "soft-light", "SoftLightLoss"),
        ("efgan-attention-tv", "loss", "efgan-attention-tv", "efgan_attention_tv", "attention-tv", "AttentionTvLoss"),
        ("My_Own.Loss", "loss", "my-own-loss", "my_own_loss", "my-own-loss", "MyOwnLoss"),
        ("efgan-generator", "generator", "efgan-generator", "efgan_generator", "generator", "GeneratorGenerator"),
        ("moonlight", "metric", "moonlight", "moonlight", "moonlight", "MoonlightMetric"),
        ("efgan-3d", "dataset", "efgan-3d", "efgan_3d", "efgan-3d", "Efgan3dDataset"),
        ("efgan-null", "graph", "efgan-null", "efgan_null", "efgan-null", "EfganNullGraph"),
        ("efgan-class", "refiner", "efgan-class", "efgan_class", "class", "ClassRefiner"),
    ],
)
def test_all_names_follow_from_one(name, kind, distribution, package, component, class_name):
    names = named(name, kind)
    assert (names.distribution, names.package, names.component, names.class_name) == (
        distribution, package, component, class_name,
    )  # fmt: skip
    assert names.class_name.isidentifier()
    assert names.recipe == f"{component}-quickstart"


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("", "NAME: an empty name is none"),
        ("../moon", "is a path; give a name"),
        ("plugins\\moon", "is a path"),
        (".", "is a path"),
        ("-moon", "is not a name that pip can install"),
        ("moon light", "is not a name that pip can install"),
        ("möön", "is not a name that pip can install"),
        ("moon\n", "is not a name that pip can install"),
        ("3d-moon", "begins with a digit"),
        ("m" * (LONGEST + 1), f"has {LONGEST + 1} characters; take {LONGEST} at most"),
        ("lambda", "'lambda' is a word of Python's own; put efgan- before it"),
        ("match", "'match' is a word of Python's own"),
        ("Random", "Python itself has a 'random'"),
        ("list", "Python itself has a 'list'"),
        ("Tests", "is the folder that the package's tests lie in"),
        ("torch", "a distribution 'torch' is installed already"),
        ("Efgan_Kit", "a distribution 'efgan-kit' is installed already"),
    ],
)
def test_a_name_that_can_t_be_is_refused(name, what):
    with pytest.raises(EfganError) as refused:
        named(name)
    (fault,) = refused.value.faults
    assert what in str(fault)
    assert fault.hint


def test_a_package_of_that_name_that_pip_does_not_know_is_in_the_way_too(tmp_path, monkeypatch):
    (tmp_path / "moonlight.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(EfganError, match=r"a package 'moonlight' is installed already: .*moonlight\.py"):
        named("moonlight")


def test_a_folder_that_merely_lies_there_is_not_in_the_way(tmp_path, monkeypatch):
    (tmp_path / "moonlight").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path))
    assert named("moonlight").package == "moonlight"


def test_a_component_that_is_there_already_is_not_offered_twice(fresh_registry):
    with pytest.raises(EfganError, match=r"efgan-kit offers the loss 'wgan-gp' already; choose another name"):
        named("efgan-wgan-gp")
    assert named("efgan-wgan-gp", "metric").component == "wgan-gp"


@pytest.mark.parametrize("term", ["conditional", "attention"])
def test_a_term_called_like_one_of_quickstarts_stands_beside_it(term):
    names = named(f"efgan-{term}")
    assert (names.component, names.term) == (term, f"own-{term}")
    (recipe,) = [text for path, text in plan(f"efgan-{term}", "loss").files.items() if path.suffix == ".yaml"]
    losses = yaml.safe_load(recipe)["losses"]
    assert losses[f"own-{term}"]["use"] == term
    assert losses["conditional"] == {"steps": 20}
