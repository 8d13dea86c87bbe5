"""A labelled sheet of edits to be looked at, chosen so that the worst can't hide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor

from efgan_kit.evaluation.examination import Examination
from efgan_kit.evaluation.subjects import Subjects
from efgan_kit.training.sheets import write_sheet

OTHERS: Final = 5
"""Rows beside the best, the median and the worst, spread over the test faces."""


def write_evaluation_sheet(
    path: Path,
    examination: Examination,
    subjects: Subjects,
    values: Mapping[str, Any],
    device: torch.device,
) -> None:
    """Write source, initial output, attention, final output and, where known, truth of a few pairs.

    Args:
        values: Those of the evaluation; `edited_aus` and `target_aus` among them choose the rows.
    """
    errors = None
    if "edited_aus" in values:
        errors = (values["edited_aus"] - values["target_aus"]).abs().mean(dim=1)
    rows = chosen_rows(len(subjects.pairs), errors)
    batch = subjects.batch([pair for _, pair in rows], device)
    with torch.inference_mode():
        edit = examination.edit(batch["source"], batch["landmarks"], batch["source_aus"], batch["target_aus"])
    columns = {"source": batch["source"], "initial (face)": edit.initial, "attention": edit.attention}
    columns |= {f"module {place}": step for place, step in enumerate(edit.steps[:-1], start=1)}
    columns |= {"final": edit.image, "truth" if subjects.has_truth else "target (other)": batch["example"]}
    labels = [row_label(title, pair, subjects, errors) for title, pair in rows]
    title = f"{subjects.described}: {len(subjects.pairs)} edits"
    write_sheet(path, columns, row_labels=labels, title=printable(title))


def chosen_rows(count: int, errors: Tensor | None) -> list[tuple[str, int]]:
    """Which pairs to show, each with why: best, median and worst by error, and others spread over all."""
    rows: list[tuple[str, int]] = []
    if errors is not None:
        order: Sequence[int] = torch.argsort(errors, stable=True).tolist()
        picks = {"best": order[0], "median": order[len(order) // 2], "worst": order[-1]}
        for title, pair in picks.items():
            if pair not in [taken for _, taken in rows]:
                rows.append((title, pair))
    shown = min(OTHERS, count)
    spread = [place * count // shown for place in range(shown)]
    taken = {pair for _, pair in rows}
    return rows + [("", pair) for pair in spread if pair not in taken]


def row_label(title: str, pair: int, subjects: Subjects, errors: Tensor | None) -> str:
    """What a row of the sheet shows: why, how well, from which face to which."""
    source, example = subjects.names(pair)
    error = "" if errors is None else f"AU error {errors[pair]:.3f}  "
    return printable(f"{title + ': ' if title else ''}{error}{source} -> {example}")


def printable(text: str) -> str:
    """Text in the few letters that the built-in font has."""
    return text.encode("ascii", "replace").decode()
