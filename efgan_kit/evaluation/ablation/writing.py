"""The report of an ablation: text, tables and pictures, written into its folder."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import attrs

from efgan_kit.evaluation.ablation.model import Ablation
from efgan_kit.evaluation.ablation.pictures import draw_pictures, page_of
from efgan_kit.evaluation.ablation.results import ByFigure, Results
from efgan_kit.evaluation.ablation.statistics import RULE
from efgan_kit.evaluation.ablation.tables import MEANING, all_tables
from efgan_kit.evaluation.study import Cell
from efgan_kit.evaluation.study.writing import section, warnings
from efgan_kit.files import write_atomically, writing
from efgan_kit.pages.page import render_page
from efgan_kit.pages.tables import number, to_csv, to_latex, to_markdown

LEARNED: Final = "share_of_gap_closed"
LITTLE: Final = 0.1
FEW: Final = 3


def write_results(results: Results, cells: list[Cell], folder: Path, device: str) -> list[Path]:
    """Write `report.html`, `.md`, `.csv`, `.json` and `.tex`, and the plots and faces that are on the page.

    The same results give the same bytes: times, which no two runs share, are not in there.

    Raises:
        EfganError: They can't be written.
    """
    pictures = draw_pictures(results, cells, folder, device)
    notes = [*caveats(results), *warnings(results.report)]
    texts = {
        "md": markdown(results, notes),
        "csv": to_csv(list(csv_rows(results))),
        "json": json.dumps(to_plain(results), indent=2, ensure_ascii=False, allow_nan=False) + "\n",
        "tex": to_latex(all_tables(results), f"the ablation of '{results.recipe}'"),
        "html": render_page(page_of(results, pictures, notes)),
    }
    files = []
    for form, text in texts.items():
        file = folder / f"report.{form}"
        with writing(file):
            write_atomically(file, text.encode())
        files.append(file)
    return files


def markdown(results: Results, notes: Sequence[str] = ()) -> str:
    """The whole report to be read.

    Args:
        notes: What to know before believing it.
    """
    study = results.ablation.study
    parts = [f"# Ablation of {results.recipe}\n", f"{study.about}. Seeds: {', '.join(map(str, study.seeds))}.\n"]
    parts.append(to_markdown(all_tables(results)))
    parts += section("Missing", [f"{name}: {why}" for name, why in results.report.missing.items()])
    parts += section("Before believing this", list(notes))
    return "\n".join(parts).rstrip() + "\n"


def caveats(results: Results) -> Iterator[str]:
    """What makes an ablation say less than it seems to."""
    for arm in results.ablation.references:
        found = results.report.summary(arm, LEARNED, "all")
        if found is not None and found.mean < LITTLE:
            yield (
                f"{arm} closes {number(found.mean)} of the gap to the target expressions: where hardly anything is"
                " learned, hardly anything can be lost; train for longer"
            )
    if len(results.ablation.study.seeds) < FEW:
        yield "intervals of fewer than three seeds are so wide that hardly anything can be told: give more with --seeds"


def csv_rows(results: Results) -> Iterator[dict[str, Any]]:
    """Every number by the row: each run's figures (`cell`), each difference of a seed, each effect (`effect`,
    `interaction`), each arm's costs (`cost`).
    """
    blank: dict[str, Any] = dict.fromkeys(
        ("row", "arm", "against", "kind", "figure", "seed", "value", "low", "high", "bca_low", "bca_high", "p",
         "p_holm", "effect_size", "seeds", "seeds_needed", "verdict")
    )  # fmt: skip
    report = results.report
    for name in results.ablation.figures:
        for arm in results.ablation.study.arms:
            for seed, value in report.values(arm, name, "all").items():
                yield blank | {"row": "cell", "arm": arm, "figure": name, "seed": seed, "value": value}
    for row, found in (("effect", results.effects), ("interaction", results.interactions)):
        yield from _effect_rows(row, found, results.ablation, blank)
    for arm, trial in results.trials.items():
        costs = {"parameters": trial.parameters, "flops": trial.flops, "kept_bytes": trial.kept}
        for name, value in costs.items():
            yield blank | {"row": "cost", "arm": arm, "figure": name, "value": value}


def _effect_rows(
    row: str, found: ByFigure, ablation: Ablation, blank: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    for name, by_arm in found.items():
        for variant in ablation.variants:
            if (effect := by_arm.get(variant.arm)) is None:
                continue
            about = {**blank, "arm": variant.arm, "against": variant.against, "kind": variant.kind, "figure": name}
            for seed, value in effect.differences.items():
                yield about | {"row": "difference" if row == "effect" else "contrast", "seed": seed, "value": value}
            low, high = effect.t_interval or (None, None)
            bca_low, bca_high = effect.bca_interval or (None, None)
            yield about | {
                "row": row, "value": effect.mean, "low": low, "high": high, "bca_low": bca_low, "bca_high": bca_high,
                "p": effect.p, "p_holm": effect.p_holm, "effect_size": effect.effect_size,
                "seeds": len(effect.differences), "seeds_needed": effect.seeds_needed, "verdict": effect.verdict,
            }  # fmt: skip


def to_plain(results: Results) -> dict[str, Any]:
    """The results as JSON knows them."""
    ablation, report = results.ablation, results.report
    return {
        "recipe": results.recipe,
        "seeds": list(ablation.study.seeds),
        **ablation.to_plain(),
        "meaning": MEANING,
        "rule": RULE,
        "arms": {
            arm: {name: _by_seed(report.values(arm, name, "all")) for name in ablation.figures}
            for arm in ablation.study.arms
        },
        "no_op": {name: report.no_op(name, "all") for name in ablation.figures},
        "effects": _effects(results.effects),
        "interactions": _effects(results.interactions),
        "costs": {
            arm: {"parameters": t.parameters, "flops": t.flops, "kept_bytes": t.kept, "calls": dict(t.calls)}
            for arm, t in results.trials.items()
        },
        "pairings": [attrs.asdict(pairing) for pairing in results.pairings],
        "missing": dict(report.missing),
        "warnings": {each.cell.name: list(each.warnings) for each in report.measured if each.warnings},
    }


def _effects(found: ByFigure) -> dict[str, dict[str, Any]]:
    return {
        name: {
            arm: {**attrs.asdict(effect), "differences": _by_seed(effect.differences)}
            for arm, effect in by_arm.items()
        }
        for name, by_arm in found.items()
    }


def _by_seed(values: Mapping[int, float]) -> dict[str, float]:
    return {str(seed): value for seed, value in values.items()}
