"""What the trainer says while it runs: a progress bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from efgan_kit.training.checkpoint_writing import Written
from efgan_kit.training.variety import ModeDrop

COPYING, SATURATED = 0.02, 0.98
NO_MAP = 1.0
"""The mean of the attention of a generator that draws no map; a learned one is warned of on its way there."""


class Watch:
    """Tells a person how the training goes, on stderr."""

    def __init__(self, *, quiet: bool = False) -> None:
        self.console = Console(stderr=True, quiet=quiet, highlight=False)
        self._progress: Progress | None = None
        self._warned: set[str] = set()
        self._modes = ModeDrop()
        self._before = 0.0
        self._longest = 0.0

    @contextlib.contextmanager
    def training(self, first: int, last: int) -> Iterator[None]:
        """Within, steps are shown."""
        self._before = time.monotonic()
        if not self.console.is_terminal:
            yield
            return
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=self.console, transient=True) as progress:
            self._progress, self._task = progress, progress.add_task("training", total=last, completed=first)
            try:
                yield
            finally:
                self._progress = None

    def step(self, done: int) -> None:
        now = time.monotonic()
        self._longest, self._before = max(self._longest, now - self._before), now
        if self._progress is not None:
            self._progress.update(self._task, completed=done)

    def say(self, text: str) -> None:
        self.console.print(text, markup=False, soft_wrap=True)

    def written(self, checkpoint: Written) -> None:
        """A line for a checkpoint: what it costs, and how long a signal waits for the step at hand and for such a one.

        The training waits for a write that is under way before it begins another.
        """
        stop = self._longest + checkpoint.held + 2 * checkpoint.seconds
        self.say(
            f"checkpoint {checkpoint.step}: {checkpoint.size / 1e6:.1f} MB in {checkpoint.seconds:.2f} s, for"
            f" {checkpoint.held:.2f} s of which the training stood still; a signal is answered within {stop:.1f} s"
        )

    def logged(self, record: Mapping[str, Any]) -> None:
        """A line for a logged step, and a warning when an attention map sticks to one end or edits become alike."""
        sums = {name: value for name, value in record["losses"].items() if "@" not in name}
        losses = "  ".join(f"{name} {value:.4g}" for name, value in sums.items())
        self.say(f"step {record['step']:>7}  {record['seconds']:7.0f} s  {losses}")
        for warning in self._modes.warnings(record):
            self.say(f"warning: {warning}")
        for region, mean in record.get("attention", {}).items():
            if COPYING <= mean <= SATURATED or mean == NO_MAP or region in self._warned:
                continue
            self._warned.add(region)
            copies = mean < COPYING
            state = "near 0: it copies its input" if copies else "near 1: it redraws everything"
            cure = "lower" if copies else "raise"
            self.say(
                f"warning: the {region} generator's attention is {mean:.3f}, {state};"
                f" {cure} the weight of the attention loss"
            )
