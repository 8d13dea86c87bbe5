"""`pytest --efgan-plugin NAME`, in sessions of their own."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CARELESS = ROOT / "tests" / "plugins" / "careless"


@pytest.fixture
def session(tmp_path):
    """Runs pytest in an empty folder with the careless plugin installed; what it came to."""

    def run(*arguments):
        command = [sys.executable, "-m", "pytest", "-p", "efgan_kit.testing.pytest_plugin", *arguments]
        paths = os.pathsep.join([str(CARELESS), str(ROOT)])
        return subprocess.run(
            command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": paths}, capture_output=True, text=True, check=False
        )

    return run


def test_each_check_of_each_component_is_a_test_and_a_failure_says_the_contract(session):
    answer = session("--efgan-plugin", "careless-plugin", "-k", "metric and (tensorial or efgan_kit)", "-rA")
    assert answer.returncode == 1
    assert "PASSED careless-plugin::metric:tensorial::is_listed_in_form" in answer.stdout
    assert "FAILED careless-plugin::metric:tensorial::gives_named_figures" in answer.stdout
    told = answer.stdout[answer.stdout.index("metric tensorial of careless-plugin 0.1") :].splitlines()[:4]
    assert told == [
        "metric tensorial of careless-plugin 0.1",
        "  contract: figures are floats, which JSON can hold",
        "  seen: {'mean': 'Tensor'}",
        "  read: docs/conformance.md#gives_named_figures",
    ]
    assert "Traceback" not in answer.stdout


def test_an_unknown_plugin_is_a_mistake_on_the_command_line(session):
    answer = session("--efgan-plugin", "careless-plugn")
    assert answer.returncode == 4
    assert "no such plugin is installed; did you mean 'careless-plugin'?" in answer.stderr


def test_without_the_option_nothing_is_imported_or_collected(session, tmp_path):
    (tmp_path / "test_light.py").write_text(
        "import sys\ndef test_light():\n    assert not {'torch', 'efgan_kit.registry', 'attrs'} & set(sys.modules)\n"
    )
    answer = session("-q")
    assert answer.stdout.splitlines()[-1].startswith("1 passed")


def test_an_installed_efgan_kit_brings_the_option():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    name = "efgan_kit.testing.pytest_plugin"
    assert project["entry-points"]["pytest11"] == {name: name}
