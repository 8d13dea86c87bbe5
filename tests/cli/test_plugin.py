"""`efgan plugin`."""

import json
import sys

import pytest


@pytest.fixture
def broken_plugin(tmp_path, monkeypatch, fresh_registry):
    info = tmp_path / "moon-3.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: moon\nVersion: 3\n")
    (info / "entry_points.txt").write_text("[efgan_kit]\nmoon = moon_plugin_nobody_has\n")
    monkeypatch.syspath_prepend(str(tmp_path))


def test_list_shows_every_plugin_and_component(efgan, toy_plugin, broken_plugin):
    answer = efgan("plugin", "list")
    assert answer.code == 0
    lines = [line.split() for line in answer.out.splitlines()]
    assert any(line[:5] == ["toy", "toy-plugin", "1.2", "-", "active"] for line in lines)
    assert ["toy", "toy-plugin", "The", "smallest", "recipe", "there", "is"] in lines
    assert ["loss", "toy-l1", "toy-plugin", "Distance", "to", "the", "source"] in lines
    assert any(line[:5] == ["moon", "moon", "3", "-", "broken"] for line in lines)


def test_list_as_json_groups_components_by_kind(efgan, toy_plugin, broken_plugin):
    document = json.loads(efgan("plugin", "list", "--json").out)
    plugins = {plugin["name"]: plugin for plugin in document["plugins"]}
    assert plugins["toy"]["components"]["optimizer"] == ["toy-sgd"]
    assert plugins["moon"]["state"] == "broken"
    assert "moon_plugin_nobody_has" in plugins["moon"]["reason"]
    assert list(plugins["toy"]["recipes"]) == ["toy"]
    assert plugins["toy"]["not_known_before_import"] == []
    assert document["clashes"] == []


def test_list_imports_no_plugin(efgan, toy_plugin, monkeypatch):
    monkeypatch.delitem(sys.modules, "toy_plugin", raising=False)
    assert efgan("plugin", "list").code == 0
    assert "toy_plugin" not in sys.modules


def test_a_plugin_behind_the_built_in_name_changes_no_recipe(efgan, install_plugin, tmp_path):
    hook = "from efgan_kit.api import hookimpl\n@hookimpl\n"
    install_plugin("rival", f"{hook}def efgan_components(register): register('loss', 'cycle-l1', 'rival:Loss')\n")
    answer = efgan("plugin", "list")
    assert answer.code == 0
    hidden = "warning: the loss 'cycle-l1' of rival 0.5 (rival:Loss) is hidden by the built-in one of that name"
    assert hidden in answer.err
    assert "efgan_kit.components.losses.cycle_l1" in efgan("plugin", "show", "loss:cycle-l1").out
    assert efgan("recipe", "show", "ganimation").code == 0


def test_a_clash_is_warned_of_and_stops_nothing(efgan, toy_plugin, tmp_path, monkeypatch):
    info = tmp_path / "rival-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: rival\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[efgan_kit]\nrival = rival_plugin\n")
    (tmp_path / "rival_plugin.py").write_text(
        "from efgan_kit.api import hookimpl\n"
        "@hookimpl\ndef efgan_components(register): register('loss', 'toy-l1', 'rival_plugin:Loss')\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    answer = efgan("plugin", "list")
    assert answer.code == 0
    assert "warning: two plugins offer the loss 'toy-l1'" in answer.err
    assert efgan("recipe", "show", "toy", "-o", "losses.content=null").code == 0
    used = efgan("recipe", "show", "toy")
    assert used.code == 2
    assert "toy.yaml:13:18: losses.content: two plugins offer the loss 'toy-l1'" in used.err


def test_show_describes_a_components_keys(efgan, toy_plugin):
    answer = efgan("plugin", "show", "toy-generator")
    assert answer.code == 0
    row = next(line for line in answer.out.splitlines() if "upsampling" in line)
    assert row.split() == ["upsampling", "one", "of", "'near',", "'far'", '"near"', "How", "it", "grows."]
    (document,) = json.loads(efgan("plugin", "show", "discriminator:toy-critic", "--json").out)
    assert document["parameters"] == [
        {"name": "layers", "type": "a whole number", "required": True, "default": None, "doc": ""}
    ]


def test_show_says_why_a_component_cannot_be_imported(efgan, toy_plugin):
    answer = efgan("plugin", "show", "toy-far")
    assert answer.code == 2
    assert "pip install 'toy-plugin[far]'" in answer.err


def test_show_lists_what_a_plugin_offers(efgan, toy_plugin):
    answer = efgan("plugin", "show", "toy-plugin")
    assert answer.out.startswith("toy of toy-plugin 1.2: active\n")
    assert "toy-constant" in answer.out


def test_an_unknown_component_is_answered_with_the_nearest(efgan, toy_plugin):
    answer = efgan("plugin", "show", "toy-generater")
    assert (answer.code, "did you mean 'toy-generator'?" in answer.err) == (2, True)


def test_a_component_named_like_its_plugin_is_shown_beside_it(efgan, tmp_path, monkeypatch, fresh_registry):
    info = tmp_path / "moon-3.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: moon-plugin\nVersion: 3\n")
    (info / "entry_points.txt").write_text("[efgan_kit]\nmoon = moon_plugin\n")
    (tmp_path / "moon_plugin.py").write_text(
        "from efgan_kit.api import hookimpl\n"
        "@hookimpl\ndef efgan_components(register): register('loss', 'moon', 'moon_plugin:Moon', 'Tides')\n"
        "class Moon:\n    def __init__(self, *, pull: float = 2.0) -> None: ...\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    answer = efgan("plugin", "show", "moon")
    assert answer.code == 0, answer.err
    assert "moon of moon-plugin 3: active" in answer.out
    assert "loss moon: Tides" in answer.out
    assert "pull" in answer.out
    plugin, component = json.loads(efgan("plugin", "show", "moon", "--json").out)
    assert (plugin["state"], component["kind"]) == ("active", "loss")


def test_an_unknown_kind_is_named_as_such(efgan):
    answer = efgan("plugin", "show", "los:wgan-gp")
    assert answer.code == 2
    assert answer.err == "error: no kind of component is called 'los'; did you mean 'loss'?\n"


def test_show_gives_words_and_paper(efgan):
    (document,) = json.loads(efgan("plugin", "show", "loss:attention-smoothness", "--json").out)
    assert document["paper"].startswith("GANimation (Pumarola et al., ECCV 2018, arXiv:1807.09251)")
    assert document["doc"]
    assert "Source:" not in document["doc"]
    shown = efgan("plugin", "show", "loss:attention-smoothness").out
    assert f"paper: {document['paper']}" in shown
    assert "paper: its docstring names none" in efgan("plugin", "show", "launcher:local").out


def test_show_of_a_plugin_says_its_hooks_and_what_it_asks_for(efgan, install_plugin):
    hook = "from efgan_kit.api import hookimpl\n@hookimpl\n"
    source = f"{hook}def efgan_run_finished(run, summary): ...\n"
    install_plugin("moon-plugin", source, requires=["efgan-kit>=0.1"])
    answer = efgan("plugin", "show", "moon-plugin")
    assert answer.out.splitlines() == [
        "moon-plugin of moon-plugin 0.5: active",
        "efgan-kit: >=0.1",
        "hooks: efgan_run_finished",
    ]
    (document,) = json.loads(efgan("plugin", "show", "moon-plugin", "--json").out)
    assert document["hooks"] == ["efgan_run_finished"]


def test_show_of_a_disabled_plugin_reads_its_source(efgan, install_plugin, monkeypatch):
    monkeypatch.setenv("EFGAN_DISABLE_PLUGINS", "moon-plugin")
    hook = "from efgan_kit.api import hookimpl\n@hookimpl\n"
    source = f"{hook}def efgan_components(register): register('loss', 'tide', 'moon_plugin:Tide', 'Pulls')\n"
    install_plugin("moon-plugin", f"{source}raise AssertionError('imported')\n")
    answer = efgan("plugin", "show", "moon-plugin")
    assert "moon-plugin of moon-plugin 0.5: disabled" in answer.out
    assert "hooks: efgan_components" in answer.out
    assert "tide" in answer.out


def test_show_of_a_recipe_and_of_a_model(efgan, install_plugin):
    hook = "from pathlib import Path\nfrom efgan_kit.api import hookimpl\n@hookimpl\n"
    place = install_plugin("moon-plugin", f"{hook}def efgan_models(): return Path(__file__).parent / 'models'\n")
    (place / "models" / "moonface").mkdir(parents=True)
    (place / "models" / "moonface" / "manifest.json").write_text('{"name": "night", "step": 7}')
    answer = efgan("plugin", "show", "moonface")
    assert answer.code == 0, answer.err
    assert answer.out.startswith("model moonface of moon-plugin\n")
    assert "of the recipe 'night' at step 7" in answer.out
    assert "moonface" in efgan("plugin", "show", "moon-plugin").out
    answer = efgan("plugin", "show", "ganimation")
    assert answer.out.startswith("recipe ganimation of efgan-kit\nGANimation")
    (document,) = json.loads(efgan("plugin", "show", "ganimation", "--json").out)
    assert (document["kind"], document["distribution"]) == ("recipe", "efgan-kit")
