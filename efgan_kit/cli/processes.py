"""`efgan train --processes N`: starting the processes on this machine, and what becomes of them."""

from __future__ import annotations

import contextlib
import functools
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Final

import attrs
import click

from efgan_kit.cli.errors import INTERRUPTED, OUR_FAULT, YOUR_FAULT, guarded
from efgan_kit.cores import usable_cores

if TYPE_CHECKING:
    from torch.multiprocessing.spawn import ProcessContext

    from efgan_kit.recipe import Recipe

GRACE: Final = 12.0
"""Seconds in which processes end by themselves after one has; then they are told to, and as much later made to."""
SIGNALS: Final = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGUSR1") if hasattr(signal, name))


@attrs.frozen
class Order:
    """What every process is to do.

    Attributes:
        recipe: Its name or file.
        overrides: Of the recipe.
        folder: The run folder.
        resume: Go on with the run.
        resume_if_begun: Go on if there is one.
        accept_changes: Go on although recipe or versions are not the run's own.
        device: Where to train.
    """

    recipe: str
    overrides: Sequence[str]
    folder: Path
    resume: bool
    resume_if_begun: bool
    accept_changes: bool
    device: str

    def carry_out(self) -> None:
        """Train, alone or with the processes that this one is joined to."""
        from efgan_kit.recipe import load_recipe
        from efgan_kit.training import train
        from efgan_kit.training.distribution import joined
        from efgan_kit.training.run_folder import RunFolder

        with joined() as processes:
            recipe = load_recipe(self.recipe, overrides=self.overrides)
            resume = self.resume
            if self.resume_if_begun:
                if processes.first:
                    RunFolder(self.folder).make_room()
                resume = processes.decided(lambda: self.resume or RunFolder(self.folder).begun())
            train(
                recipe, run=self.folder, resume=resume, accept_changes=self.accept_changes, device=self.device
            )


def train_in_processes(count: int, recipe: Recipe, order: Order) -> None:
    """Have `count` processes on this machine train a recipe.

    Raises:
        EfganError: It can't be trained in so many, here or at all.
        KeyboardInterrupt: Interrupted; a checkpoint has been written.
        SystemExit: One of them has failed or is lost, and that has been said.
    """
    from torch.multiprocessing.spawn import ProcessExitedException

    _must_be_possible(count, recipe, order.device)
    with _started(count, order) as context:
        try:
            while not context.join(grace_period=GRACE):
                pass
        except ProcessExitedException as error:
            codes = [process.exitcode or 0 for process in context.processes]
            code = _outcome(codes, error.error_index, order.folder)
            if code == INTERRUPTED:
                raise KeyboardInterrupt from error
            raise SystemExit(code) from error


def _must_be_possible(count: int, recipe: Recipe, device: str) -> None:
    """Raises EfganError if it is not. Says so if it is unwise."""
    from efgan_kit.training.device import choose_device
    from efgan_kit.training.distribution import Processes
    from efgan_kit.training.distribution.joining import must_be_possible
    from efgan_kit.training.distribution.shares import must_share_evenly

    must_be_possible()
    must_share_evenly(recipe, count)
    last = Processes(count - 1, count, count - 1)
    if choose_device(device, last).type == "cpu" and count > usable_cores():
        click.echo(f"warning: {count} processes share {usable_cores()} cores: fewer are faster", err=True)


@contextlib.contextmanager
def _started(count: int, order: Order) -> Iterator[ProcessContext]:
    """The processes, which hear of every signal that this one gets."""
    from torch.multiprocessing.spawn import start_processes

    with tempfile.TemporaryDirectory(prefix="efgan-") as meeting, _signals(signal.SIG_IGN):
        # Begun deaf to Ctrl-C, they take it from here alone, once they can write a checkpoint.
        context = start_processes(_work, (count, meeting, order), nprocs=count, join=False)

        def forward(number: int, frame: FrameType | None) -> None:
            for process in context.processes:
                if process.is_alive():
                    process.terminate()

        with _signals(forward):
            yield context


@contextlib.contextmanager
def _signals(handler: object) -> Iterator[None]:
    """Within, `handler` has the signals that interrupt; only the main thread may set one."""
    main = threading.current_thread() is threading.main_thread()
    before = {number: signal.signal(number, handler) for number in SIGNALS if main}  # type: ignore[arg-type]
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)


def _work(rank: int, count: int, meeting: str, order: Order) -> None:
    """What a process does, from its first line to its exit code."""
    import torch

    from efgan_kit.training.distribution.joining import MEETING

    os.setpgid(0, 0)
    os.environ.update(
        {MEETING: meeting, "RANK": str(rank), "WORLD_SIZE": str(count), "LOCAL_RANK": str(rank)}
    )
    if sys.platform == "linux":
        os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")  # nobody else is to be talked to
    if "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(max(1, usable_cores() // count))
    for number in SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    raise SystemExit(guarded(click.Command("train", callback=functools.partial(_quietly, order)), []))


def _quietly(order: Order) -> None:
    """Whoever started the processes says that they were interrupted."""
    try:
        order.carry_out()
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None


def _outcome(codes: Sequence[int], first: int, folder: Path) -> int:
    """The exit code of a training of which a process has not ended well; says which was killed, if one was.

    Args:
        codes: The processes' exit codes; negative is a signal's number.
        first: The first that ended so.
    """
    from efgan_kit.training.loop import what_is_saved
    from efgan_kit.training.run_folder import RunFolder

    if YOUR_FAULT in codes and codes[first] >= 0:
        return YOUR_FAULT
    killed = sorted((rank for rank, code in enumerate(codes) if code not in (0, 1, INTERRUPTED, -signal.SIGTERM)),
                    key=lambda rank: rank != first)  # fmt: skip
    if killed:
        rank, code = killed[0], codes[killed[0]]
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        why = " (kill -9, or the machine is out of memory)" if code == -signal.SIGKILL else ""
        which = f"process {rank} of {len(codes)} (they count from 0)"
        saved = what_is_saved(RunFolder(folder))
        click.echo(f"error: {which} {how}{why}, and the others ended with it; {saved}", err=True)
    return OUR_FAULT if killed or OUR_FAULT in codes else INTERRUPTED
