"""The doctor on plugins that are well, disabled, or in each other's way."""

import json
import os
import time
from pathlib import Path

import pytest

from efgan_kit.diagnosis import diagnose
from efgan_kit.diagnosis.names import shared_entry_points, shared_names
from efgan_kit.registry.candidates import Candidate
from efgan_kit.registry.survey import survey

HOOK = "from efgan_kit.api import hookimpl\n@hookimpl\n"
LISTENS = HOOK + "def efgan_run_finished(run, summary): ...\n"


@pytest.fixture(autouse=True)
def _own_memory(tmp_path, monkeypatch):
    monkeypatch.setenv("EFGAN_CACHE_DIR", str(tmp_path / "cache"))


def test_a_plugin_that_keeps_its_word_is_well(efgan, install_plugin):
    install_plugin("moon-plugin", LISTENS, requires=["efgan-kit>=0.1"])
    answer = efgan("plugin", "doctor", "moon-plugin")
    assert answer.code == 0, answer.out
    assert answer.out.startswith("moon-plugin of moon-plugin 0.5: well, imported in ")
    assert len(answer.out.splitlines()) == 1
    document = json.loads(efgan("plugin", "doctor", "moon-plugin", "--json").out)
    assert document["healthy"] is True
    assert document["plugins"][0]["findings"] == []


def test_its_time_is_listed_afterwards(install_plugin):
    install_plugin("moon-plugin", LISTENS)
    (diagnosis,) = diagnose(["moon-plugin"])
    (seen,) = [plugin for plugin in survey().plugins if plugin.name == "moon-plugin"]
    assert seen.seconds == pytest.approx(diagnosis.seconds, abs=1e-4)


def test_one_that_is_not_well_is_printed_with_what_it_promised(efgan, install_plugin):
    install_plugin("moon-plugin", "print('\\x1b[2Jhello')\n" + LISTENS)
    answer = efgan("plugin", "doctor")
    assert answer.code == 2
    assert answer.out.splitlines()[1:] == [
        r"  fault, quiet: its import prints: \x1b[2Jhello",
        "    promised: Importing it, and its hooks, print nothing.",
        "    way out: tell the author of moon-plugin; until it is mended, `efgan plugin disable moon-plugin`",
    ]


def test_an_unknown_name_is_answered_with_the_nearest(efgan, install_plugin):
    install_plugin("moon-plugin", LISTENS)
    answer = efgan("plugin", "doctor", "mon-plugin")
    assert answer.code == 2
    assert answer.err == "error: mon-plugin: no plugin of that name is installed; did you mean 'moon-plugin'?\n"


def test_a_disabled_plugin_is_looked_at_only_if_it_is_named(install_plugin, monkeypatch):
    install_plugin("moon-plugin", "1 / 0\n")
    monkeypatch.setenv("EFGAN_DISABLE_PLUGINS", "moon-plugin")
    (unnamed,) = [each for each in diagnose() if each.candidate.name == "moon-plugin"]
    assert [(f.severity, f.what) for f in unnamed.findings] == [("note", "it is disabled by EFGAN_DISABLE_PLUGINS")]
    assert unnamed.healthy
    (named,) = diagnose(["moon-plugin"])
    assert [finding.promise for finding in named.findings if finding.severity == "fault"] == ["import"]


def test_commands_and_values_are_held_to_what_they_are(reach_plugin, monkeypatch):
    root = Path(__file__).parents[2]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(reach_plugin), str(root)]))
    (diagnosis,) = diagnose(["reach-plugin"], verbs=["edit"])
    assert {(finding.promise, finding.what) for finding in diagnosis.findings} == {
        ("targets", "the command 'mumble' is no click.Command"),
        ("targets", "the value 'bare' is not marked with @value"),
        ("names", "the command 'edit' is hidden by the built-in one of that name"),
    }


def test_a_plugin_without_hooks_is_noted(install_plugin):
    install_plugin("moon-plugin", "x = 1\n")
    (diagnosis,) = diagnose(["moon-plugin"])
    assert [(f.severity, f.what) for f in diagnosis.findings] == [("note", "it implements no hook: it offers nothing")]


def test_what_a_process_of_the_plugin_leaves_behind_is_ended(install_plugin, tmp_path):
    install_plugin(
        "moon-plugin",
        f"import subprocess, sys\np = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"open({str(tmp_path / 'pid')!r}, 'w').write(str(p.pid))\n" + LISTENS,
    )
    diagnose(["moon-plugin"])
    pid = int((tmp_path / "pid").read_text())
    ends = time.monotonic() + 30
    while (status := _status(pid)) not in ("gone", "Z") and time.monotonic() < ends:
        time.sleep(0.05)
    assert status in ("gone", "Z")


def _status(pid):
    """`Z` for a process that has ended and that nobody asked about."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return "gone"


def candidates(*names):
    return [Candidate(name, name, f"{name}-plugin", "1", lambda: None) for name in names]


def said(pairs):
    return {(candidate.name, finding.what) for candidate, finding in pairs}


def test_names_that_hide_each_other_are_told_at_each_plugin():
    moon, sun = candidates("moon", "sun")
    found = said(
        shared_names(
            {moon: [("loss", "tide"), ("command", "edit")], sun: [("loss", "tide"), ("graph", "tide")]},
            {moon: ["night"], sun: ["night", "ef-gan"]},
            {moon: ["face"], sun: ["face"]},
            ([("loss", "wgan-gp"), ("command", "edit")], ["ef-gan"]),
        )
    )
    assert found == {
        ("moon", "the loss 'tide' is also offered by sun-plugin: recipes can use neither"),
        ("sun", "the loss 'tide' is also offered by moon-plugin: recipes can use neither"),
        ("moon", "the command 'edit' is hidden by the built-in one of that name"),
        ("sun", "the recipe 'night' is hidden by that of moon-plugin"),
        ("sun", "the recipe 'ef-gan' is hidden by the shipped one of that name"),
        ("moon", "the model 'face' is also in sun-plugin: it can only be given by its path"),
        ("sun", "the model 'face' is also in moon-plugin: it can only be given by its path"),
    }


def test_two_entry_points_of_one_name_are_noted():
    one, two = Candidate("moon", "a", "a", "1", len), Candidate("moon", "b", "b", "1", len)
    assert said(shared_entry_points([one, two])) == {
        ("moon", "b has a plugin 'moon' too: `efgan plugin disable moon` means both"),
        ("moon", "a has a plugin 'moon' too: `efgan plugin disable moon` means both"),
    }
