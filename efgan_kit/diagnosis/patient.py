"""The process in which one plugin is looked at; each thing that is seen is written down at once, as a line of JSON.

Called as `python -m efgan_kit.diagnosis.patient` with what to do, as JSON. What is begun is written before it is begun:
if the process dies or is ended, the last line says in what.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import json
import os
import sys
import time
import traceback
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, Final

import click
import pluggy

import efgan_kit.api  # noqa: F401 - a plugin's own import of it is not counted
from efgan_kit import hookspecs
from efgan_kit.diagnosis import global_state
from efgan_kit.errors import EfganError
from efgan_kit.registry import Offer, hooks
from efgan_kit.registry.discovery import offer_fault, reason_of
from efgan_kit.registry.distributions import install_line

FOLDERS: Final = ("efgan_recipes", "efgan_models")


class Record:
    """The file that is written line by line."""

    def __init__(self, path: str) -> None:
        self.path = Path(path)

    def __call__(self, **seen: Any) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(seen) + "\n")

    @contextlib.contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Within, something is done; that it was begun, what it printed, and how it failed are written down."""
        self(begun=name)
        sizes = _sizes()
        try:
            yield
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            self(failed=name, reason=reason_of(error), where=_where(error), missing=_missing(error))
        for stream, size in zip((1, 2), sizes, strict=True):
            if text := _since(stream, size):
                self(printed=name, text=text)
        self(ended=name)


def main(argument: str) -> None:
    """Look at a plugin."""
    task = json.loads(argument)
    record = Record(task["record"])
    for library in task["preload"]:
        with contextlib.suppress(Exception):
            importlib.import_module(library)
    known, before = set(sys.modules), global_state.snapshot()
    plugin, begun = None, time.perf_counter()
    with record.step("import"):
        plugin = EntryPoint(task["name"], task["module"], hookspecs.PROJECT).load()
    record(seconds=time.perf_counter() - begun)
    own = task["module"].partition(":")[0].partition(".")[0]
    came = {name.partition(".")[0] for name in set(sys.modules) - known}
    record(libraries=sorted(came - set(sys.stdlib_module_names) - {own, "efgan_kit"}))
    record(changed=global_state.changes(before))
    if plugin is not None and not task["import_only"]:
        _look_at(plugin, task, record)


def _look_at(plugin: object, task: dict[str, Any], record: Record) -> None:
    if faults := hooks.faults_of(plugin):
        for fault in faults:
            record(hook_fault=fault)
        return
    implemented = dict(hooks.implementations(plugin))
    record(implements=sorted(implemented))
    with record.step("the check of its hooks"):
        manager = pluggy.PluginManager(hookspecs.PROJECT)
        manager.add_hookspecs(hookspecs)
        manager.register(plugin)
        manager.check_pending()
    offers: list[Offer] = []

    def register(kind: str, name: str, target: str, summary: str = "") -> None:
        if fault := offer_fault(kind, name, target):
            record(offer_fault=fault)
        else:
            record(offer=(kind, name, target, summary))
            offers.append(Offer(kind, name, target, summary, task["distribution"], task["version"]))

    if "efgan_components" in implemented:
        with record.step("efgan_components"):
            _call(implemented["efgan_components"], register=register)
    for hook in FOLDERS:
        if hook in implemented:
            with record.step(hook):
                folder = Path(_call(implemented[hook]))
                record(folder=hook, path=str(folder), there=folder.is_dir())
    for offer in offers:
        _look_at_target(offer, record)


def _call(implementation: Any, **arguments: Any) -> Any:
    taken = inspect.signature(implementation).parameters
    return implementation(**{name: value for name, value in arguments.items() if name in taken})


def _look_at_target(offer: Offer, record: Record) -> None:
    called = f"the {offer.kind} '{offer.name}'"
    with record.step(called):
        try:
            target = offer.load()
        except EfganError as error:
            missing = _missing(error.__cause__)
            optional = bool(missing) and "[" in install_line(missing, offer.distribution)
            (fault,) = error.faults
            record(target_fault=fault.what, hint=fault.hint, optional=optional)
            return
        if what := _unfit(target, offer.kind):
            record(target_fault=f"{called} {what}", hint="", optional=False)


def _unfit(target: Any, kind: str) -> str:
    """Why what a target names can't be of that kind, as far as a look shows; empty if it can."""
    if kind == "command":
        return "" if isinstance(target, click.Command) else "is no click.Command"
    if kind == "value":  # it is given other values, by its parameters' names
        return "" if hasattr(target, "efgan_value") else "is not marked with @value"
    if not callable(target):
        return f"is no class or function but {type(target).__name__}"
    from efgan_kit.registry.signature import signature_of

    asked = signature_of(target, kind).unsupplied
    return f"asks for {', '.join(asked)}, which no {kind} is given" if asked else ""


def _sizes() -> tuple[int, int]:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):  # it may have been put in the place of the real one
            stream.flush()
    return os.fstat(1).st_size, os.fstat(2).st_size


def _since(stream: int, size: int) -> str:
    now = _sizes()[stream - 1]
    return os.pread(stream, min(now - size, 2000), size).decode(errors="replace") if now > size else ""


def _where(error: BaseException) -> str:
    """The last line of the traceback that is not of the import machinery or of ours."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}:{error.lineno}"
    frames = [f for f in traceback.extract_tb(error.__traceback__) if not f.filename.startswith("<frozen")]
    theirs = [frame for frame in frames if "importlib" not in frame.filename and frame.filename != __file__]
    return f"{theirs[-1].filename}:{theirs[-1].lineno}" if theirs else ""


def _missing(error: BaseException | None) -> str:
    return (error.name or "") if isinstance(error, ModuleNotFoundError) else ""


if __name__ == "__main__":
    main(sys.argv[1])
