"""`requires:` of a recipe: what is not there, or does not take part, is said before anything runs."""

import pytest

from efgan_kit.errors import EfganError
from efgan_kit.recipe import load_recipe
from efgan_kit.registry.switched_off import write_choices

HOOK = "from efgan_kit.api import hookimpl\n@hookimpl\n"
OFFER = HOOK + "def efgan_components(register): register('loss', 'tide', 'toy_components:ToyL1', 'Pulls')\n"
BEGINNING = "sea.yaml:4:12: requires: "


@pytest.fixture
def refusal(tmp_path, toy_plugin, monkeypatch):
    """The faults of a recipe that requires and uses the plugin."""
    monkeypatch.setenv("EFGAN_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)

    def refusal(line, use="tide"):
        text = f"recipe: 1\nname: sea\nextends: toy\nrequires: ['{line}']\nlosses: {{sea: {{use: {use}, weight: 1}}}}\n"
        (tmp_path / "sea.yaml").write_text(text)
        with pytest.raises(EfganError) as caught:
            load_recipe("sea.yaml")
        return [str(fault) for fault in caught.value.faults]

    return refusal


def test_what_is_met_is_no_fault(install_plugin, tmp_path, toy_plugin):
    install_plugin("moon-plugin", OFFER)
    text = "recipe: 1\nname: sea\nextends: toy\nrequires: [moon-plugin>=0.5]\nlosses: {sea: {use: tide, weight: 1}}\n"
    (tmp_path / "sea.yaml").write_text(text)
    assert load_recipe(tmp_path / "sea.yaml").requires == ("toy-plugin>=1", "moon-plugin>=0.5")


def test_what_is_not_installed_is_said_with_the_line_that_installs_it(refusal):
    assert refusal("moon-plugin>=0.5")[0] == f"{BEGINNING}moon-plugin is not installed; pip install 'moon-plugin>=0.5'"


def test_another_version_is_said_with_the_line_that_upgrades_it(refusal, install_plugin):
    install_plugin("moon-plugin", OFFER)
    assert refusal("moon-plugin>=2")[0] == (
        f"{BEGINNING}moon-plugin>=2, but moon-plugin 0.5 is installed; pip install --upgrade 'moon-plugin>=2'"
    )


def test_a_plugin_that_the_user_has_disabled(refusal, install_plugin):
    install_plugin("moon-plugin", OFFER)
    write_choices(["moon-plugin"])
    first, second = refusal("moon-plugin")
    assert first == f"{BEGINNING}moon-plugin is disabled by `efgan plugin disable`; efgan plugin enable moon-plugin"
    assert "no loss is called 'tide'" in second
    assert "(the plugin of moon-plugin is disabled: `efgan plugin enable moon-plugin`)" in second


def test_a_plugin_that_the_environment_disables(refusal, install_plugin, monkeypatch):
    install_plugin("moon-plugin", OFFER)
    monkeypatch.setenv("EFGAN_DISABLE_PLUGINS", "moon-plugin")
    assert refusal("moon_plugin")[0] == (
        f"{BEGINNING}moon-plugin is disabled by EFGAN_DISABLE_PLUGINS; take it out of EFGAN_DISABLE_PLUGINS"
    )


def test_a_plugin_that_is_broken(refusal, install_plugin):
    install_plugin("moon-plugin", "1 / 0\n")
    assert refusal("moon-plugin")[0] == (
        f"{BEGINNING}the plugin of moon-plugin 0.5 could not be loaded: ZeroDivisionError: division by zero; "
        "`efgan plugin doctor moon-plugin` says more"
    )


@pytest.mark.parametrize(
    ("requirement", "state", "way_out"),
    [
        ("efgan-kit>=99", "too new", "pip install --upgrade efgan-kit"),
        ("efgan-kit<0.0.1", "too old", "pip install --upgrade moon-plugin"),
    ],
)
def test_a_plugin_that_does_not_fit(refusal, install_plugin, requirement, state, way_out):
    install_plugin("moon-plugin", OFFER, requires=[requirement])
    first = refusal("moon-plugin")[0]
    assert first.startswith(f"{BEGINNING}the plugin of moon-plugin 0.5 is {state}: it asks for efgan-kit ")
    assert first.endswith(f"; {way_out}")


def test_an_extra_that_is_not_installed(refusal, install_plugin):
    install_plugin("moon-plugin", OFFER, requires=["moon-dust>=1; extra == 'far'", "numpy>=99; extra == 'other'"])
    assert refusal("moon-plugin[far]") == [
        f"{BEGINNING}moon-plugin[far] needs moon-dust>=1, which is not installed; pip install 'moon-plugin[far]'"
    ]


def test_a_command_is_refused_with_it_before_anything_runs(efgan, refusal, install_plugin, tmp_path):
    install_plugin("moon-plugin", OFFER)
    write_choices(["moon-plugin"])
    refusal("moon-plugin")
    answer = efgan("train", "sea.yaml", "--run", tmp_path / "run")
    assert (answer.code, answer.out) == (2, "")
    assert "efgan plugin enable moon-plugin" in answer.err
    assert not (tmp_path / "run").exists()


def test_a_parent_of_a_plugin_that_is_not_there_is_said_by_the_requirement(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("recipe: 1\nrequires: [moon-plugin>=1]\nextends: moonlit\n")
    with pytest.raises(EfganError) as caught:
        load_recipe(path)
    assert "requires: moon-plugin is not installed; pip install 'moon-plugin>=1'" in str(caught.value)
    assert "no recipe is called" not in str(caught.value)


def test_a_parent_that_is_nowhere_is_said_where_requirements_are_met(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("recipe: 1\nrequires: [efgan-kit>=0.1]\nextends: moonlit\n")
    with pytest.raises(EfganError, match="no recipe is called 'moonlit'"):
        load_recipe(path)


def test_a_requirement_that_is_no_list_is_written_out_as_one(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("recipe: 1\nextends: quickstart\nrequires: moon-plugin >= 1\n")
    with pytest.raises(EfganError, match=r"write requires: \['moon-plugin >= 1'\]"):
        load_recipe(path)
