"""Plugins know efgan_kit by what it promises: its api."""

import ast
from pathlib import Path

import pytest
from packaging.requirements import Requirement

HERE = Path(__file__).parent
FILES = sorted(path for path in HERE.glob("*/efgan_kit_*/**/*.py"))


def imported(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_there_is_something_to_look_at():
    assert {path.parent.name for path in FILES} >= {"efgan_kit_slurm", "efgan_kit_ray", "efgan_kit_ict"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}.{path.stem}")
def test_a_plugin_imports_the_api_and_nothing_else_of_efgan_kit(path):
    ours = {name for name in imported(path) if name.split(".")[0] == "efgan_kit"}
    assert ours <= {"efgan_kit.api"}


@pytest.mark.parametrize("plugin", sorted(path.name for path in HERE.iterdir() if (path / "pyproject.toml").exists()))
def test_a_plugin_is_a_package_with_a_licence_an_entry_point_and_a_page(plugin, install):
    import tomllib

    from efgan_kit.registry import registry

    project = tomllib.loads((HERE / plugin / "pyproject.toml").read_text())["project"]
    assert (project["name"], project["license"]) == (plugin, "Apache-2.0")
    needed = {each.name: each.specifier for each in map(Requirement, project["dependencies"])}
    assert "0.1.0" in needed["efgan-kit"]
    assert (HERE / plugin / project["readme"]).is_file()
    install(plugin)
    (found,) = [each for each in registry().plugins if each.distribution == plugin]
    assert (found.state, found.reason) == ("active", "")
    assert found.offers or plugin in [owner for _, owner in registry().model_folders()]
