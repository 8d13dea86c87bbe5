"""Links lead somewhere, examples load, and the commands of the pages are commands."""

import ast
import re
import shlex

import click
import pytest

from efgan_kit.cli import cli
from efgan_kit.recipe import load_recipe

from .conftest import ROOT, blocks, pages

LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(#[^)\s]*)?\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
ANCHOR = re.compile(r'<a id="([^"]+)"')
README_TEST = "python3 -m venv .venv && .venv/bin/pip install -e '.[test]' && .venv/bin/python -m pytest -n auto"


def anchors(text):
    """The places of a page that links may lead to, as Markdown renderers name them."""
    slugs = (re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in HEADING.findall(text))
    return {*slugs, *ANCHOR.findall(text)}


@pytest.mark.parametrize("page", pages())
def test_links_lead_somewhere(page):
    here = ROOT / page
    for target, anchor in LINK.findall(pages()[page]):
        path = (here.parent / target).resolve() if target else here
        assert path.exists(), f"{page}: {target}"
        if anchor:
            assert anchor[1:] in anchors(path.read_text(encoding="utf-8")), f"{page}: {target}{anchor}"


def efgan_commands(page=None):
    """Every efgan command in a fenced block, as arguments."""
    found = []
    for block in blocks("sh"):
        for line in block.text.splitlines():
            for part in line.split("&&"):
                words = shlex.split(part, comments=True)
                if words and words[0].endswith("efgan") and page in (None, block.page):
                    found.append(words[1:])
    return found


def word_of(register):
    """The word of a command that a hook module registers, or None."""
    words = [ast.literal_eval(word) if isinstance(word, ast.Constant) else None for word in register.args]
    return words[1] if words[:1] == ["command"] else None


THEIRS = {
    word_of(node)
    for path in (ROOT / "plugins").glob("*/efgan_kit_*/__init__.py")
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "register"
}
"""The verbs that plugins of this repository add: their own tests try them."""


@pytest.mark.parametrize("arguments", [each for each in efgan_commands() if each[0] not in THEIRS], ids=" ".join)
def test_every_command_parses(arguments):
    command, rest = cli, list(arguments)
    while isinstance(command, click.Group):
        _, command, rest = command.resolve_command(click.Context(command), rest)
    command.make_context(command.name, rest)


ASKING = {"recipe": ("list", "show", "check", "diff"), "plugin": ("list", "show")}
"""What only looks, and needs no plugin of those that the page installs: tests/docs/test_tutorial.py does the others."""
LOOKING = [
    command
    for command in efgan_commands("README.md")
    if command[1] in ASKING.get(command[0], ()) and command[-1] != "hinge"
]


@pytest.mark.parametrize("arguments", LOOKING, ids=" ".join)
def test_the_readmes_looking_commands_work(arguments, efgan):
    answer = efgan(*arguments)
    assert (answer.code, answer.err) == (0, "")
    assert answer.out


def test_the_readme_trains_then_tests_in_two_lines():
    start = pages()["README.md"].partition("## Start")[2]
    first, second = re.findall(r"```sh\n(.*?)```", start.partition("\n## ")[0], re.DOTALL)
    assert first.strip().endswith(".venv/bin/efgan train quickstart --run runs/quickstart")
    assert second.strip() == README_TEST
    assert all(command.startswith("python3 -m venv .venv && ") for command in (first, second))


def test_ci_runs_the_readmes_test_command():
    assert (ROOT / ".ci" / "run").read_text().rstrip().splitlines()[-1] == README_TEST


TUTORIAL = "docs/plugins/tutorial.md"
"""Its recipes need its plugin: tests/docs/test_tutorial.py loads them."""
RECIPES = [block for block in blocks("yaml") if "recipe: 1" in block.text and block.page != TUTORIAL]


@pytest.mark.parametrize("block", RECIPES, ids=lambda block: block.page)
def test_every_example_recipe_loads(block, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(block.text, encoding="utf-8")
    assert load_recipe(path).name == "mine"
