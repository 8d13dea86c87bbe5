"""The drawn part of an ablation's report: forest plots, learning curves, faces, and the page that holds all."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from efgan_kit.evaluation.ablation.faces import draw_faces
from efgan_kit.evaluation.ablation.model import BASELINE, Variant
from efgan_kit.evaluation.ablation.results import Results
from efgan_kit.evaluation.ablation.tables import all_tables, doing
from efgan_kit.evaluation.figures import figure
from efgan_kit.evaluation.plots.curves import Curve, CurvePanel, curves_plots
from efgan_kit.evaluation.plots.forest import ForestPanel, ForestRow, forest_plots
from efgan_kit.evaluation.plots.logs import read_curves
from efgan_kit.evaluation.study import Cell
from efgan_kit.pages.drawing import write_figure
from efgan_kit.pages.page import Page, Picture, Section

FOREST: Final = "forest"
CURVES: Final = "curves"
FACES: Final = "faces.png"
GROUPS: Final = {
    "drop": "what each term buys",
    "add": "what each term adds to the smallest set",
    "scale": "what another weight does",
    "swap": "what another component does",
    "pair": "what two terms buy together",
}


def draw_pictures(results: Results, cells: Sequence[Cell], folder: Path, device: str) -> list[Picture]:
    """Write the plots as PNG and SVG and the sheet of faces, and return them for the page.

    Raises:
        EfganError: They can't be written, or a run is damaged.
    """
    found = []
    if any(results.effects.values()):
        panels = [_forest(results, name) for name in results.ablation.figures]
        _, svg = write_figure(forest_plots(panels, title=f"Ablation of {results.recipe}"), folder, FOREST)
        caption = "What the thing in question does to each figure, over seeds."
        found.append(Picture("Effects", svg.read_bytes(), "svg", caption))
    if draw_faces(results.ablation, list(cells), folder / FACES, device):
        caption = "The same test faces, edited by every arm of one seed."
        found.append(Picture("Faces", (folder / FACES).read_bytes(), "png", caption))
    if curves := list(_curves(results, cells)):
        reference = BASELINE if BASELINE in results.ablation.study.arms else None
        drawn = curves_plots(curves, x="step", baseline=reference, title="Losses while training, unweighted")
        _, svg = write_figure(drawn, folder, CURVES)
        caption = "Losses are of training faces and say little by themselves: an arm may reach a lower one by copying."
        found.append(Picture("Learning curves", svg.read_bytes(), "svg", caption))
    return found


def _forest(results: Results, name: str) -> ForestPanel:
    about = figure(name)
    rows = [_row(results, name, variant) for variant in results.ablation.variants]
    smallest = results.ablation.of_interest.get(name)
    return ForestPanel(rows, about.title, better=about.better, smallest=smallest)


def _row(results: Results, name: str, variant: Variant) -> ForestRow:
    kinds = {each.kind for each in results.ablation.variants}
    group = GROUPS[variant.kind] if len(kinds) > 1 else ""
    effect = results.effects[name].get(variant.arm)
    if effect is None:
        return ForestRow(doing(variant), math.nan, None, (), "can't tell", group)
    points = tuple(effect.differences.values())
    return ForestRow(doing(variant), effect.mean, effect.t_interval, points, effect.verdict, group)


def _curves(results: Results, cells: Sequence[Cell]) -> Iterator[CurvePanel]:
    """A panel a loss, with the arms that have it."""
    logs = {(cell.arm, cell.seed): read_curves(cell.run.log) for cell in cells}
    losses = dict.fromkeys(name for log in logs.values() for name in log)
    for loss in losses:
        curves = [
            Curve(arm, results.ablation.title(arm), by_seed)
            for arm in results.ablation.study.arms
            if (by_seed := {seed: log[loss] for (of, seed), log in logs.items() if of == arm and loss in log})
        ]
        yield CurvePanel(curves, loss.replace(".", ", "))


def page_of(results: Results, pictures: Sequence[Picture], notes: Sequence[str]) -> Page:
    """The whole report as one page."""
    study = results.ablation.study
    missing = [f"{name}: {why}" for name, why in results.report.missing.items()]
    overview, *tables = all_tables(results)
    by_title = {picture.title: picture for picture in pictures}
    sections = [
        Section("What was found", notes, [overview], [by_title[t] for t in ("Effects",) if t in by_title]),
        *([Section("Missing", missing)] if missing else []),
        Section("The same faces under every arm", (), (), [by_title[t] for t in ("Faces",) if t in by_title]),
        Section("All numbers", (), tables),
        Section("While training", (), (), [by_title[t] for t in ("Learning curves",) if t in by_title]),
        Section("How the arms differ", ("By the recipe's keys.",), details=list(_differences(results))),
    ]
    facts = [
        ("recipe", results.recipe),
        ("arms", str(len(study.arms))),
        ("seeds", ", ".join(map(str, study.seeds))),
        ("runs measured", f"{len(results.report.measured)} of {len(study.arms) * len(study.seeds)}"),
        ("test faces", ", ".join(sorted({each.subjects for each in results.report.measured})) or "none measured"),
        ("judge", ", ".join(sorted({each.judge or "none" for each in results.report.measured})) or "none"),
    ]
    shown = [section for section in sections if section.tables or section.pictures or section.details or section.text]
    return Page(f"Ablation of {results.recipe}", f"{study.about}.", facts, shown)


def _differences(results: Results) -> Iterator[tuple[str, str]]:
    for pairing in results.pairings:
        title = f"{results.ablation.title(pairing.arm)}, against {pairing.against}"
        yield title, "\n".join(pairing.differences) or "no difference"
