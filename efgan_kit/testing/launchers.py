"""What a launcher must hold: it runs a command once, lets it go on without us, stops it gently, says how it ended.

The commands are small scripts. An engine gets two minutes for what this machine does at once.
"""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from efgan_kit.api import EfganError, Job, Launcher
from efgan_kit.testing.contract import NotExaminedError, demand
from efgan_kit.testing.subject import Subject

PATIENCE: Final = 120.0
"""Seconds in which an engine must have done what was asked."""

DEAF: Final = """
import pathlib, signal, sys, time
def told(*_):
    pass
signal.signal(signal.SIGTERM, lambda *_: told())
pathlib.Path("begun").open("a").write("once\\n")
while not pathlib.Path("enough").exists():
    time.sleep(0.05)
pathlib.Path("done").write_text("")
"""
"""A training that does not listen to SIGTERM, and ends once the file `enough` is there."""

GENTLE: Final = DEAF.replace("    pass\n", "    pathlib.Path('saved').write_text('')\n    sys.exit(130)\n")
"""The same, but it saves itself and ends on SIGTERM."""

CONDUCTOR: Final = """
import importlib, os, pathlib, signal, sys
sys.path[:] = {path!r}
from efgan_kit.testing.subject import Subject
target = getattr(importlib.import_module({module!r}), {name!r})
launcher = Subject("launcher", target, {params!r}).make()
launcher.prepare()
job = launcher.start({command!r}, log=pathlib.Path("job.log").absolute(), environment={{}}, name="orphan")
assert job is not None
while not pathlib.Path("begun").exists() and job.poll() is None:
    pass
os.kill(os.getpid(), signal.SIGKILL)
"""
"""A process that starts a job and is killed as soon as that has begun."""


def runs_the_command(subject: Subject) -> None:
    """In this working directory, with the environment, its output appended to the log; `poll` gives its exit code."""
    script = "import os; print(os.environ['EFGAN_WORD'], os.getcwd(), int(os.environ['OMP_NUM_THREADS']) > 0); exit(3)"
    with _folder() as folder:
        log = folder / "job.log"
        log.write_text("before\n")
        job = _start(subject, _prepared(subject), script, log, EFGAN_WORD="seen")
        code = _end_of(subject, job)
        lines = log.read_text().splitlines()
        demand(subject, code == 3, "`poll` gives the command's exit code", f"{code} {job.reason()}")
        demand(subject, not job.reason(), "there is no reason for an end that was the command's own", job.reason())
        contract = "the output is appended to the log, of a command in this directory with the environment"
        demand(subject, lines[:1] == ["before"] and f"seen {Path.cwd()} True" in lines, contract, lines)
        demand(subject, not log.with_suffix(".job").exists(), "what is kept of a job is gone with it", "LOG.job")


def starts_nothing_twice(subject: Subject) -> None:
    """While a job lives, another launcher of the same kind starts none with the same log; afterwards it does."""
    with _folder() as folder:
        log = folder / "job.log"
        first = _start(subject, _prepared(subject), GENTLE, log)
        other = _prepared(subject)
        again = [_try(other, GENTLE, log)]
        _wait(subject, (folder / "begun").exists, "the command runs")
        again.append(_try(other, GENTLE, log))
        demand(subject, again == [None, None], "`start` gives None while a job with this log lives", again)
        (folder / "enough").touch()
        _end_of(subject, first)
        _end_of(subject, _start_in_time(subject, other, GENTLE, log))
        begun = (folder / "begun").read_text().count("once")
        demand(subject, begun == 2, "every job is run once", f"two were run {begun} times")


def stops_gently(subject: Subject) -> None:
    """`stop` sends SIGTERM: the command saves itself, and its exit code is told."""
    with _folder() as folder:
        job = _start(subject, _prepared(subject), GENTLE, folder / "job.log")
        _wait(subject, (folder / "begun").exists, "the command runs")
        job.stop()
        code = _end_of(subject, job)
        demand(subject, (folder / "saved").exists(), "`stop` lets the command save itself", "it was not told")
        demand(subject, code == 130, "`poll` gives the exit code of a command that was stopped", code)


def kills(subject: Subject) -> None:
    """`kill` ends a command that does not listen, and `poll` says so."""
    with _folder() as folder:
        job = _start(subject, _prepared(subject), DEAF, folder / "job.log")
        _wait(subject, (folder / "begun").exists, "the command runs")
        job.kill()
        code = _end_of(subject, job)
        (folder / "enough").touch()
        time.sleep(0.5)
        demand(subject, code != 0 and not (folder / "done").exists(), "`kill` ends the command", f"exit code {code}")


def outlives_its_starter(subject: Subject) -> None:
    """A job goes on when the process that started it is killed, and the next launcher finds it at work."""
    with _folder() as folder:
        log = folder / "job.log"
        words = folder / "words"
        with words.open("wb") as output:  # a file, no pipe: a job may hold it open for as long as it lives
            code = subprocess.call([sys.executable, "-c", _conductor(subject)], stdout=output, stderr=output)
        demand(subject, code == -signal.SIGKILL, "a process of its own can start a job", words.read_text()[-500:])
        launcher = _prepared(subject)
        found = _try(launcher, GENTLE, log)
        demand(subject, found is None, "`start` gives None while a job lives whose starter was killed", found)
        (folder / "enough").touch()
        _wait(subject, (folder / "done").exists, "the job goes on to its end")
        begun = (folder / "begun").read_text().count("once")
        demand(subject, begun == 1, "the job was run once", begun)
        (folder / "enough").unlink()
        job = _start_in_time(subject, launcher, GENTLE, log)
        job.kill()
        _end_of(subject, job)


CHECKS: Final = (runs_the_command, starts_nothing_twice, stops_gently, kills, outlives_its_starter)


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    """Within, the working directory is a new one, which everything that a job writes is in."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name, contextlib.chdir(name):
        yield Path(name).resolve()


def _prepared(subject: Subject) -> Launcher:
    launcher: Launcher = subject.make()
    demand(subject, isinstance(launcher, Launcher), "has `prepare` and `start`", type(launcher).__name__)
    try:
        launcher.prepare()
    except EfganError as error:
        raise NotExaminedError(f"its engine is not here: {error}") from error
    return launcher


def _try(launcher: Launcher, script: str, log: Path, **environment: str) -> Job | None:
    return launcher.start([sys.executable, "-c", script], log=log, environment=environment, name="conformance")


def _start_in_time(subject: Subject, launcher: Launcher, script: str, log: Path) -> Job:
    """`start` asked until it starts something: an engine may take a while to see that an earlier job has ended."""
    started: list[Job] = []

    def try_again() -> bool:
        job = _try(launcher, script, log)
        started.extend([] if job is None else [job])
        return bool(started)

    _wait(subject, try_again, "a log whose job has ended may have another")
    return started[0]


def _start(subject: Subject, launcher: Launcher, script: str, log: Path, **environment: str) -> Job:
    job = _try(launcher, script, log, **environment)
    demand(subject, isinstance(job, Job), "`start` gives a job with `poll`, `reason`, `stop` and `kill`", job)
    assert job is not None
    return job


def _wait(subject: Subject, there: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + PATIENCE
    while not there():
        demand(subject, time.monotonic() < until, what, f"not within {PATIENCE:g} seconds")
        time.sleep(0.05)


def _end_of(subject: Subject, job: Job) -> int | None:
    _wait(subject, lambda: job.poll() is not None, "the job ends, and `poll` says so")
    return job.poll()


def _conductor(subject: Subject) -> str:
    """The program that starts a job and is killed; it imports the launcher as we did."""
    module, name = subject.target.__module__, subject.target.__qualname__
    command = [sys.executable, "-c", GENTLE]
    return CONDUCTOR.format(path=sys.path, module=module, name=name, params=dict(subject.params), command=command)
