"""docs/paper.md: each statement of the supplement leads to something that exists, and to a test or a decision.

Files, values, keys and their numbers, tests and decisions that it names are looked up in the code.
"""

import ast
import functools
import re
from collections import defaultdict
from typing import NamedTuple

import attrs
import pytest
import yaml

from efgan_kit.api import GIVEN_VALUES
from efgan_kit.components.graphs.ef_gan import EFGAN
from efgan_kit.recipe import load_recipe
from efgan_kit.recipe.dump import to_plain

from .conftest import ROOT, pages

PAGE = pages()["docs/paper.md"]
STATEMENTS, _, REST = PAGE.partition("\n## Decisions\n")
QUOTED = re.compile(r"`([^`\n]+)`")
KEY = re.compile(r"(?:faces|graph|losses|optimizer|schedule|train|data)(?:\.\w+)+")
RECIPES = ("ef-gan", "cascade-ef-gan")


class Statement(NamedTuple):
    """A row of the statement tables."""

    table: str
    place: str
    statement: str
    where: str
    held_by: str

    @property
    def recipe(self):
        return "cascade-ef-gan" if "Cascade" in self.table else "ef-gan"


class Decision(NamedTuple):
    """A row of the decisions table."""

    number: str
    question: str
    decision: str
    key: str
    why: str


def rows(text):
    """The cells of every table row under a table's head."""
    found = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"]
    heads = {index - 1 for index, cells in enumerate(found) if set("".join(cells)) <= set("-| ")}
    return [cells for index, cells in enumerate(found) if index not in heads and index - 1 not in heads]


def statements():
    tables = re.split(r"^### ", STATEMENTS, flags=re.MULTILINE)[1:]
    return [Statement(table.partition("\n")[0], *cells) for table in tables for cells in rows(table)]


SAID = statements()
DECIDED = [Decision(*cells) for cells in rows(REST.partition("\n## ")[0])]


@functools.cache
def plain(name):
    """The recipe as plain data; settings at null are not written out, so `train` is taken whole."""
    recipe = load_recipe(name, allow_missing=True)  # the run that a cascade starts from
    return {**to_plain(recipe), "train": attrs.asdict(recipe.train)}


def look_up(key, recipe):
    """The value of a key; a KeyError if the recipe has none such."""
    node = plain(recipe)
    for part in key.split("."):
        node = node[part]
    return node


@functools.cache
def homes_of_tests():
    """The files, relative to the root, that hold a test of each name."""
    found = defaultdict(list)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                found[node.name].append(path.relative_to(ROOT).as_posix())
    return found


def is_file(word):
    return "/" in word and (ROOT / word).is_file()


def is_value(word):
    return word in GIVEN_VALUES or word in {name for name in dir(EFGAN) if hasattr(getattr(EFGAN, name), "efgan_value")}


@pytest.mark.parametrize("row", SAID, ids=lambda row: f"{row.place}: {row.statement}")
def test_a_statement_leads_to_what_exists(row):
    """`where` names a file, a value or a key, and every number beside a key is the recipe's."""
    names = QUOTED.findall(row.where)
    assert names
    for name in names:
        if key := re.fullmatch(rf"({KEY.pattern})(?:: (.+))?", name):
            found = look_up(key[1], row.recipe)
            if key[2] is not None:
                assert found == as_written(key[2]), name
        else:
            assert is_file(name) or is_value(name), name


def as_written(text):
    """A value as recipes write it, where 1e-5 is a number."""
    try:
        return float(text)
    except ValueError:
        return yaml.safe_load(text)


@pytest.mark.parametrize("row", SAID, ids=lambda row: f"{row.place}: {row.statement}")
def test_a_statement_is_held_by_tests_or_by_a_decision(row):
    if row.held_by.startswith("not repeated: "):
        return
    names = QUOTED.findall(row.held_by)
    numbers = [number for run in re.findall(r"decisions? ([\d, ]+)", row.held_by) for number in run.split(",")]
    assert names or numbers
    for name in names:
        path, _, test = name.rpartition("::")
        assert len([file for file in homes_of_tests()[test] if path in ("", file)]) == 1, name
    assert {number.strip() for number in numbers} <= {decision.number for decision in DECIDED}
    rest = re.sub(r"`[^`]+`|decisions? [\d, ]*\d|[,;\s]", "", row.held_by)
    assert rest == "", "nothing but tests and decisions stands here"


@pytest.mark.parametrize("row", DECIDED, ids=lambda row: row.question)
def test_a_decision_has_a_key_and_a_reason(row):
    keys = QUOTED.findall(row.key)
    assert keys
    for key in keys:
        assert any(has(key, recipe) for recipe in RECIPES), key
    assert row.decision
    assert row.why


def has(key, recipe):
    try:
        look_up(key, recipe)
    except (KeyError, TypeError):
        return False
    return True


def test_decisions_are_numbered_in_order():
    assert [row.number for row in DECIDED] == [str(number) for number in range(1, len(DECIDED) + 1)]


def test_every_part_of_the_supplement_is_there():
    """Sections 1 to 4, six equations, six figures, five references, each with the statements in it."""
    places = {row.place for row in SAID}
    assert places == {
        *(str(section) for section in range(1, 5)),
        *(f"Eq. {number}" for number in range(1, 7)),
        *(f"Fig. {number}" for number in range(1, 7)),
        *(f"[{number}]" for number in range(1, 6)),
    }
    assert len(SAID) >= 100
    assert len({(row.place, row.statement) for row in SAID}) == len(SAID)


def test_few_statements_are_not_repeated():
    """Hours on a machine, and photos that are given out on request."""
    assert len([row for row in SAID if row.held_by.startswith("not repeated: ")]) <= 5


def test_every_file_on_the_page_exists():
    """Outside the tables too."""
    named = {word for word in QUOTED.findall(PAGE) if re.fullmatch(r"[\w./-]+/[\w.-]+\.(py|yaml|md)", word)}
    assert {word for word in named if not is_file(word)} == set()
    assert len(named) > 20


def test_the_published_numbers_stand_in_the_recipe():
    """Supplement, sections 1 to 3, typed off the paper."""
    published = {
        "losses.adversarial.weight": 1,
        "losses.adversarial.penalty": 10,
        "losses.conditional.weight": 3000,
        "losses.content.weight": 10,
        "losses.attention.weight": 0.1,
        "losses.interpolation.weight": 1,
        "losses.interpolation.realism": 0.1,
        "graph.discriminators.final.layers": 5,
        "graph.discriminators.final.slope": 0.01,
        "graph.discriminators.initial.layers": 3,
        "graph.discriminators.initial.per_region.face.layers": 5,
        "optimizer.lr": 1e-4,
        "optimizer.betas": [0.5, 0.999],
        "schedule.constant_epochs": 50,
        "train.epochs": 100,
        "train.batch_size": 2,
    }
    assert {key: look_up(key, "ef-gan") for key in published} == published
