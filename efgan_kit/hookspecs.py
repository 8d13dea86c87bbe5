"""The hooks a plugin may implement. A plugin is any installed package with an entry point in the group `efgan_kit`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import pluggy

PROJECT = "efgan_kit"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)
"""Marks a function as the implementation of the hook that it is named after."""


class Register(Protocol):
    """The callback that `efgan_components` hands to a plugin."""

    def __call__(self, kind: str, name: str, target: str, summary: str = "") -> None:
        """Offer one component.

        Args:
            kind: One of `efgan_kit.api.KINDS`: generator, loss, dataset, ...
            name: What a recipe writes after `use:`; lower case with hyphens.
            target: Where it lives, `"package.module:Class"`; imported when a recipe uses it, not before.
            summary: One line for `efgan plugin list`.
        """


@hookspec
def efgan_components(register: Register) -> None:
    """Offer components: call `register(kind, name, target, summary)` once for each."""


@hookspec
def efgan_recipes() -> Path:  # type: ignore[empty-body]
    """Offer recipes: a folder of YAML files, found by `efgan recipe list` and by name."""


@hookspec
def efgan_models() -> Path:  # type: ignore[empty-body]
    """Offer trained models: a folder of exported folders (`efgan export`), found by name where a RUN is asked for."""


@hookspec
def efgan_run_started(run: Path, recipe: Mapping[str, Any]) -> None:
    """A training has begun (or resumed) in the folder `run`, with the resolved recipe."""


@hookspec
def efgan_step_ended(run: Path, step: int) -> None:
    """The step was taken: weights have moved. Called at every step, so be quick."""


@hookspec
def efgan_step_logged(run: Path, record: Mapping[str, Any]) -> None:
    """A line was written to `log.jsonl`: `step`, `seconds`, `losses` by name, `rates`, `attention`, `edits`."""


@hookspec
def efgan_samples_drawn(run: Path, step: int, sheet: Path) -> None:
    """A sample sheet of this step was drawn, a PNG."""


@hookspec
def efgan_checkpoint_written(run: Path, step: int, checkpoint: Path) -> None:
    """A complete checkpoint now stands in the folder `checkpoint`; written beside the training, some steps later."""


@hookspec
def efgan_run_finished(run: Path, summary: Mapping[str, Any]) -> None:
    """A training came to its last step; `summary` is what `summary.json` holds: `steps` and `seconds`."""


@hookspec
def efgan_run_stopped(run: Path, step: int, reason: str) -> None:
    """A training ended before its last step: `interrupted` (it can be resumed), or the message of what went wrong."""


@hookspec
def efgan_run_measured(run: Path, summary: Mapping[str, Any]) -> None:
    """A finished run was measured by `efgan train`; `summary` holds the figures as well, by metric."""
