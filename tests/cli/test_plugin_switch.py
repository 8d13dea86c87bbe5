"""`efgan plugin enable` and `disable`."""

import json

import pytest

SOURCE = "raise AssertionError('imported')\n"


@pytest.fixture(autouse=True)
def config(tmp_path, monkeypatch, install_plugin):
    monkeypatch.setenv("EFGAN_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.delenv("EFGAN_DISABLE_PLUGINS", raising=False)
    install_plugin("moon-plugin", SOURCE, entry="moon_plugin")
    install_plugin("sun-plugin", SOURCE)
    return tmp_path / "config" / "plugins.json"


def listed(efgan):
    document = json.loads(efgan("plugin", "list", "--json").out)
    return {plugin["name"]: (plugin["state"], plugin["reason"]) for plugin in document["plugins"]}


def test_a_plugin_is_switched_off_and_on(efgan, config):
    answer = efgan("plugin", "disable", "moon-plugin")
    assert (answer.code, answer.out) == (0, f"disabled: moon-plugin of moon-plugin; kept in {config}\n")
    assert listed(efgan)["moon-plugin"] == ("disabled", "by `efgan plugin disable`")
    assert efgan("plugin", "disable", "Moon_Plugin").out == "Moon_Plugin is disabled already\n"
    answer = efgan("plugin", "enable", "moon-plugin")
    assert (answer.code, answer.out) == (0, f"enabled: moon-plugin; kept in {config}\n")
    assert json.loads(config.read_text()) == {"disabled": []}
    assert efgan("plugin", "enable", "moon-plugin").out == "moon-plugin is not disabled by `efgan plugin disable`\n"


def test_the_environment_wins_and_enable_says_so(efgan, monkeypatch):
    efgan("plugin", "disable", "moon-plugin")
    monkeypatch.setenv("EFGAN_DISABLE_PLUGINS", "moon-plugin")
    assert listed(efgan)["moon-plugin"] == ("disabled", "by EFGAN_DISABLE_PLUGINS")
    answer = efgan("plugin", "enable", "moon-plugin")
    assert answer.code == 2
    assert "EFGAN_DISABLE_PLUGINS: it still disables moon-plugin" in answer.err


@pytest.mark.parametrize("verb", ["enable", "disable"])
def test_an_unknown_name_is_answered_with_the_nearest(efgan, verb, config):
    answer = efgan("plugin", verb, "mon-plugin")
    assert answer.code == 2
    assert answer.err == "error: mon-plugin: no plugin of that name is installed; did you mean 'moon-plugin'?\n"
    assert not config.exists()


def test_the_built_in_components_stay(efgan):
    answer = efgan("plugin", "disable", "efgan-kit")
    assert (answer.code, answer.err) == (2, "error: efgan-kit: the built-in components can't be disabled\n")


def test_a_plugin_that_is_gone_can_be_taken_off_the_list(efgan, config):
    config.parent.mkdir()
    config.write_text('{"disabled": ["gone-plugin", "sun-plugin"]}')
    assert efgan("plugin", "enable", "gone-plugin").code == 0
    assert json.loads(config.read_text()) == {"disabled": ["sun-plugin"]}


def test_of_a_distribution_with_two_plugins_one_can_be_enabled(efgan, config, tmp_path):
    points = tmp_path / "site" / "moon_plugin-0.5.dist-info" / "entry_points.txt"
    points.write_text("[efgan_kit]\nnight = moon_plugin\nday = moon_plugin\n")
    efgan("plugin", "disable", "moon-plugin")
    assert {name for name, (state, _) in listed(efgan).items() if state == "disabled"} == {"night", "day"}
    efgan("plugin", "enable", "day")
    assert json.loads(config.read_text()) == {"disabled": ["night"]}


def test_a_damaged_file_stops_only_those_who_would_write_it(efgan, config, monkeypatch):
    monkeypatch.setenv("EFGAN_DISABLE_PLUGINS", "all")
    config.parent.mkdir()
    config.write_text("{")
    for verb in ("disable", "enable"):
        answer = efgan("plugin", verb, "moon-plugin")
        assert answer.code == 2
        assert answer.err.startswith(f"error: {config}: cannot be read: ")
    assert efgan("recipe", "list").code == 0
    shown = efgan("plugin", "list")
    assert shown.code == 0
    assert shown.err.startswith(f"warning: {config}: cannot be read: ")
    assert efgan("--help").code == 0
    assert config.read_text() == "{"
