"""Faces read by a second process while this one learns from them: what either has read lies on disk for both."""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator

import torch

from efgan_kit.api import FaceDataset
from efgan_kit.cores import usable_cores


@contextlib.contextmanager
def read_ahead(faces: FaceDataset) -> Iterator[None]:
    """Within, another process reads all faces, in an order by chance, if the data set keeps on disk what was read.

    Who needs a face meanwhile finds it there, or reads it as ever; nothing depends on which. It is done on Linux
    only, where a process begins as a copy of this one and imports nothing, and with a second core.
    """
    if not getattr(faces, "keeps_faces", False) or sys.platform != "linux" or usable_cores() < 2:
        yield
        return
    reader = multiprocessing.get_context("fork").Process(target=_read_all, args=(faces, os.getpid()), daemon=True)
    reader.start()
    try:
        yield
    finally:
        reader.kill()  # the cache on disk survives that at any moment
        reader.join()


def _read_all(faces: FaceDataset, parent: int) -> None:
    """Read every face once, for as long as the process that asked for it is there."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    logging.disable()  # whoever needs a face is told what is wrong with it
    torch.set_num_threads(1)
    for index in torch.randperm(len(faces), generator=torch.Generator().manual_seed(0)).tolist():
        if os.getppid() != parent:
            return
        with contextlib.suppress(Exception):
            faces[index]
