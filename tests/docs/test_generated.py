"""What the pages take from the code is what the code says, and leaves nothing out."""

import inspect
import re

import click
import pytest

from efgan_kit import api, hookspecs
from efgan_kit.cli import cli
from efgan_kit.cli.default_verb import DEFAULT
from efgan_kit.diagnosis import PROMISES
from efgan_kit.evaluation.examination import Examination
from efgan_kit.registry.discovery import builtin, discover
from efgan_kit.testing.conformance import CHECKS
from efgan_kit.testing.examination import WHOLE

from .conftest import pages

PAGES = pages()
COMPONENTS = [(offer.kind, offer.name) for offer in discover([builtin()]).catalogue.offers]


@pytest.mark.parametrize("page", [name for name in PAGES if name.startswith("docs/")])
def test_a_page_is_up_to_date(page, generating):
    assert generating.filled(PAGES[page]) == PAGES[page], "run: python docs/generate.py"


def test_every_block_begins_and_ends(generating):
    for page, text in PAGES.items():
        assert text.count("<!-- begin ") == text.count("<!-- end ") == len(generating.BLOCK.findall(text)), page


def test_every_block_stands_on_some_page(generating):
    used = {name for text in PAGES.values() for _, name, _ in generating.BLOCK.findall(text)}
    assert used == set(generating.BLOCKS)


@pytest.mark.parametrize(("kind", "name"), COMPONENTS)
def test_every_component_is_described(kind, name):
    assert f"### {kind}: {name}\n" in PAGES["docs/components.md"]


@pytest.mark.parametrize("kind", api.KINDS)
def test_every_kind_has_its_contract(kind):
    section = PAGES["docs/plugins/contracts.md"].partition(f"### {kind}\n")[2].partition("\n### ")[0]
    contract = api.KINDS[kind].contract
    assert f"`efgan_kit.api.{contract.__name__}`" in section
    assert contract.__doc__
    assert contract.__doc__.partition("\n")[0] in section


def test_every_name_of_the_api_is_explained():
    section = PAGES["docs/plugins/contracts.md"].partition("## Everything in `efgan_kit.api`\n")[2]
    said = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", section, re.MULTILINE))
    assert [name for name in api.__all__ if not said.get(name, "").strip()] == []


def test_plugins_can_import_the_contract_of_every_kind():
    assert {kind.contract.__name__ for kind in api.KINDS.values()} <= set(api.__all__)


def test_every_hook_is_documented_with_its_signature():
    functions = dict(inspect.getmembers(hookspecs, inspect.isfunction))
    hooks = {name: hook for name, hook in functions.items() if name.startswith("efgan_")}
    assert hooks
    page = PAGES["docs/plugins/hooks.md"]
    assert [name for name in hooks if f"\ndef {name}(" not in page] == []
    for name, hook in hooks.items():
        section = page.partition(f"### {name}\n")[2].partition("\n### ")[0]
        assert hook.__doc__
        assert inspect.getdoc(hook).partition("\n")[0] in section


@pytest.mark.parametrize("kind", CHECKS)
def test_every_check_is_explained(kind):
    for check in CHECKS[kind]:
        section = PAGES["docs/conformance.md"].partition(f"### {check.__name__}\n")[2].partition("\n### ")[0]
        assert check.__doc__
        told = re.escape(inspect.getdoc(check)) + rf" \((?:every kind|[^)\n]*\b{kind}\b)"
        assert re.search(told, section), check.__name__


def test_every_check_of_a_plugin_as_a_whole_is_explained():
    for check in WHOLE:
        section = PAGES["docs/conformance.md"].partition(f"### {check.__name__}\n")[2].partition("\n### ")[0]
        assert inspect.getdoc(check).partition("\n")[0] in section


@pytest.mark.parametrize("promise", PROMISES)
def test_every_promise_that_the_doctor_holds_a_plugin_to_is_listed(promise):
    assert f"| {promise} | {PROMISES[promise]} |" in PAGES["docs/plugins/hooks.md"]


def test_every_named_value_is_documented():
    graph = discover([builtin()]).catalogue.find("graph", "ef-gan").load()
    members = [member for owner in (graph, Examination) for member in inspect.getmembers(owner)]
    declared = [name for name, member in members if hasattr(member, "efgan_value")]
    assert {"edited", "reconstruction", "edited_aus"} <= set(declared)
    wanted = {*api.GIVEN_VALUES, *declared}
    assert [name for name in wanted if f"| `{name}` |" not in PAGES["docs/values.md"]] == []


def commands(command, name):
    if isinstance(command, click.Group):
        for below in command.list_commands(click.Context(command)):
            own = f"{name} {below}" if below != DEFAULT else name
            yield from commands(command.get_command(click.Context(command), below), own)
    else:
        yield name, command


@pytest.mark.parametrize(("name", "command"), list(commands(cli, "efgan")))
def test_every_command_and_option_is_documented(name, command):
    section = PAGES["docs/cli.md"].partition(f"## {name}\n")[2].partition("\n## ")[0]
    assert section, name
    shown = [p for p in command.params if isinstance(p, click.Option) and not p.hidden]
    missing = [flag for option in shown for flag in option.opts if f"`{flag}" not in section]
    assert missing == []


def test_defaults_and_requirements_are_as_the_constructors_have_them():
    """Held against a constructor read by eye, not by the reader that wrote the page."""
    section = PAGES["docs/components.md"].partition("### loss: wgan-gp\n")[2].partition("\n### ")[0]
    assert "| `penalty` | a number | `10.0` |" in section
    assert "| generator | `critic_fake` |" in section
