"""A new package of every kind works as it is: it is found, its recipe holds together, its tests and ruff pass."""

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

from efgan_kit.scaffold.kinds import STARTERS
from efgan_kit.scaffold.package import plan, write

ROOT = Path(__file__).parents[2]
KINDS = list(STARTERS)
LONGEST = "efgan-kit-" + 26 * "x"


def run(*command, **environment):
    return subprocess.run(
        [sys.executable, "-m", *map(str, command)],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        check=False,
    )


@pytest.mark.parametrize("kind", KINDS)
def test_its_component_is_found_under_its_own_name(kind, installed, efgan):
    document = json.loads(efgan("plugin", "list", "--json").out)
    (found,) = [each for each in document["plugins"] if each["distribution"] == f"efgan-kit-new-{kind}"]
    assert (found["state"], found["version"]) == ("active", "0.1.0")
    assert found["components"] == {kind: [f"new-{kind}"]}


@pytest.mark.parametrize("kind", KINDS)
def test_its_recipe_holds_together_small_and_in_earnest(kind, installed, efgan, tmp_path):
    name = f"new-{kind}-quickstart"
    small = efgan("recipe", "check", name)
    assert (small.code, small.err) == (0, "")
    lines = (installed[kind] / f"efgan_kit_new_{kind}" / "recipes" / f"{name}.yaml").read_text().splitlines()
    kept = [line for line in lines if not line.endswith("# small")]
    assert 3 <= len(lines) - len(kept) <= 4
    (tmp_path / f"{name}.yaml").write_text("\n".join(kept))
    earnest = efgan("recipe", "show", tmp_path / f"{name}.yaml", "--json")
    assert earnest.code == 0, earnest.err
    document = json.loads(earnest.out)
    assert (document["faces"]["size"], document["train"]["steps"]) == (64, 1000)


@pytest.mark.parametrize("kind", KINDS)
def test_the_recipe_on_its_page_can_be_read(kind, installed, efgan, tmp_path):
    page = (installed[kind] / "README.md").read_text()
    (text,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    (tmp_path / "mine.yaml").write_text(text)
    answer = efgan("recipe", "show", tmp_path / "mine.yaml")
    assert (answer.code, answer.err) == (0, "")
    assert f"use: new-{kind}" in answer.out or f"- new-{kind}" in answer.out


@pytest.fixture(scope="module")
def outcomes(packages, tmp_path_factory):
    """What the packages' own tests and the checks of their kinds came to: by kind, each test's name and failure.

    All run in one process, which imports torch once.
    """
    place = tmp_path_factory.mktemp("outcomes")
    (place / "pytest.ini").write_text("[pytest]\n")
    report = place / "report.xml"
    options = ["-c", place / "pytest.ini", "--rootdir", packages["site"].parent, "--import-mode=importlib"]
    options += ["-p", "efgan_kit.testing.pytest_plugin", "-p", "no:cacheprovider", f"--junitxml={report}"]
    options += [f"--efgan-plugin=efgan-kit-new-{kind}" for kind in KINDS]
    paths = os.pathsep.join(map(str, [ROOT, *packages.values()]))
    done = run("pytest", *options, *(packages[kind] / "tests" for kind in KINDS), PYTHONPATH=paths)
    assert report.exists(), done.stdout + done.stderr
    found = {kind: {} for kind in KINDS}
    for case in ElementTree.parse(report).iter("testcase"):
        name = f"{case.get('classname')}.{case.get('name')}"
        kind = next(kind for kind in KINDS if name.startswith(f"{kind}.tests.") or f"efgan-kit-new-{kind}." in name)
        found[kind][name] = [fault.text for fault in case if fault.tag in ("failure", "error")]
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_its_own_tests_and_the_checks_of_its_kind_pass(kind, outcomes):
    own = [name for name in outcomes[kind] if name.startswith(f"{kind}.tests.")]
    assert len(own) >= 5
    assert len(outcomes[kind]) >= len(own) + 3
    assert {name: faults for name, faults in outcomes[kind].items() if faults} == {}


@pytest.mark.parametrize("kind", KINDS)
def test_it_knows_efgan_kit_by_its_api_alone(kind, packages):
    files = list((packages[kind] / f"efgan_kit_new_{kind}").glob("*.py"))
    assert len(files) == 2
    nodes = [node for file in files for node in ast.walk(ast.parse(file.read_text()))]
    named = {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
    named |= {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    assert {name for name in named if name.split(".")[0] == "efgan_kit"} == {"efgan_kit.api"}


@pytest.mark.parametrize("kind", KINDS)
def test_its_project_file_says_what_a_plugin_must(kind, packages):
    document = tomllib.loads((packages[kind] / "pyproject.toml").read_text())
    project = document["project"]
    assert (project["name"], project["license"]) == (f"efgan-kit-new-{kind}", "Apache-2.0")
    assert project["authors"] == [{"name": "Ada Byron"}]
    assert project["dependencies"][0] == "efgan-kit>=0.1,<0.2"
    assert project["entry-points"]["efgan_kit"] == {f"new-{kind}": f"efgan_kit_new_{kind}"}
    assert document["tool"]["pytest"]["ini_options"]["addopts"] == f"--efgan-plugin efgan-kit-new-{kind}"
    assert "Copyright 2" in (packages[kind] / "LICENSE").read_text()
    workflow = yaml.safe_load((packages[kind] / ".github" / "workflows" / "tests.yml").read_text())
    steps = [step.get("run") for step in workflow["jobs"]["tests"]["steps"]]
    assert f"efgan plugin check efgan-kit-new-{kind}" in steps
    assert f"efgan train new-{kind}-quickstart --no-evaluate" in steps


def test_ruff_is_content_also_with_the_longest_name(packages, tmp_path):
    pytest.importorskip("ruff")
    for kind in KINDS:
        write(plan(LONGEST, kind), tmp_path / kind)
    folders = [packages[kind] for kind in KINDS] + [tmp_path / kind for kind in KINDS]
    for command in ("check", "format --check"):
        done = run("ruff", *command.split(), "--no-cache", *folders)
        assert done.returncode == 0, done.stdout
