"""Sample sheets: how a training edits the same few faces, step after step."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from efgan_kit.api import FaceDataset, FaceSample
from efgan_kit.files import writing
from efgan_kit.training.batches import READING
from efgan_kit.training.modes import evaluating
from efgan_kit.training.run_folder import RunFolder
from efgan_kit.training.sheets import write_sheet
from efgan_kit.training.step import Training

SHEET_FACES = 8


def draw_samples(training: Training, folder: RunFolder) -> Path:
    """Write `samples/STEP.png`: faces edited by the averaged weights to the expression of another face.

    They are test faces with a truth if there are any, else training faces with one; where nobody has a truth,
    each face is edited to its neighbour's expression and the sheet has no column for it.

    Returns:
        The sheet.

    Raises:
        EfganError: It can't be written.
    """
    faces, pairs, known = _shown(training)
    with READING:
        sources, truths = [faces[i] for i, _ in pairs], [faces[j] for _, j in pairs]
    source = _pictures(sources)
    with (
        evaluating(training.graph),
        torch.no_grad(),
        training.averaged.applied(),
        training.precision.autocast(),
    ):
        edited = training.graph.edit(  # type: ignore[operator]
            source.to(training.device),
            torch.stack([sample.landmarks for sample in sources]).to(training.device),
            torch.stack([sample.aus for sample in sources]).to(training.device),
            torch.stack([sample.aus for sample in truths]).to(training.device),
        )
    columns = {
        "source": source,
        "initial": edited.initial,
        "attention": edited.attention,
        **{f"module {place}": step for place, step in enumerate(edited.steps[:-1], start=1)},
        "final": edited.image,
        **({"truth": _pictures(truths)} if known else {}),
    }
    labels = [f"{faces.names[i]}, expression of {faces.names[j]}" for i, j in pairs]
    path = folder.sheet(training.step)
    with writing(path):
        write_sheet(path, columns, labels, title=f"{training.recipe.name}, step {training.step}")
    return path


def _shown(training: Training) -> tuple[FaceDataset, list[tuple[int, int]], bool]:
    """Faces, (source, truth) indices spread over them, and whether the second is a truth."""
    candidates = [faces for faces in (training.test, training.faces) if faces is not None and len(faces)]
    for faces in candidates:
        if len(faces.pairs):
            return faces, _spread(list(faces.pairs)), True
    faces = candidates[0]
    return faces, _spread([(index, (index + 1) % len(faces)) for index in range(len(faces))]), False


def _spread(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    return pairs[:: max(1, len(pairs) // SHEET_FACES)][:SHEET_FACES]


def _pictures(samples: list[FaceSample]) -> Tensor:
    return torch.stack([sample.image for sample in samples]).float() / 127.5 - 1
