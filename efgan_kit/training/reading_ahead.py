"""Faces read by a second process while this one learns from them: what either has read lies on disk for both."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from efgan_kit.api import FaceDataset
from efgan_kit.cores import usable_cores
from efgan_kit.recipe import Recipe, build_dataset, load_recipe

FEW: Final = 500
"""Faces that are read before another process has begun."""


@contextlib.contextmanager
def read_ahead(recipe: Recipe, faces: FaceDataset) -> Iterator[None]:
    """Within, another process reads all training faces, in an order by chance.

    Who needs a face meanwhile finds it on disk, or reads it as ever; nothing depends on which.

    Args:
        recipe: What the other process makes the data set from.
        faces: The data set here: only one that keeps on disk what was read is worth another process, and a second core.
    """
    if not _is_worth_it(faces):
        yield
        return
    with tempfile.TemporaryDirectory(prefix="efgan-reading-", ignore_cleanup_errors=True) as folder:
        reader = _reader_of(recipe, Path(folder) / "recipe.yaml")
        try:
            yield
        finally:
            if reader is not None:
                reader.kill()  # the cache on disk survives that at any moment
                reader.wait()


def _is_worth_it(faces: FaceDataset) -> bool:
    return bool(getattr(faces, "keeps_faces", False)) and len(faces) >= FEW and usable_cores() > 1


def _reader_of(recipe: Recipe, file: Path) -> subprocess.Popen[bytes] | None:
    """A process that reads the recipe's faces; None where the machine has no room for one.

    It is begun anew and not forked, which would copy the locks of threads that it doesn't have. A process group of its
    own hears no Ctrl-C; a session of its own would get as much of the machine as this one (Linux groups by session).
    It has no say: whoever needs a face that can't be read is told so.
    """
    try:
        file.write_text(recipe.to_yaml(), encoding="utf-8")
        return subprocess.Popen(
            [sys.executable, "-m", "efgan_kit.training.reading_ahead", str(file), str(os.getpid())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            process_group=0,
        )
    except OSError:
        return None


def _read_all(file: str, parent: int) -> None:
    """Read each face of a recipe's training data once, for as long as the process that wants them is there."""
    import torch

    if hasattr(os, "nice"):
        os.nice(10)  # threads that compute together wait for each other when one of them has no core
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    faces = build_dataset(load_recipe(file), "train")
    for index in torch.randperm(len(faces)).tolist():
        if not getattr(faces, "keeps_faces", False):  # the disk is full by now, say
            return
        with contextlib.suppress(Exception):
            faces[index]


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.2)
    os._exit(0)


if __name__ == "__main__":
    _read_all(sys.argv[1], int(sys.argv[2]))
