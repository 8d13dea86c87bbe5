"""Pictures looked at by several processes: none waits for another, and none that dies takes the rest along."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool

from efgan_kit.preparation.finding import FaceFinder
from efgan_kit.preparation.one_picture import prepare_picture
from efgan_kit.preparation.outcomes import Outcome
from efgan_kit.preparation.plan import Plan

Picked = tuple[str, str]
"""A picture's name and digest."""


def prepare_pictures(plan: Plan, pictures: Mapping[str, str], jobs: int, where: str) -> Iterator[Outcome]:
    """What becomes of each picture, as it comes about.

    Args:
        pictures: Digests by name.
        jobs: Processes; with one, the pictures are looked at by this one.
        where: Whom to blame for parts that can't be made.
    """
    if jobs == 1:
        with FaceFinder(plan.preparation, where) as finder:
            for name, digest in pictures.items():
                yield prepare_picture(plan, finder, name, digest)
        return
    waiting = deque(pictures.items())
    while waiting:
        lost: list[Picked] = []
        yield from _by_pool(plan, waiting, lost, jobs, where)
        # One of these has ended its process, and with it the others': each gets one of its own.
        for picked in lost:
            again: list[Picked] = []
            yield from _by_pool(plan, deque([picked]), again, 1, where)
            for name, digest in again:
                yield Outcome(name, digest, skipped=["ended the process that looked at it"])


def _by_pool(plan: Plan, waiting: deque[Picked], lost: list[Picked], jobs: int, where: str) -> Iterator[Outcome]:
    """Take pictures off `waiting` until there are none or a process dies; what was under way is then in `lost`."""
    # Forked, a process would have only one of the threads that landmarkers and torch rely on.
    context = multiprocessing.get_context("spawn")
    under_way: dict[Future[Outcome], Picked] = {}
    pool = ProcessPoolExecutor(jobs, context, _begin, (plan, where))
    try:
        while waiting or under_way:
            with contextlib.suppress(BrokenProcessPool):
                while waiting and len(under_way) < 2 * jobs:
                    under_way[pool.submit(_prepare, *waiting[0])] = waiting[0]
                    waiting.popleft()
            if not under_way:
                break
            for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                try:
                    outcome = future.result()
                except BrokenProcessPool:
                    lost.extend(under_way.values())
                    return
                del under_way[future]
                yield outcome
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


_finder: FaceFinder
_plan: Plan


def _begin(plan: Plan, where: str) -> None:
    """In a new process: it ends with the one that started it, and leaves Ctrl-C to that."""
    global _finder, _plan
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _finder, _plan = FaceFinder(plan.preparation, where), plan


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _prepare(name: str, digest: str) -> Outcome:
    return prepare_picture(_plan, _finder, name, digest)
