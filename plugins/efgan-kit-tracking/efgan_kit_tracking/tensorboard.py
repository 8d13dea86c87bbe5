"""Runs in TensorBoard: event files in the run's own folder `tensorboard`, found by `tensorboard --logdir runs`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import yaml
from PIL import Image
from torch.utils.tensorboard import SummaryWriter
from torch.utils.tensorboard.summary import hparams

from efgan_kit_tracking.flattening import figures, parameters
from efgan_kit_tracking.trackers import Status

FOLDER: Final = "tensorboard"


class TensorBoard:
    """Writes what TensorBoard shows of a run: scalars, images, texts, and the recipe as hyperparameters.

    A training that goes on from a checkpoint marks in its new file the step from which older files no longer count
    (TensorBoard's session log), so that no step is shown twice. One that begins anew removes them.
    """

    def __init__(self, run: Path, kept: int | None) -> None:
        folder = run / FOLDER
        if kept == 0 and folder.is_dir():
            for old in folder.glob("events.out.tfevents.*"):
                old.unlink()
        self._goes_on = folder.is_dir() and any(folder.iterdir())
        self._writer = SummaryWriter(str(folder), purge_step=kept + 1 if self._goes_on and kept is not None else None)
        self._parameters: Mapping[str, Any] = {}

    def described(self, recipe: Mapping[str, Any]) -> None:
        if self._goes_on:
            return
        self._parameters = parameters(recipe)
        text = yaml.safe_dump(dict(recipe), sort_keys=False, allow_unicode=True)
        self._writer.add_text("recipe", "\n".join(f"    {line}" for line in text.splitlines()))
        self._writer.flush()

    def logged(self, record: Mapping[str, Any], when: float) -> None:
        numbers = figures(record)
        if self._parameters:
            # The tab of hyperparameters asks beforehand which scalars it is to show beside them.
            for summary in hparams(dict(self._parameters), dict.fromkeys(numbers, 0.0)):
                self._writer._get_file_writer().add_summary(summary)
            self._parameters = {}
        for name, number in numbers.items():
            self._writer.add_scalar(name, number, record["step"], walltime=when)
        self._writer.flush()

    def drawn(self, step: int, sheet: Path, when: float) -> None:
        with Image.open(sheet) as picture:
            pixels = np.asarray(picture.convert("RGB"))
        self._writer.add_image("samples", pixels, step, walltime=when, dataformats="HWC")
        self._writer.flush()

    def saved(self, step: int, checkpoint: Path) -> None:
        self._writer.add_text("checkpoint", str(checkpoint.resolve()), step)
        self._writer.flush()

    def ended(self, status: Status, reason: str, step: int) -> None:
        self._writer.add_text("status", f"{status}: {reason}" if status == "failed" else status, step)
        self._writer.flush()

    def measured(self, step: int, summary: Mapping[str, Any]) -> None:
        for name, number in figures({"summary": summary}).items():
            self._writer.add_scalar(name, number, step)
        self._writer.flush()

    def close(self) -> None:
        self._writer.close()
