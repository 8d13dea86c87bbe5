"""Exit codes and messages: 0 done, 2 the input, 1 a fault of ours, 130 interrupted."""

import click
import pytest

from efgan_kit.cli.errors import guarded
from efgan_kit.errors import EfganError, Fault


def command(action):
    @click.command()
    def run():
        action()

    return run


def raising(error):
    def action():
        raise error

    return action


def test_done(capsys):
    assert guarded(command(lambda: click.echo("ok")), []) == 0
    assert capsys.readouterr() == ("ok\n", "")


def test_a_fault_of_the_input_is_told_without_a_traceback(capsys):
    error = EfganError(Fault("a.yaml:1:2", "is wrong", "do this"), Fault("", "and that too"))
    assert guarded(command(raising(error)), []) == 2
    assert capsys.readouterr() == ("", "error: a.yaml:1:2: is wrong; do this\nerror: and that too\n")


def test_a_traceback_of_the_inputs_fault_is_there_for_who_asks(capsys, monkeypatch):
    monkeypatch.setenv("EFGAN_DEBUG", "1")
    assert guarded(command(raising(EfganError(Fault("", "is wrong")))), []) == 2
    assert "Traceback" in capsys.readouterr().err


def test_a_fault_of_ours_is_1_with_its_traceback(capsys):
    assert guarded(command(raising(RuntimeError("bug"))), []) == 1
    err = capsys.readouterr().err
    assert "RuntimeError: bug" in err
    assert "please report it" in err


@pytest.mark.parametrize("error", [KeyboardInterrupt(), click.Abort()])
def test_interrupted_is_130(error, capsys):
    assert guarded(command(raising(error)), []) == 130
    assert "Traceback" not in capsys.readouterr().err


def test_usage_is_2(efgan):
    answer = efgan("recipe", "lst")
    assert answer.code == 2
    assert "lst" in answer.err
    assert efgan("recipes").code == 2
    assert efgan("recipe", "show").code == 2
