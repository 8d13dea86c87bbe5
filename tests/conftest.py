"""What every test may ask for."""

import os
from pathlib import Path
from typing import NamedTuple

import pytest

# Two cores are shared with other tests and trainings: more threads only make them wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")

TOY = Path(__file__).parent / "plugins" / "toy"


class Answer(NamedTuple):
    """What a command came to."""

    code: int
    out: str
    err: str


@pytest.fixture
def efgan(capsys):
    """Runs the command line in this process: `efgan("recipe", "list")`."""
    from efgan_kit.cli import cli
    from efgan_kit.cli.errors import guarded

    def run(*arguments):
        capsys.readouterr()
        code = guarded(cli, [str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Answer(code, captured.out, captured.err)

    return run


@pytest.fixture
def fresh_registry():
    """Plugins are looked for anew, before the test and after it."""
    from efgan_kit.registry import registry

    registry.cache_clear()
    yield registry
    registry.cache_clear()


@pytest.fixture
def toy_plugin(monkeypatch, fresh_registry):
    """The plugin of tests/plugins/toy is installed."""
    monkeypatch.syspath_prepend(str(TOY))
    return TOY
