"""Checkpoints, written beside the training: complete or absent, whenever the process or the machine ends."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any

import attrs
from safetensors import SafetensorError
from safetensors.torch import save

from efgan_kit.errors import fail
from efgan_kit.files import flush_folder, write_json, write_through
from efgan_kit.training.checkpoints import SEAL, STATE, complete, seal
from efgan_kit.training.run_folder import RunFolder
from efgan_kit.training.snapshots import Snapshot

FORMAT = 2


@attrs.frozen
class Written:
    """A checkpoint that now stands.

    Attributes:
        path: Its folder.
        step: Its step.
        size: Bytes of all its files.
        seconds: What it took to write them.
        held: Seconds for which the training stood still: to copy itself, and for the checkpoint before.
    """

    path: Path
    step: int
    size: int
    seconds: float
    held: float = 0.0


def write(run: RunFolder, snapshot: Snapshot, keep: int) -> Written:
    """Write `checkpoints/STEP/`: a file for each module and each optimizer, and the state, which has their hashes.

    They are written under a temporary name, and the folder gets its own by one rename after everything is on the
    disk, the log's lines up to its step included: a complete checkpoint is all that ever carries a step's name. The
    oldest beyond `keep` are removed afterwards.

    Raises:
        EfganError: It can't be written.
    """
    began = time.monotonic()
    final = run.checkpoints / f"{snapshot.step:07d}"
    part = run.checkpoints / f".{final.name}.part"
    try:
        for unfinished in run.checkpoints.glob(".*.part"):
            shutil.rmtree(unfinished, ignore_errors=True)
        part.mkdir(parents=True)
        size = _write_files(part, snapshot)
        run.flush_log()
        if final.exists():
            _remove(final)
        part.rename(final)
        flush_folder(run.checkpoints)
    except (OSError, SafetensorError) as error:
        shutil.rmtree(part, ignore_errors=True)
        what = f"the checkpoint could not be written: {error}"
        raise fail(str(final), what, "earlier checkpoints are intact: make room and go on with --resume") from error
    with contextlib.suppress(OSError):  # what could not be removed costs room, nothing else
        for old in complete(run)[:-keep]:
            _remove(old)
    shutil.rmtree(final.with_name(f"{final.name}.damaged"), ignore_errors=True)
    return Written(final, snapshot.step, size, time.monotonic() - began)


def _write_files(folder: Path, snapshot: Snapshot) -> int:
    files: dict[str, Any] = {}
    for name, tensors in snapshot.tensors.items():
        content = save(dict(tensors))
        files[f"{name}.safetensors"] = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        write_through(folder / f"{name}.safetensors", content)
    state = {"format": FORMAT, "step": snapshot.step, **snapshot.state, "files": files}
    write_json(folder / STATE, {**state, SEAL: seal(state)})
    return sum(file.stat().st_size for file in folder.iterdir())


def _remove(checkpoint: Path) -> None:
    """Take a checkpoint's name away before its files: half of one never carries it."""
    part = checkpoint.with_name(f".{checkpoint.name}.old.part")
    shutil.rmtree(part, ignore_errors=True)
    checkpoint.rename(part)
    shutil.rmtree(part, ignore_errors=True)


class CheckpointWriter:
    """Writes a run's checkpoints in a thread, one after the other; leaving the context waits for the last."""

    def __init__(self, run: RunFolder, keep: int) -> None:
        self._run, self._keep = run, keep
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="checkpoint")
        self._pending: tuple[Future[Written], float] | None = None
        self._done: list[Written] = []

    def begin(self, snapshot: Snapshot, held: float) -> None:
        """Begin to write; first wait for the checkpoint before.

        Args:
            held: The seconds that the snapshot took.

        Raises:
            EfganError: The one before could not be written.
        """
        before = time.monotonic()
        self._finish()
        held += time.monotonic() - before
        self._pending = self._thread.submit(write, self._run, snapshot, self._keep), held

    def done(self, *, wait: bool = False) -> list[Written]:
        """The checkpoints that now stand and were not told of before; with `wait`, all that were begun.

        Raises:
            EfganError: One could not be written.
        """
        if self._pending and (wait or self._pending[0].done()):
            self._finish()
        told, self._done = self._done, []
        return told

    def _finish(self) -> None:
        if self._pending:
            (future, held), self._pending = self._pending, None
            self._done.append(attrs.evolve(future.result(), held=held))

    def __enter__(self) -> CheckpointWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.shutdown(wait=True)
