"""Commands of plugins stand beside efgan's own, and are imported when they are called."""

import os
import subprocess
import sys

import pytest


@pytest.fixture(autouse=True)
def _installed(reach_plugin):
    pass


def test_a_plugins_command_is_run_by_its_word(efgan):
    assert efgan("greet", "Ada") == (0, "hello Ada\n", "")
    assert "Say hello to NAME." in efgan("greet", "--help").out


def test_what_the_user_can_mend_is_a_message(efgan):
    answer = efgan("greet", "nobody")
    assert (answer.code, answer.err) == (2, "error: NAME: there is nobody; name somebody\n")


def test_help_lists_it_with_its_distribution_and_imports_it_not(efgan, monkeypatch):
    monkeypatch.delitem(sys.modules, "reach_commands", raising=False)
    shown = efgan("--help").out
    ours, _, theirs = shown.partition("Commands of plugins:")
    assert "greet" in theirs
    assert "Say hello (reach-plugin)" in " ".join(theirs.split())
    assert "greet" not in ours
    assert "reach_commands" not in sys.modules


def test_efgans_own_verb_is_not_replaced(efgan):
    assert "Say hello" not in efgan("edit", "--help").out


def test_a_word_that_is_no_click_command_is_refused(efgan):
    answer = efgan("mumble")
    assert answer.code == 2
    assert "the command 'mumble' of reach-plugin (reach_commands:mumble) is no click.Command" in answer.err


def test_an_unknown_word_is_refused_as_before(efgan):
    answer = efgan("greeet")
    assert answer.code == 2
    assert "No such command 'greeet'" in answer.err


def test_a_plugin_that_is_broken_costs_no_help(tmp_path):
    (tmp_path / "sour-0.1.dist-info").mkdir()
    (tmp_path / "sour-0.1.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: sour\nVersion: 0.1\n")
    (tmp_path / "sour-0.1.dist-info" / "entry_points.txt").write_text("[efgan_kit]\nsour = sour\n")
    (tmp_path / "sour.py").write_text("raise SystemExit(5)\n")
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}:{os.environ.get('PYTHONPATH', '')}"}
    command = [sys.executable, "-m", "efgan_kit", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Train a recipe" in done.stdout
