"""The same faces, edited by every arm."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Final

import torch
from torch import Tensor

from efgan_kit.errors import EfganError
from efgan_kit.evaluation.ablation.model import Ablation
from efgan_kit.evaluation.study import Cell
from efgan_kit.evaluation.subjects import choose_subjects
from efgan_kit.files import writing
from efgan_kit.recipe import load_recipe
from efgan_kit.training import load_to_edit
from efgan_kit.training.device import choose_device
from efgan_kit.training.sheets import write_sheet

SHOWN: Final = 6


def draw_faces(ablation: Ablation, cells: list[Cell], path: Path, device: str) -> bool:
    """A sheet of test faces, a column an arm, all of the first seed that every arm has finished; else of the first.

    Returns:
        Whether there was anything to draw.

    Raises:
        EfganError: The test faces are at fault, or the sheet can't be written.
    """
    seeds = sorted({cell.seed for cell in cells})
    if not seeds:
        return False
    by_seed = {seed: [cell for cell in cells if cell.seed == seed] for seed in seeds}
    seed = max(seeds, key=lambda each: (len(by_seed[each]), -each))
    first, *_ = by_seed[seed]
    subjects = choose_subjects(load_recipe(str(first.run.recipe)))
    count = len(subjects.pairs)
    chosen = sorted({place * count // SHOWN for place in range(SHOWN)}) if count >= SHOWN else list(range(count))
    batch = subjects.batch(chosen, choose_device(device))
    columns: dict[str, Tensor] = {"source": batch["source"]}
    in_order = list(ablation.study.arms)
    for cell in sorted(by_seed[seed], key=lambda cell: in_order.index(cell.arm)):
        with contextlib.suppress(EfganError):  # a damaged run is named where it is measured
            columns[_fitting(cell.arm)] = _edited(cell, batch, device)
    columns["truth" if subjects.has_truth else "target (other)"] = batch["example"]
    names = subjects.faces.names
    labels = [f"{names[i]}, expression of {names[j]}" for i, j in (subjects.pairs[place] for place in chosen)]
    with writing(path):
        write_sheet(path, columns, labels, title=f"{ablation.study.name}: the same faces under every arm, seed {seed}")
    return True


def _edited(cell: Cell, batch: dict[str, Tensor], device: str) -> Tensor:
    """The faces as the cell's run edits them."""
    trained = load_to_edit(cell.run.path, device)
    with torch.inference_mode():
        given = (batch[name] for name in ("source", "landmarks", "source_aus", "target_aus"))
        return trained.graph.edit(*given).image  # type: ignore[operator]


def _fitting(arm: str) -> str:
    """As much of a name as stands above a face."""
    return arm if len(arm) <= 19 else f"{arm[:17]}.."
