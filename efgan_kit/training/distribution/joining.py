"""Joining the other processes of a training, where the environment tells of any, and parting from them."""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

import torch
import torch.distributed as dist

from efgan_kit.api import EfganError, fail
from efgan_kit.training.distribution.lifeline import Lifeline, Word
from efgan_kit.training.distribution.processes import LostProcessError, Processes

WAIT: Final = timedelta(hours=2)
"""How long the others are waited for, while the first one prepares loss terms, say; a lost one is noticed at once."""
INTERRUPTED: Final = 130
MEETING: Final = "EFGAN_MEETING"
"""Names the folder where processes find each other that `efgan train --processes` started, and watches."""

_current: list[Processes] = []


@contextlib.contextmanager
def joined() -> Iterator[Processes]:
    """Within, this process trains together with those that RANK and WORLD_SIZE, as torchrun sets them, tell of.

    What ends one of them ends all, and is said once: by the first of them, where all fail by the same.

    Raises:
        EfganError: The environment is not one to join by.
        SystemExit: Another process has failed, or is lost; what there is to say has been said.
    """
    if _current:
        yield _current[0]
        return
    if os.environ.get("WORLD_SIZE", "1") == "1":
        yield Processes()
        return
    processes = _join()
    lifeline = Lifeline(processes, silent=MEETING in os.environ)
    _current.append(processes)
    try:
        yield processes
        processes.wait()
    except BaseException as error:
        code, said = _part(lifeline, processes, error)
        atexit.register(_end_at_once, code)
        if not said:
            raise
        raise SystemExit(code) from None
    else:
        lifeline.say(Word.DONE)
        lifeline.wait_for_all()
        dist.destroy_process_group()
    finally:
        _current.clear()


def must_be_possible() -> None:
    """Raises EfganError if this PyTorch can't train in several processes."""
    if not dist.is_available() or not dist.is_gloo_available():
        what = "this build of PyTorch has no torch.distributed with gloo, which several processes need"
        raise fail("--processes", what, "train in one process, or install a build of PyTorch that has it")


def _join() -> Processes:
    must_be_possible()
    try:
        rank, count = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
        local_rank = int(os.environ.get("LOCAL_RANK", rank))
        gpus = torch.cuda.is_available() and dist.is_nccl_available()
        backend = "cpu:gloo,cuda:nccl" if gpus else "gloo"
        meeting = f"file://{os.environ[MEETING]}/meeting" if MEETING in os.environ else "env://"
        if not dist.is_initialized():
            dist.init_process_group(backend, init_method=meeting, rank=rank, world_size=count, timeout=WAIT)
    except (KeyError, ValueError, RuntimeError) as error:
        what = f"WORLD_SIZE is {os.environ['WORLD_SIZE']}, but the other processes can't be joined: {error}"
        hint = "start all with torchrun, or clear RANK and WORLD_SIZE to train in one process"
        raise fail("environment", what.splitlines()[0], hint) from error
    return Processes(rank, count, local_rank)


def _part(lifeline: Lifeline, processes: Processes, error: BaseException) -> tuple[int, bool]:
    """Tell the others that this process ends by `error`.

    Returns:
        The exit code, and whether there is nothing more to say about it.
    """
    if isinstance(error, LostProcessError):
        _hear_no_signals()
        word = lifeline.worst()
        lifeline.mourn()
        lifeline.say(Word.FAILED)
        # If nobody has ended, it was the exchange itself that failed.
        return (INTERRUPTED if word is Word.INTERRUPTED else 1), word is not Word.DONE
    if isinstance(error, KeyboardInterrupt):
        lifeline.say(Word.INTERRUPTED)
        return INTERRUPTED, not processes.first
    lifeline.say(Word.FAILED)
    said = not processes.first and lifeline.worst() is Word.FAILED
    return (2 if isinstance(error, EfganError) else 1), said


def _hear_no_signals() -> None:
    """Who is about to end, and has something to say first, need not be told to end."""
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)


def _end_at_once(code: int) -> None:
    """As the last thing a process does: threads that still listen would be torn out of the exchange, which aborts."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
