"""Exit codes and messages: 0 done, 2 the input, 1 a fault of ours, 130 interrupted."""

import errno
import subprocess
import sys
from pathlib import Path

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


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (OSError(errno.ENAMETOOLONG, "File name too long", "xxx"), "xxx: File name too long; give a shorter name"),
        (OSError(errno.ENOSPC, "No space left on device"), "the output: No space left on device; make room"),
    ],
)
def test_what_the_machine_refuses_is_no_fault_of_ours(error, message, capsys):
    assert guarded(command(raising(error)), []) == 2
    assert capsys.readouterr().err == f"error: {message}\n"


def test_an_error_of_the_machine_that_nobody_foresaw_is_ours(capsys):
    assert guarded(command(raising(OSError(errno.EBADF, "Bad file descriptor"))), []) == 1
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a full device is needed")
def test_output_that_finds_no_room_is_told():
    with Path("/dev/full").open("w") as full:
        words = [sys.executable, "-m", "efgan_kit", "recipe", "show", "quickstart"]
        answer = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (answer.returncode, answer.stderr) == (2, "error: the output: No space left on device; make room\n")


@pytest.mark.parametrize(
    "words",
    [
        ("train", "quickstart", "--data", ""),
        ("train", "quickstart", "--run", ""),
        ("evaluate", ""),
        ("edit", "test:0", "--run", "", "--expression", "happy", "--out", "a.png"),
        ("data", "check", ""),
        ("data", "draw", "--out", ""),
    ],
)
def test_an_empty_path_is_refused(words, efgan, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    answer = efgan(*words)
    assert answer.code == 2
    assert "it is empty; give a path" in answer.err
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_no_file_can_have_is_the_inputs(efgan):
    answer = efgan("recipe", "show", "x" * 5000)
    assert answer.code == 2
    assert answer.err.endswith(": File name too long; give a shorter name\n")


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
