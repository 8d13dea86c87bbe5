"""Runs in MLflow, on the server or in the database that MLflow's own environment variables name."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from itertools import islice
from pathlib import Path
from typing import Any, Final

import mlflow
from filelock import FileLock
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag
from mlflow.exceptions import MlflowException

from efgan_kit_tracking.flattening import Scalar, figures, parameters
from efgan_kit_tracking.trackers import Status

EXPERIMENT: Final = "efgan-kit"
"""The experiment of runs for which `MLFLOW_EXPERIMENT_NAME` names none."""
CHECKPOINTS: Final = "EFGAN_TRACKING_CHECKPOINTS"
"""`copy` sends the files of checkpoints; otherwise MLflow is told where they are."""
NOTE: Final = "mlflow.json"
"""The file of the run folder that says which of MLflow's runs it is."""
ENDS: Final = {"finished": "FINISHED", "interrupted": "KILLED", "failed": "FAILED"}
LONGEST_NAME, LONGEST_PARAMETER, LONGEST_TAG = 250, 6000, 5000
"""What MLflow takes, in characters (mlflow.utils.validation; servers before 2.8 take tags of 5000)."""
AT_ONCE: Final = 100
"""Parameters in one request, at most."""
FORBIDDEN: Final = re.compile(r"[^\w\-. :/]")


class MLflow:
    """Keeps one of MLflow's runs for a run folder: metrics, parameters, artifacts, tags and status.

    MLflow can't take back a metric. A training that goes on from a checkpoint repeats the steps after it, exactly on
    the same machine; those that MLflow has are not sent again.
    """

    def __init__(self, run: Path, kept: int | None) -> None:
        self._folder = run
        with _alone(mlflow.get_tracking_uri()):
            self._client = MlflowClient()
            self._run, self._new = self._found_or_created()
        if kept is not None and not self._new:
            self._client.update_run(self._run, status="RUNNING")
            self._tag(status="running", reason="")
        self._sent = {point.step for point in self._client.get_metric_history(self._run, "seconds")}

    def described(self, recipe: Mapping[str, Any]) -> None:
        if not self._new:
            return
        listed = iter(_parameters(recipe))
        while some := list(islice(listed, AT_ONCE)):
            self._client.log_batch(self._run, params=some)
        self._tag(recipe=str(recipe.get("name", "")), folder=str(self._folder.resolve()))
        for name in ("recipe.yaml", "lock.json"):
            if (self._folder / name).exists():
                self._client.log_artifact(self._run, str(self._folder / name))

    def logged(self, record: Mapping[str, Any], when: float) -> None:
        if record["step"] not in self._sent:
            self._send(figures(record), record["step"], when)
            self._sent.add(record["step"])

    def drawn(self, step: int, sheet: Path, when: float) -> None:
        self._client.log_artifact(self._run, str(sheet), "samples")

    def saved(self, step: int, checkpoint: Path) -> None:
        self._tag(checkpoint=str(checkpoint.resolve()))
        if os.environ.get(CHECKPOINTS, "") == "copy":
            self._client.log_artifacts(self._run, str(checkpoint), f"checkpoints/{checkpoint.name}")

    def ended(self, status: Status, reason: str, step: int) -> None:
        self._tag(status=status, reason=reason)
        self._client.set_terminated(self._run, ENDS[status])

    def measured(self, step: int, summary: Mapping[str, Any]) -> None:
        known = self._client.get_run(self._run).data.metrics
        numbers = figures({"summary": summary})
        self._send({name: number for name, number in numbers.items() if known.get(name) != number}, step, time.time())

    def close(self) -> None:
        """Everything has been sent when it was told."""

    def _send(self, numbers: Mapping[str, float], step: int, when: float) -> None:
        milliseconds = int(1000 * when)
        metrics = [Metric(_name(name), number, milliseconds, step) for name, number in numbers.items()]
        self._client.log_batch(self._run, metrics=metrics)

    def _tag(self, **tags: str) -> None:
        self._client.log_batch(self._run, tags=[RunTag(name, text[:LONGEST_TAG]) for name, text in tags.items()])

    def _found_or_created(self) -> tuple[str, bool]:
        """The id of MLflow's run, and whether it is new."""
        note, uri = self._folder / NOTE, self._client.tracking_uri
        noted = _read(note)
        if noted.get("uri") == uri and self._is_there(str(noted.get("run_id"))):
            return str(noted["run_id"]), False
        run = self._client.create_run(self._experiment(), run_name=_shown(self._folder)).info.run_id
        part = note.with_name(f".{NOTE}.part")
        part.write_text(json.dumps({"uri": uri, "run_id": run}) + "\n", encoding="utf-8")
        part.replace(note)
        return run, True

    def _is_there(self, run: str) -> bool:
        try:
            return bool(self._client.get_run(run).info.lifecycle_stage == "active")
        except MlflowException as error:
            if error.error_code == "RESOURCE_DOES_NOT_EXIST":
                return False
            raise

    def _experiment(self) -> str:
        name = os.environ.get("MLFLOW_EXPERIMENT_NAME") or EXPERIMENT
        found = self._client.get_experiment_by_name(name)
        try:
            return str(found.experiment_id) if found else str(self._client.create_experiment(name))
        except MlflowException as error:
            found = self._client.get_experiment_by_name(name)
            if error.error_code == "RESOURCE_ALREADY_EXISTS" and found:  # another training of a sweep was quicker
                return str(found.experiment_id)
            raise


def _alone(uri: str) -> AbstractContextManager[Any]:
    """Within, no other training of this machine does the same: two that make a database's tables at once both fail."""
    if not uri.startswith("sqlite"):
        return contextlib.nullcontext()
    name = hashlib.sha256(f"{uri} {Path.home()}".encode()).hexdigest()[:16]
    return FileLock(Path(tempfile.gettempdir()) / f"efgan-kit-mlflow-{name}.lock")


def _parameters(recipe: Mapping[str, Any]) -> Iterator[Param]:
    for name, value in parameters(recipe).items():
        text = _written(value)
        yield Param(_name(name), text if len(text) <= LONGEST_PARAMETER else f"{text[: LONGEST_PARAMETER - 3]}...")


def _written(value: Scalar) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _name(name: str) -> str:
    return FORBIDDEN.sub("_", name)[:LONGEST_NAME]


def _shown(run: Path) -> str:
    """How the user would call the folder."""
    run = run.resolve()
    return str(run.relative_to(Path.cwd())) if run.is_relative_to(Path.cwd()) else str(run)


def _read(note: Path) -> dict[str, Any]:
    try:
        noted = json.loads(note.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return noted if isinstance(noted, dict) else {}
