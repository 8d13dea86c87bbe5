"""Exporting a run: checked, written beside its place, and put there whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal

import attrs
from torch import nn

from efgan_kit.editing.export import onnx_file, program_file
from efgan_kit.editing.export.folder import fill_folder
from efgan_kit.editing.export.network import EditingNetwork, facts
from efgan_kit.editing.export.parity import Parity, Progress, check_parity, faces_to_try
from efgan_kit.editing.export.sources import data_of
from efgan_kit.editing.export.tracing import trace
from efgan_kit.errors import fail
from efgan_kit.training import Trained, load_trained
from efgan_kit.training.exported import editing_graph
from efgan_kit.training.run_folder import RunFolder

Form = Literal["onnx", "torch", "safetensors", "folder"]
SUFFIXES: Final = {"onnx": ".onnx", "torch": ".pt2"}
"""Of the forms that are one file."""


@attrs.frozen
class Exported:
    """What an export has written.

    Attributes:
        path: The file or folder.
        form: `onnx`, `torch` or `safetensors`.
        recipe: The recipe's name.
        step: The training step of the weights.
        files: By name, sizes in bytes.
        opset: The version of ONNX's operators, where there is an ONNX file.
        parity: How far the executable network is from the run.
        remarks: What to know of it.
    """

    path: Path
    form: str
    recipe: str
    step: int
    files: dict[str, int]
    opset: int | None
    parity: Parity
    remarks: tuple[str, ...]

    def to_plain(self) -> dict[str, Any]:
        """The same as JSON knows it."""
        return {**attrs.asdict(self), "path": str(self.path), "parity": self.parity.to_plain()}


def export(
    run: str | Path,
    *,
    to: Form,
    out: str | Path,
    attribution: Sequence[str] = (),
    with_network: bool = True,
    progress: Progress = lambda what, done, total: None,
) -> Exported:
    """Export a run for others: one ONNX file, one torch.export file, or a self-contained folder.

    Args:
        run: A finished run's folder; for the two files also an exported folder, or an installed model's name.
        to: `onnx`, `torch`, or `safetensors` (also called `folder`): the folder.
        out: Where to; it must not be there yet.
        attribution: Lines about the training data that must go wherever the weights go.
        with_network: The folder holds the executable network beside the weights; what efgan_kit reads are the weights.
        progress: Called with what is being done, how much of it is done, and how much there is.

    Raises:
        EfganError: The run is not finished or damaged, `out` can't be written, a package is missing, or the export
            does not give the run's pictures. Then nothing is left behind.
    """
    form = "safetensors" if to == "folder" else to
    out = Path(out).expanduser()
    _refuse_place(out, form)
    if form == "onnx":
        onnx_file.refuse_missing()
    trained = load_trained(run, "cpu")
    _refuse_unfinished(trained)
    if trained.exported and form == "safetensors":
        raise fail(str(trained.path), "is an exported folder already", "copy it")
    with _whole(out) as part:
        if not with_network and form == "safetensors":
            return _export_weights(trained, part, out, attribution, progress)
        return _export(trained, form, part, out, attribution, progress)


def _export_weights(
    trained: Trained, part: Path, out: Path, attribution: Sequence[str], progress: Progress
) -> Exported:
    """The folder without an executable network: the graph with its weights folded is compared with the run's."""
    faces, data = faces_to_try(trained.recipe), data_of(trained.recipe, attribution)
    graph = _without_critics(trained)
    folded, own = EditingNetwork(graph), EditingNetwork(trained.graph)
    parity = check_parity(str(trained.path), lambda inputs: folded(*inputs), own, faces, progress)
    part.mkdir()
    fill_folder(part, trained, graph, data, facts(trained, data), parity, "")
    return _exported(trained, "safetensors", part, out, parity, as_onnx=False, remarks=())


def _export(
    trained: Trained, form: str, part: Path, out: Path, attribution: Sequence[str], progress: Progress
) -> Exported:
    progress("tracing the graph", 0, 1)
    faces, data = faces_to_try(trained.recipe), data_of(trained.recipe, attribution)
    graph = _without_critics(trained)
    program = trace(EditingNetwork(graph), faces.traced, str(trained.path))
    progress("tracing the graph", 1, 1)
    known = facts(trained, data)
    as_onnx = form == "onnx" or (form == "safetensors" and not onnx_file.missing())
    name = onnx_file.FILE if as_onnx else program_file.FILE
    if form == "safetensors":
        part.mkdir()
    file = part / name if form == "safetensors" else part
    progress(f"writing {name}", 0, 1)
    (onnx_file.write_onnx if as_onnx else program_file.write_program)(file, program, known)
    progress(f"writing {name}", 1, 1)
    network = (onnx_file.open_onnx if as_onnx else program_file.open_program)(file)
    # The run's own graph: what is traced has its weights folded and its critics gone.
    parity = check_parity(str(trained.path), network, EditingNetwork(trained.graph), faces, progress)
    if form == "safetensors":
        fill_folder(part, trained, graph, data, known, parity, name)
    return _exported(
        trained, form, part, out, parity, as_onnx=as_onnx, remarks=_remarks(form, parity, as_onnx=as_onnx)
    )


def _exported(
    trained: Trained, form: str, part: Path, out: Path, parity: Parity, *, as_onnx: bool, remarks: tuple[str, ...]
) -> Exported:
    files = [part] if part.is_file() else sorted(part.iterdir())
    return Exported(
        path=out,
        form=form,
        recipe=trained.recipe.name,
        step=trained.step,
        files={out.name if path == part else path.name: path.stat().st_size for path in files},
        opset=onnx_file.OPSET if as_onnx else None,
        parity=parity,
        remarks=remarks,
    )


def _remarks(form: str, parity: Parity, *, as_onnx: bool) -> tuple[str, ...]:
    found = []
    if form == "safetensors" and not as_onnx:
        found.append(f"the folder holds {program_file.FILE} in place of {onnx_file.FILE}: {onnx_file.INSTALL} for that")
    if parity.faces.startswith("drawn"):
        found.append(f"parity was checked on {parity.faces}")
    return tuple(found)


def _without_critics(trained: Trained) -> nn.Module:
    """The run's graph as exported folders have it: what edits, with plain weights."""
    if trained.exported:
        return trained.graph
    whole = editing_graph(trained.recipe, trained.graph)
    return whole.requires_grad_(False)


def _refuse_place(out: Path, form: str) -> None:
    """Raises EfganError unless `out` is free, and its name fits what is written there."""
    where, suffix = str(out), SUFFIXES.get(form, "")
    if suffix and out.suffix.lower() != suffix:
        raise fail(where, f"is not the name of a file to export to with --to {form}", f"end it in {suffix}")
    if not suffix and out.suffix.lower() in (*SUFFIXES.values(), ".safetensors"):
        raise fail(where, f"is the name of a file, and --to {form} writes a folder", "leave the suffix out")
    if out.exists() or out.is_symlink():
        raise fail(where, "is there already", "choose another --out: nothing is overwritten")
    if not out.absolute().parent.is_dir():
        raise fail(where, f"there is no folder '{out.parent}'", "make it first")


def _refuse_unfinished(trained: Trained) -> None:
    if trained.exported:
        return
    steps = RunFolder(trained.path).read_summary().get("steps")
    if steps != trained.step:
        what = f"the training is not finished: its newest checkpoint is of step {trained.step}, and there is no summary"
        if steps is not None:
            what = f"the training ended with step {steps}, but the newest checkpoint is of step {trained.step}"
        raise fail(str(trained.path), what, "go on with `efgan train --resume`")


@contextmanager
def _whole(out: Path) -> Iterator[Path]:
    """Within, a place beside `out` to write to; what is there becomes `out` at the end, if no error came between."""
    beside: Path | None = None
    try:
        beside = Path(tempfile.mkdtemp(prefix=f".{out.name}.", suffix=".part", dir=out.absolute().parent))
        part = beside / out.name
        yield part
        part.rename(out)
    except OSError as error:
        what = f"can't be written: {error.strerror or error}"
        raise fail(str(out), what, "make room, mend the permissions, or choose another --out") from error
    finally:
        if beside is not None:
            shutil.rmtree(beside, ignore_errors=True)
