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
    earnest = tmp_path / f"{name}.yaml"
    earnest.write_text("\n".join(kept))
    assert efgan("recipe", "check", earnest).code == 0
    shown = yaml.safe_load(efgan("recipe", "show", earnest).out)
    assert (shown["faces"]["size"], shown["train"]["steps"]) == (64, 2000)


@pytest.mark.parametrize("kind", KINDS)
def test_the_recipe_on_its_page_holds_together(kind, installed, efgan, tmp_path):
    page = (installed[kind] / "README.md").read_text()
    (text,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    (tmp_path / "mine.yaml").write_text(text)
    answer = efgan("recipe", "check", tmp_path / "mine.yaml")
    assert (answer.code, answer.err) == (0, "")


@pytest.fixture(scope="module")
def outcomes(packages, tmp_path_factory):
    """What the packages' own tests came to, all of them in one process: by kind, the test's name and its failure."""
    place = tmp_path_factory.mktemp("outcomes")
    (place / "pytest.ini").write_text("[pytest]\n")
    paths = os.pathsep.join(map(str, [ROOT, *packages.values()]))
    tests = [packages[kind] / "tests" for kind in KINDS]
    options = ["-c", place / "pytest.ini", "--rootdir", packages["site"].parent, "--import-mode=importlib"]
    report = place / "report.xml"
    done = run("pytest", *tests, *options, "-p", "no:cacheprovider", f"--junitxml={report}", PYTHONPATH=paths)
    assert report.exists(), done.stderr
    found = {kind: {} for kind in KINDS}
    for case in ElementTree.parse(report).iter("testcase"):
        failure = case.find("failure") if case.find("failure") is not None else case.find("error")
        kind = case.get("classname").partition(".")[0]
        found[kind][case.get("name")] = None if failure is None else failure.text
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_its_own_tests_pass(kind, outcomes):
    assert len(outcomes[kind]) >= 6
    assert {name: failure for name, failure in outcomes[kind].items() if failure} == {}


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
    assert project["dependencies"][0] == "efgan-kit>=0.1"
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
