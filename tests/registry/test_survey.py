"""Plugins seen without importing them."""

import json
import resource
import subprocess
import sys

import pytest

from efgan_kit.registry import registry
from efgan_kit.registry.survey import survey

HOOK = "from efgan_kit.api import hookimpl\n@hookimpl\n"
OFFER = HOOK + "def efgan_components(register): register('loss', '{0}', '{0}:Loss', 'Pulls')\n"
DYNAMIC = HOOK + "def efgan_components(register):\n    for name in 'ab': register('loss', name, 'moon:Loss')\n"


@pytest.fixture(autouse=True)
def _own_memory(tmp_path, monkeypatch):
    monkeypatch.setenv("EFGAN_CACHE_DIR", str(tmp_path / "cache"))


def seen(name):
    return next(plugin for plugin in survey().plugins if plugin.name == name)


def test_what_is_written_in_source_and_metadata_is_known(install_plugin):
    source = OFFER.format("tide") + "raise AssertionError('imported')\n"
    install_plugin("tide-plugin", source, requires=["efgan-kit>=0.1"])
    tide = seen("tide-plugin")
    assert (tide.state, tide.version, tide.efgan_kit, tide.seconds) == ("active", "0.5", ">=0.1", None)
    (offer,) = tide.offers
    assert (offer.kind, offer.name, offer.origin, offer.summary) == ("loss", "tide", "tide-plugin 0.5", "Pulls")
    assert "tide_plugin" not in sys.modules


@pytest.mark.parametrize(
    ("source", "requires", "state", "reason"),
    [
        ("", ["efgan-kit>=99"], "too new", "it asks for efgan-kit >=99, but "),
        ("", ["efgan-kit<0.0.1"], "too old", "it asks for efgan-kit <0.0.1, but "),
        ("", ["moon-dust>=2"], "missing", "moon-dust>=2, which is not installed: pip install 'moon-dust>=2'"),
        ("def broken(:\n", [], "broken", "SyntaxError"),
        (HOOK + "def efgan_componets(register): ...\n", [], "broken", "did you mean 'efgan_components'?"),
        (OFFER.format("x").replace("'loss'", "'los'"), [], "broken", "did you mean 'loss'?"),
    ],
)
def test_what_is_wrong_is_seen_without_an_import(install_plugin, source, requires, state, reason):
    install_plugin("moon-plugin", source + "\n", requires=requires)
    moon = seen("moon-plugin")
    assert moon.state == state
    assert reason in moon.reason
    assert "moon_plugin" not in sys.modules


@pytest.mark.parametrize("requires", [["efgan-kit>=99"], ["efgan-kit<0.0.1"]])
def test_a_plugin_that_does_not_fit_is_not_loaded(install_plugin, requires):
    install_plugin("moon-plugin", "raise AssertionError('imported')\n", requires=requires)
    (moon,) = [plugin for plugin in registry().plugins if plugin.name == "moon-plugin"]
    assert moon.state == seen("moon-plugin").state
    assert moon.state in ("too new", "too old")


def test_a_plugin_whose_requirement_is_missing_is_loaded_all_the_same(install_plugin):
    install_plugin("moon-plugin", OFFER.format("tide"), requires=["moon-dust"])
    assert registry().catalogue.find("loss", "tide").distribution == "moon-plugin"
    assert seen("moon-plugin").state == "missing"


def test_what_only_an_import_tells_is_known_after_one_until_the_file_changes(install_plugin):
    place = install_plugin("moon-plugin", DYNAMIC)
    before = seen("moon-plugin")
    assert (before.offers, before.unread, before.seconds) == ((), {"efgan_components"}, None)
    registry()
    after = seen("moon-plugin")
    assert [offer.name for offer in after.offers] == ["a", "b"]
    assert after.unread == frozenset()
    assert 0 <= after.seconds < 5
    (place / "moon_plugin.py").write_text(DYNAMIC.replace("'ab'", "'abc'"))
    assert seen("moon-plugin").unread == {"efgan_components"}


def test_a_failed_import_is_remembered_until_the_file_changes(install_plugin):
    place = install_plugin("moon-plugin", "1 / 0\n")
    assert seen("moon-plugin").state == "active"
    registry()
    moon = seen("moon-plugin")
    assert (moon.state, moon.reason) == ("broken", "ZeroDivisionError: division by zero (when it was last imported)")
    (place / "moon_plugin.py").write_text("x = 1\n")
    assert seen("moon-plugin").state == "active"


@pytest.mark.parametrize("content", ["{", "[]", '{"x": {}}', '{"x": {"version": 1, "offers": [1]}}'])
def test_a_damaged_memory_is_forgotten(install_plugin, tmp_path, content):
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "plugins.json").write_text(content)
    install_plugin("moon-plugin", DYNAMIC)
    assert seen("moon-plugin").unread == {"efgan_components"}
    registry()
    assert len(seen("moon-plugin").offers) == 2


def test_a_cache_that_cannot_be_written_is_no_trouble(install_plugin, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("EFGAN_CACHE_DIR", str(tmp_path / "file"))
    install_plugin("moon-plugin", DYNAMIC)
    assert len(registry().catalogue.of_kind("loss")) > 2


def test_fifty_plugins_are_listed_in_half_a_second_and_none_is_imported(install_plugin):
    for number in range(50):
        source = f"{OFFER.format(f'tide{number}')}\nraise SystemExit('imported')\n"
        install_plugin(f"dummy-{number}", source, requires=["efgan-kit>=0.1", "numpy>=1"])
    command = [sys.executable, "-m", "efgan_kit", "plugin", "list", "--json"]
    subprocess.run(command, capture_output=True, check=True)  # so that our own modules are compiled
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    plugins = [p for p in json.loads(done.stdout)["plugins"] if p["distribution"].startswith("dummy-")]
    assert len(plugins) == 50
    assert {plugin["state"] for plugin in plugins} == {"active"}
    assert {len(plugin["components"]["loss"]) for plugin in plugins} == {1}
    taken = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert taken < 0.5, f"{taken:.2f} s of processor time"


def test_damaged_metadata_costs_nobody_else(install_plugin):
    place = install_plugin("moon-plugin", OFFER.format("tide"))
    for name, content in (("odd", "[efgan_kit]\nno equals sign\n"), ("nameless", "[efgan_kit]\nnameless = json\n")):
        (place / f"{name}-1.dist-info").mkdir()
        (place / f"{name}-1.dist-info" / "entry_points.txt").write_text(content)
    assert seen("moon-plugin").state == "active"
    assert (seen("nameless").distribution, seen("nameless").version) == ("unknown", "")
    registry.cache_clear()
    assert registry().catalogue.find("loss", "tide").distribution == "moon-plugin"
