"""Many edits at once: what to edit, to what, and the file it goes to."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path, PurePosixPath

import attrs
import torch
from torch import Tensor

from efgan_kit.api import FaceSpec
from efgan_kit.components.datasets.photo_folder import PhotoFolder, unspoken
from efgan_kit.components.datasets.photos.findings import Findings, capped
from efgan_kit.components.datasets.photos.labels import INTENSITY, relative_image
from efgan_kit.components.datasets.photos.table import Row, Table, read_table
from efgan_kit.editing.edited import EditedFace
from efgan_kit.editing.editor import BATCH, Editor
from efgan_kit.editing.faces import Face, Framing, face_of_data
from efgan_kit.editing.labels import UNIT_COLUMN
from efgan_kit.editing.sources import Sources
from efgan_kit.errors import EfganError, Fault, fail, nearest
from efgan_kit.faces.aus import AUSet, au_set


@attrs.frozen(eq=False)
class Job:
    """One edit to be made.

    Attributes:
        face: Reads the face.
        target_aus: `(A,)` in [0, 1].
        name: The file's name, without its suffix.
    """

    face: Callable[[], Face]
    target_aus: Tensor
    name: str


def edit_jobs(editor: Editor, jobs: Iterable[Job], steps: int | None = None) -> Iterator[tuple[Job, EditedFace]]:
    """Make edits, a few at a time; `steps` as in `Editor`."""
    remaining = iter(jobs)
    while chosen := list(itertools.islice(remaining, BATCH)):
        faces = [job.face() for job in chosen]
        targets = torch.stack([job.target_aus for job in chosen])
        yield from zip(chosen, editor.edit(faces, targets, steps), strict=True)


def jobs_of_pairs(spec: FaceSpec, folder: Path, pairs: Path, framing: Framing) -> tuple[list[Job], list[str]]:
    """Each line's source edited to its truth's AUs, named by the line's place: `00000` is the first.

    Returns:
        The jobs in the CSV's order, and warnings. A line whose picture has labels that are not trusted makes
        no job, and its number is left out.

    Raises:
        EfganError: With every fault of the folder and of the CSV file.
    """
    with unspoken():
        data = PhotoFolder(spec, root=str(folder), split="all", pairs=str(pairs), framing=framing)
    position = {name: index for index, name in enumerate(data.names)}
    path = pairs.expanduser() if pairs.expanduser().exists() else data.root / pairs
    table = read_table(path, str(pairs), Findings())
    assert table is not None, "the folder's reader has read it"
    jobs: list[Job] = []
    warnings: list[str] = []
    for number, row in enumerate(table.rows):
        source, truth = (relative_image(table.text(row, c), PurePosixPath())[0] for c in ("source", "truth"))
        if source in position and truth in position:
            job = Job(_face(data, position[source]), data.au_vectors[position[truth]], f"{number:05d}")
            jobs.append(job)
        else:
            warnings.append(f"{table.at(row)}: left out, a picture's labels are not trusted")
    return jobs, warnings


def _face(data: PhotoFolder, index: int) -> Callable[[], Face]:
    return lambda: face_of_data(data, index)


def jobs_of_targets(sources: Sources, aus: AUSet, path: Path) -> list[Job]:
    """A job for each line of a CSV file with a column `image` and columns such as `AU12_r` in 0..5.

    Pictures are relative to the file's folder; AUs without a column keep the face's own value.

    Raises:
        EfganError: With every fault of the file, of the pictures and of their labels.
    """
    findings = Findings()
    if not path.exists():
        raise fail(str(path), "there is no such file")
    table = read_table(path, str(path), findings)
    if table is None:
        raise EfganError(*findings.faults)
    columns = unit_columns(table, aus, findings)
    findings.raise_if_faulty()
    jobs: list[Job] = []
    for number, row in enumerate(table.rows):
        try:
            face = sources.find(_image(table, row, path))
        except EfganError as error:
            known = {str(fault) for fault in findings.faults}
            findings.faults += [_placed(fault, table.at(row)) for fault in error.faults if str(fault) not in known]
            continue
        target = _target(table, row, columns, face.sample.aus, findings)
        jobs.append(Job(lambda face=face: face, target, f"{number:05d}"))  # type: ignore[misc]
    if not table.rows:
        findings.fault(str(path), "names no images: there is no line below the header")
    if findings.faults:
        raise EfganError(*capped(findings.faults))
    return jobs


def _image(table: Table, row: Row, path: Path) -> Path | str:
    text = table.text(row, "image")
    if not text:
        raise fail(table.at(row), "image: the cell is empty")
    return text if text.startswith("test:") else path.parent / text


def _placed(fault: Fault, where: str) -> Fault:
    return fault if fault.where.startswith(where) else attrs.evolve(fault, where=f"{where}: {fault.where}")


def unit_columns(table: Table, aus: AUSet, findings: Findings, key: str = "image") -> dict[str, int]:
    """The table's AU columns that the run knows, with their places in its AU vectors; `key` names its lines."""
    everything = au_set("openface-17").names
    written = [column for column in table.columns if UNIT_COLUMN.fullmatch(column)]
    for column in written:
        unit = column.removesuffix("_r")
        if unit not in everything and unit not in aus.names:
            findings.fault(f"{table.where}:1", f"{column}: there is no such action unit", nearest(unit, everything))
    if key not in table.columns:
        findings.fault(f"{table.where}:1", f"there is no column '{key}'")
    columns = {c: aus.index(c) for c in written if c.removesuffix("_r") in aus.names}
    if not columns:
        hint = f"name columns such as {aus.names[0]}_r, with intensities in 0..{INTENSITY:g}"
        findings.fault(f"{table.where}:1", "there is no column of an AU that the run knows", hint)
    return columns


def _target(table: Table, row: Row, columns: dict[str, int], own: Tensor, findings: Findings) -> Tensor:
    target = own.clone()
    values = table.numbers(row, list(columns), findings)
    for (column, place), value in zip(columns.items(), values or (), strict=values is not None):
        if not 0 <= value <= INTENSITY:
            findings.fault(table.at(row), f"{column}: {value:g} is outside 0..{INTENSITY:g}")
        target[place] = value / INTENSITY
    return target
