"""Offers read from sources: what is written with literals is known, whatever else decides is said to be unknown."""

import sys

import pytest

from efgan_kit.registry import source

HOOK = "from efgan_kit.api import hookimpl\n@hookimpl\n"


@pytest.fixture
def read(tmp_path, monkeypatch):
    """Reads a module of that source, in a package whose import would fail."""
    package = tmp_path / "moonpackage"
    package.mkdir()
    (package / "__init__.py").write_text("raise AssertionError('imported')\n")
    monkeypatch.syspath_prepend(str(tmp_path))

    def read(text):
        (package / "hooks.py").write_text(text, encoding="utf-8")
        reading = source.read("moonpackage.hooks")
        assert "moonpackage" not in sys.modules
        return reading

    return read


def test_literal_offers_are_read(read):
    reading = read(
        HOOK + 'def efgan_components(register: "Register") -> None:\n    "Words"\n'
        '    register("loss", "tide", "moon.losses:Tide", "Pulls")\n'
        '    register(kind="metric", name="phase", target="moon:Phase")\n'
    )
    assert reading.offers == (("loss", "tide", "moon.losses:Tide", "Pulls"), ("metric", "phase", "moon:Phase", ""))
    assert (reading.unread, reading.fault, reading.faults) == (frozenset(), "", ())
    assert reading.implemented == ("efgan_components",)


def test_constants_and_words_made_of_them_are_read(read):
    reading = read(
        'HERE = "moon"\n' + HOOK + 'def efgan_components(register):\n    parts = f"{HERE}.parts"\n'
        '    register("loss", "a" + "b", f"{parts}:Tide", HERE)\n'
    )
    assert reading.offers == (("loss", "ab", "moon.parts:Tide", "moon"),)


@pytest.mark.parametrize(
    ("before", "returned", "folder"),
    [
        ("from pathlib import Path\n", "Path(__file__).parent / 'recipes'", "recipes"),
        ("from pathlib import Path\nHERE = Path(__file__).resolve().parent\n", "HERE / 'a' / 'b'", "a/b"),
        ("import pathlib\n", "pathlib.Path(__file__).parents[0].joinpath('x')", "x"),
        ("import os\n", "os.path.join(os.path.dirname(__file__), 'y')", "y"),
    ],
)
def test_folders_made_of_the_modules_own_path_are_read(read, tmp_path, before, returned, folder):
    reading = read(f"{before}{HOOK}def efgan_recipes():\n    return {returned}\n")
    assert reading.folders == {"efgan_recipes": tmp_path / "moonpackage" / folder}


@pytest.mark.parametrize(
    "body",
    [
        "def efgan_components(register):\n    for name in NAMES: register('loss', name, 'a:B')\n",
        "def efgan_components(register):\n    register('loss', name(), 'a:B')\n",
        "def efgan_components(register):\n    register(*OFFER)\n",
        "def efgan_components(register):\n    if NAMES: register('loss', 'x', 'a:B')\n",
        "def efgan_components(register):\n    NAMES.update()\n",
        "def efgan_components(register):\n    register('loss', 'x', 'a:B', summary=2)\n",
    ],
)
def test_what_code_decides_is_not_known(read, body):
    reading = read(HOOK + body)
    assert reading.unread == {"efgan_components"}
    assert reading.fault == ""


@pytest.mark.parametrize(
    "text",
    [
        "from moon.hooks import efgan_components\n",
        "from moon.hooks import *\n",
        "try:\n    from moon.hooks import efgan_components\nexcept ImportError: ...\n",
        "efgan_components = make_hook()\n",
        "if True:\n    from efgan_kit.api import hookimpl\n    @hookimpl\n    def efgan_components(register): ...\n",
    ],
)
def test_hooks_that_come_from_elsewhere_are_not_known(read, text):
    assert "efgan_components" in read(text).unread


def test_a_name_that_code_may_change_is_no_constant(read):
    text = "NAME = 'a'\nif MOON:\n    NAME = 'b'\n" + HOOK
    assert read(text + "def efgan_components(register): register('loss', NAME, 'a:B')\n").unread == {"efgan_components"}


def test_offers_before_what_is_not_known_are_shown(read):
    text = HOOK + "def efgan_components(register):\n    register('loss', 'x', 'a:B')\n    more(register)\n"
    assert [offer[1] for offer in read(text).offers] == ["x"]


def test_wrong_hooks_are_seen_with_both_signatures(read):
    reading = read(HOOK + "def efgan_components(register, *, moon, sun=1): ...\n")
    assert reading.faults == (
        "its hook is written efgan_components(register, *, moon, sun=1), but efgan-kit calls "
        "efgan_components(register): there is no 'moon' to give",
    )
    unknown = read(HOOK + "def efgan_recepies(): ...\n")
    assert unknown.faults == ("there is no hook 'efgan_recepies'; did you mean 'efgan_recipes'?",)


def test_the_name_of_a_hook_may_be_given_to_its_mark(read):
    text = "import efgan_kit.api as api\n@api.hookimpl(specname='efgan_components')\ndef offer(register):\n"
    assert read(text + "    register('loss', 'x', 'a:B')\n").offers == (("loss", "x", "a:B", ""),)


def test_a_module_that_cannot_be_imported_is_a_fault(read):
    assert read("def broken(:\n").fault.startswith("SyntaxError")
    assert read("\0").fault
    assert source.read("moonpackage.nowhere").fault == "ModuleNotFoundError: No module named 'moonpackage.nowhere'"
    assert source.read("nobody.has.this").fault == "ModuleNotFoundError: No module named 'nobody.has.this'"
    assert source.read("not a module").fault == "the entry point 'not a module' is not of the form 'package.module'"


def test_an_object_in_a_module_and_a_module_without_source_are_not_known(read):
    read("x = 1\n")
    assert source.read("moonpackage.hooks:x").unread == set(source.OFFERING)
    assert source.read("math").unread == set(source.OFFERING)
