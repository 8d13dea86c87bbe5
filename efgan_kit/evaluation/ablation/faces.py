"""The same faces, edited by every arm."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import torch
from torch import Tensor

from efgan_kit.evaluation.ablation.model import Ablation
from efgan_kit.evaluation.study import Cell
from efgan_kit.evaluation.subjects import choose_subjects
from efgan_kit.training import load_trained
from efgan_kit.training.run_folder import writing
from efgan_kit.training.sheets import write_sheet

SHOWN: Final = 6


def draw_faces(ablation: Ablation, cells: list[Cell], path: Path, device: str) -> bool:
    """A sheet of test faces, a column an arm, all of the first seed that every arm has finished; else of the first.

    Returns:
        Whether there was anything to draw.

    Raises:
        EfganError: A run is damaged, or the sheet can't be written.
    """
    seeds = sorted({cell.seed for cell in cells})
    if not seeds:
        return False
    by_seed = {seed: [cell for cell in cells if cell.seed == seed] for seed in seeds}
    seed = max(seeds, key=lambda each: (len(by_seed[each]), -each))
    runs = {cell.arm: load_trained(cell.run.path, device) for cell in by_seed[seed]}
    first = next(iter(runs.values()))
    subjects = choose_subjects(first.recipe)
    count = len(subjects.pairs)
    chosen = sorted({place * count // SHOWN for place in range(SHOWN)}) if count >= SHOWN else list(range(count))
    batch = subjects.batch(chosen, first.device)
    given = [batch[name] for name in ("source", "landmarks", "source_aus", "target_aus")]
    columns: dict[str, Tensor] = {"source": batch["source"]}
    for arm in ablation.study.arms:
        if arm in runs:
            with torch.inference_mode():
                columns[_fitting(arm)] = runs[arm].graph.edit(*given).image  # type: ignore[operator]
    columns["truth" if subjects.has_truth else "target (other)"] = batch["example"]
    names = subjects.faces.names
    labels = [f"{names[i]}, expression of {names[j]}" for i, j in (subjects.pairs[place] for place in chosen)]
    with writing(path):
        write_sheet(path, columns, labels, title=f"{ablation.study.name}: the same faces under every arm, seed {seed}")
    return True


def _fitting(arm: str) -> str:
    """As much of a name as stands above a face."""
    return arm if len(arm) <= 19 else f"{arm[:17]}.."
