"""The directory of plugins: every entry has its form, and those of this repository are what their packages say."""

import ast
import datetime
import re
import tomllib

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from efgan_kit.registry import KIND_NAMES

from .conftest import ROOT, pages

ENTRIES = yaml.safe_load((ROOT / "docs" / "plugins" / "directory.yaml").read_text(encoding="utf-8"))
KEYS = ["name", "summary", "kinds", "home", "licence", "efgan-kit", "since"]
OFFERS = {*KIND_NAMES, "recipe", "model", "hook"}
NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
LICENCE = re.compile(r"[A-Za-z0-9.+-]+( (AND|OR|WITH) [A-Za-z0-9.+-]+)*")
OURS = {path.parent.name: path for path in sorted((ROOT / "plugins").glob("*/pyproject.toml"))}
OFFERING = {"efgan_recipes": {"recipe"}, "efgan_models": {"model"}, "efgan_components": set()}

by_name = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["name"])


def test_entries_are_in_alphabetical_order_each_once():
    names = [entry["name"] for entry in ENTRIES]
    assert names == sorted(set(names))


@by_name
def test_an_entry_has_its_form(entry):
    assert list(entry) == KEYS
    assert NAME.fullmatch(entry["name"]), "a name as pip normalises it: lower case, hyphens"
    assert entry["summary"] == " ".join(entry["summary"].split())
    assert len(entry["summary"]) <= 100
    assert not entry["summary"].endswith("."), "a line, not a sentence"
    assert entry["kinds"] == sorted(set(entry["kinds"]))
    assert entry["kinds"]
    assert set(entry["kinds"]) <= OFFERS
    assert LICENCE.fullmatch(entry["licence"]), "an SPDX expression"
    assert SpecifierSet(entry["efgan-kit"]), "some range of versions"
    assert type(entry["since"]) is datetime.date
    home = entry["home"]
    assert home == f"plugins/{entry['name']}" if home.startswith("plugins/") else re.fullmatch(r"https://\S+", home)


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Efgan_Kit"},
        {"summary": "Ends with a stop."},
        {"kinds": ["losses"]},
        {"kinds": ["recipe", "loss"]},
        {"kinds": []},
        {"home": "http://nowhere.example"},
        {"home": "plugins/another"},
        {"licence": "free of charge"},
        {"efgan-kit": ""},
        {"since": "2026-11-26"},
        {"stars": 5},
    ],
    ids=str,
)
def test_another_form_is_refused(change):
    with pytest.raises(AssertionError):
        test_an_entry_has_its_form({**ENTRIES[0], **change})


def test_every_package_of_this_repository_is_listed_and_no_other():
    assert set(OURS) == {entry["name"] for entry in ENTRIES if entry["home"].startswith("plugins/")}


def offered_by(module):
    """The kinds that a module of hooks offers, read off its source."""
    kinds = set()
    for function in ast.parse(module.read_text(encoding="utf-8")).body:
        marks = [ast.unparse(mark) for mark in getattr(function, "decorator_list", [])]
        if any(mark.startswith("hookimpl") for mark in marks):
            kinds |= OFFERING.get(function.name, {"hook"})
            calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
            registered = [call for call in calls if getattr(call.func, "id", "") == "register"]
            kinds |= {ast.literal_eval(call.args[0]) for call in registered}
    return kinds


@pytest.mark.parametrize("name", OURS)
def test_an_entry_of_this_repository_is_what_the_package_says(name):
    (entry,) = [entry for entry in ENTRIES if entry["name"] == name]
    project = tomllib.loads(OURS[name].read_text(encoding="utf-8"))["project"]
    assert entry["name"] == project["name"]
    assert entry["licence"] == project["license"]
    (needed,) = [r for r in map(Requirement, project["dependencies"]) if r.name == "efgan-kit"]
    assert SpecifierSet(entry["efgan-kit"]) == needed.specifier
    (module,) = project["entry-points"]["efgan_kit"].values()
    assert set(entry["kinds"]) == offered_by(OURS[name].parent / module / "__init__.py")


def test_the_example_for_newcomers_has_the_form():
    page = pages()["CONTRIBUTING.md"].partition("## Listing a plugin")[2]
    (example,) = re.findall(r"^```yaml\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    (entry,) = yaml.safe_load(example)
    test_an_entry_has_its_form(entry)
