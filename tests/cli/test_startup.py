"""Help and listings answer at once, because they import no torch."""

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from efgan_kit.cli import cli

ROOT = Path(__file__).parents[2]
QUICK = 0.3
"""Seconds that a first answer may take."""


def run(*arguments, **environment):
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        check=False,
    )


@pytest.mark.parametrize("arguments", [["--help"], ["recipe", "list"], ["recipe", "--help"], ["--version"]])
def test_first_answers_import_no_torch_and_are_quick(arguments):
    done = run("-X", "importtime", "-m", "efgan_kit", *arguments)
    assert done.returncode == 0, done.stderr
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert not imported & {"torch", "numpy", "torchvision", "timm", "efgan_kit.api.kinds", "rich"}
    assert min(processor_seconds("-m", "efgan_kit", *arguments) for _ in range(3)) < QUICK


def test_plugins_are_listed_without_torch():
    done = run("-X", "importtime", "-m", "efgan_kit", "plugin", "list", "--json")
    assert done.returncode == 0, done.stderr
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert not imported & {"torch", "numpy", "efgan_kit.api.kinds", "efgan_kit.diagnosis"}


def processor_seconds(*arguments):
    """What a command costs, whatever else this machine does at the time."""
    before = os.times()
    run(*arguments)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def test_every_verb_has_a_command(capsys):
    context = click.Context(cli)
    for verb in cli.list_commands(context):
        assert isinstance(cli.get_command(context, verb), click.Command), verb
        assert cli.get_command(context, verb).help, verb


def test_importing_the_package_is_cheap_and_names_are_found_on_use():
    program = (
        "import sys, efgan_kit; assert 'torch' not in sys.modules;"
        "from efgan_kit import load_recipe, build_graph; assert 'torch' in sys.modules;"
        "assert callable(load_recipe) and callable(build_graph)"
    )
    done = run("-c", program)
    assert done.returncode == 0, done.stderr


def test_an_unknown_name_of_the_package_is_an_attribute_error():
    import efgan_kit

    with pytest.raises(AttributeError, match="no attribute 'trian'"):
        efgan_kit.trian  # noqa: B018
