"""Every plugin of tests/plugins/bad is caught by the doctor, which names the promise, and stops no other command."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from efgan_kit.diagnosis import PROMISES

BAD = Path(__file__).parents[1] / "plugins" / "bad"

CAUGHT = {
    "bad_recipes": [
        ("recipes", "the recipe 'moonlit' does not load", "no loss is called 'moonlight'"),
        ("names", "the recipe 'quickstart' is hidden by the shipped one"),
    ],
    "base_exception": [("import", "Moon: eclipse", "base_exception.py:6")],
    "global_seeding": [("global state", "random's state")],
    "global_seeding_of_numpy": [("global state", "numpy's random state"), ("light", "numpy")],
    "hang": [("end", "its import: it had not ended after")],
    "hides_built_in": [("names", "the loss 'wgan-gp' is hidden by the built-in one")],
    "import_error": [("import", "ZeroDivisionError: division by zero", "import_error.py:3")],
    "killed": [("end", "its import: it ended the process by SIGKILL")],
    "malformed_target": [("offers", "'json.JSONEncoder'", "not of the form 'package.module:Class'")],
    "missing_dependency": [("import", "No module named 'nothing_of_the_kind'")],
    "missing_requirement": [("requirements", "it needs moon-dust>=2, which is not installed")],
    "no_recipes": [("recipes", "there is no folder", "nowhere")],
    "os_exit": [("end", "its import: it ended the process with exit code 3 (os._exit, or a crash)")],
    "prints": [("quiet", "its import prints: hello from the moon")],
    "raising_hook": [("hooks", "efgan_components fails: LookupError: the moon is down", "raising_hook.py:8")],
    "raising_recipes": [("hooks", "efgan_recipes fails: LookupError")],
    "recursion": [("import", "RecursionError")],
    "silences_warnings": [("global state", "the warnings filters", "logging is disabled", "variable MOON")],
    "slow_import": [("light", "its import takes 0.")],
    "syntax_error": [("import", "SyntaxError", "syntax_error.py:1")],
    "sys_exit": [("end", "its import calls sys.exit: SystemExit: 3")],
    "target_greedy": [("targets", "the loss 'greedy' asks for moon, which no loss is given")],
    "target_missing": [("targets", "the module has no 'JSONEncodr'", "did you mean 'JSONEncoder'?")],
    "target_module_missing": [("targets", "'target_module_missing.parts:Lost', which does not exist")],
    "too_new": [("version", "it is too new: it asks for efgan-kit >=99")],
    "too_old": [("version", "it is too old: it asks for efgan-kit <0.0.1")],
    "torch_at_discovery": [("light", "torch")],
    "twice": [("names", "it offers the loss 'double' twice")],
    "twin_one": [("names", "the loss 'twin' is also offered by bad-twin-two")],
    "twin_two": [("names", "the loss 'twin' is also offered by bad-twin-one")],
    "unknown_hook": [("hooks", "there is no hook 'efgan_componets'; did you mean 'efgan_components'?")],
    "unknown_kind": [("offers", "'los' is not a kind of component; did you mean 'loss'?")],
    "wrong_signature": [
        ("hooks", "written efgan_components(register, moon)", "calls efgan_components(register)", "no 'moon' to give")
    ],
}  # fmt: skip
"""By the plugin: the promises that it breaks, each with words that are said of it."""

WAYS_OUT = {
    "missing_dependency": "pip install 'bad-missing-dependency[far]'",
    "missing_requirement": "pip install 'moon-dust>=2'",
    "too_new": "pip install --upgrade efgan-kit",
    "too_old": "pip install --upgrade bad-too-old",
    "twin_one": "`efgan plugin disable bad-twin-two`",
    "wrong_signature": "`efgan plugin disable bad-wrong-signature`",
}


def efgan(environment, *arguments, program="from efgan_kit.cli import main; main()"):
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=600)


@pytest.fixture(scope="session")
def told(environment_with):
    """What the doctor says of them, by distribution: of all but one together, of that which never ends with a limit."""
    others = [stem for stem in CAUGHT if stem != "hang"]
    plugins = []
    for stems, limit in ((others, 300), (["hang"], 2)):
        done = efgan(environment_with(*stems), "plugin", "doctor", "--json", "--limit", str(limit))
        assert done.returncode == 2, done.stderr
        document = json.loads(done.stdout)
        assert document["healthy"] is False
        plugins += document["plugins"]
    return {plugin["distribution"]: plugin for plugin in plugins}


def test_each_bad_plugin_is_looked_for():
    assert sorted(CAUGHT) == sorted(path.stem for path in BAD.glob("*.py"))


@pytest.mark.parametrize("stem", CAUGHT)
def test_the_doctor_names_plugin_promise_and_way_out(told, stem):
    plugin = told[f"bad-{stem.replace('_', '-')}"]
    assert plugin["healthy"] is False
    for promise, *words in CAUGHT[stem]:
        said = [finding["what"] for finding in plugin["findings"] if finding["contract"] == promise]
        assert any(all(word in what for word in words) for what in said), plugin["findings"]
    for finding in plugin["findings"]:
        assert finding["promise"] == PROMISES[finding["contract"]]
        assert finding["way_out"]
    assert WAYS_OUT.get(stem, "") in " ".join(finding["way_out"] for finding in plugin["findings"])


def test_a_recipe_that_needs_more_than_its_package_is_noted(told):
    (note,) = [finding for finding in told["bad-bad-recipes"]["findings"] if finding["severity"] == "note"]
    assert note["what"].startswith("the recipe 'needy' can't be used yet: ")
    assert note["what"].endswith("needy.yaml:5:12: requires: moon-dust is not installed")
    assert note["way_out"] == "pip install 'moon-dust>=2'"


def test_nothing_is_said_that_is_not_so(told):
    for stem, expected in CAUGHT.items():
        also = {"targets"} if stem in ("twice", "twin_one", "twin_two", "hides_built_in") else set()
        also |= {"recipes"} if stem == "bad_recipes" else set()
        seen = {finding["contract"] for finding in told[f"bad-{stem.replace('_', '-')}"]["findings"]}
        assert seen - also == {promise for promise, *_ in expected} - also, stem


@pytest.mark.parametrize("stem", sorted(set(CAUGHT) - {"hang", "killed"}))
def test_it_stops_no_other_command(environment_with, stem):
    done = efgan(environment_with(stem), "recipe", "list", "--json")
    assert done.returncode == 0, done.stderr
    assert "quickstart" in [recipe["name"] for recipe in json.loads(done.stdout)]


def test_one_that_hangs_is_given_up_with_a_word_before(environment_with):
    impatient = (
        "from efgan_kit.cli import main\nfrom efgan_kit.registry import loading\n"
        "loading.NOTICE, loading.LIMIT = 0.3, 1.0\nmain()\n"
    )
    done = efgan(environment_with("hang"), "recipe", "list", program=impatient)
    assert done.returncode == 0
    assert "quickstart" in done.stdout
    assert "still loading the plugin of bad-hang" in done.stderr
    assert "`efgan plugin disable bad-hang`" in done.stderr


@pytest.mark.parametrize("stem", ["hang", "killed"])
def test_what_cannot_be_survived_can_be_seen_and_switched_off(environment_with, stem):
    environment = environment_with(stem)
    assert f"bad-{stem}" in efgan(environment, "plugin", "list").stdout
    assert efgan(environment, "plugin", "disable", stem).returncode == 0
    assert efgan(environment, "recipe", "list").returncode == 0
