"""The user's choice of plugins: a file that is whole or not there, and whose damage stops nobody."""

import json

import pytest

from efgan_kit.errors import EfganError
from efgan_kit.registry import registry
from efgan_kit.registry.candidates import Candidate
from efgan_kit.registry.switched_off import config_file, read_choices, switched_off, write_choices


@pytest.fixture(autouse=True)
def config(tmp_path, monkeypatch):
    monkeypatch.setenv("EFGAN_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.delenv("EFGAN_DISABLE_PLUGINS", raising=False)
    return tmp_path / "config" / "plugins.json"


def candidate(name, distribution):
    return Candidate(name, "module", distribution, "1", lambda: None)


def test_without_a_file_nothing_is_switched_off(config):
    assert config_file() == config
    assert switched_off().reason(candidate("moon", "moon-plugin")) == ""


def test_choices_are_kept_beside_what_else_the_file_holds(config):
    config.parent.mkdir()
    config.write_text('{"colour": "silver", "disabled": ["sun"]}')
    write_choices([*read_choices(), "moon", "moon"])
    assert json.loads(config.read_text()) == {"colour": "silver", "disabled": ["moon", "sun"]}
    assert [path.name for path in config.parent.iterdir()] == ["plugins.json"]


@pytest.mark.parametrize("name", ["moon", "Moon_Plugin", "MOON"])
def test_a_plugin_is_meant_by_its_own_name_or_its_distributions(name):
    write_choices([name])
    assert switched_off().reason(candidate("moon", "moon-plugin")) == "by `efgan plugin disable`"
    assert switched_off().reason(candidate("moonlight", "moonlight-plugin")) == ""


def test_the_environment_wins_over_the_file(monkeypatch):
    write_choices(["moon"])
    monkeypatch.setenv("EFGAN_DISABLE_PLUGINS", " sun ,moon-plugin")
    assert switched_off().reason(candidate("moon", "moon-plugin")) == "by EFGAN_DISABLE_PLUGINS"


@pytest.mark.parametrize("text", ["{", "[]", '{"disabled": "moon"}', '{"disabled": [1]}', "\udcff"])
def test_a_damaged_file_is_one_message_and_switches_nothing_off(config, text, capsys, fresh_registry):
    config.parent.mkdir()
    config.write_text(text, errors="surrogateescape")
    assert switched_off().chosen == frozenset()
    registry()
    registry()
    said = capsys.readouterr().err
    assert said.count("warning: ") == 1
    assert str(config) in said
    assert "mend it, or delete it: then no plugin is disabled by it" in said
    for call in (read_choices, lambda: write_choices(["moon"])):
        with pytest.raises(EfganError, match="cannot be read"):
            call()
    assert config.read_text(errors="surrogateescape") == text


def test_a_folder_that_cannot_be_made_is_a_message(config, tmp_path):
    (tmp_path / "config").write_text("a file")
    with pytest.raises(EfganError, match=r"config/plugins\.json: cannot be read: Not a directory"):
        write_choices(["moon"])
