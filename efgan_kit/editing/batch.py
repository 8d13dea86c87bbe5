"""The edits of a pairs file: what to edit, to what, and the file it goes to."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path, PurePosixPath

import attrs
import torch
from torch import Tensor

from efgan_kit.api import FaceSpec
from efgan_kit.components.datasets.photo_folder import PhotoFolder, unspoken
from efgan_kit.components.datasets.photos.findings import Findings
from efgan_kit.components.datasets.photos.labels import relative_image
from efgan_kit.components.datasets.photos.table import read_table
from efgan_kit.editing.edited import EditedFace
from efgan_kit.editing.editor import BATCH, Editor
from efgan_kit.editing.faces import Face, Framing, face_of_data


@attrs.frozen(eq=False)
class Job:
    """One edit to be made.

    Attributes:
        path: The picture that the face is in.
        face: Reads the face.
        target_aus: `(A,)` in [0, 1].
        name: The file's name, without its suffix.
    """

    path: Path
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
            index, target = position[source], data.au_vectors[position[truth]]
            jobs.append(Job(data.path(index), _face(data, index), target, f"{number:05d}"))
        else:
            warnings.append(f"{table.at(row)}: left out, a picture's labels are not trusted")
    return jobs, warnings


def _face(data: PhotoFolder, index: int) -> Callable[[], Face]:
    return lambda: face_of_data(data, index)
