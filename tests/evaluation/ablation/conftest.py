"""A small ablation, and measurements as its cells might give them."""

from pathlib import Path

import pytest

TINY = Path(__file__).parents[2] / "training" / "recipes" / "tiny.yaml"


@pytest.fixture
def unbuilt(monkeypatch):
    """The graphs of arms are not built, which takes a second each."""
    from efgan_kit.evaluation.ablation import ask

    monkeypatch.setattr(ask, "inspect_graph", lambda recipe: None)


@pytest.fixture
def ablation(unbuilt):
    """An ablation of the tiny recipe: `ablation(drop=("content",))`."""
    from efgan_kit.evaluation.ablation.ask import Wishes, ask

    def ablation(*, seeds=(0, 1, 2), figures=("psnr",), overrides=(), **wishes):
        return ask(str(TINY), Wishes(**wishes), seeds=seeds, figures=figures, overrides=overrides)

    return ablation


@pytest.fixture
def results_of(tmp_path):
    """The results of an ablation whose cells have these values of PSNR, by arm and seed."""
    from efgan_kit.evaluation.ablation.results import draw_conclusions
    from efgan_kit.evaluation.study import make_plan
    from efgan_kit.evaluation.study.measure import Measured
    from efgan_kit.evaluation.study.report import make_report

    def results_of(ablation, values, *, subjects=lambda arm: "faces", trials=None, pairings=()):
        plan = make_plan(ablation.study, tmp_path / "DIR")
        measured = [
            Measured(
                cell=cell,
                figures={"all": {"picture-error": {"face.psnr.edit": values[cell.arm][cell.seed]}}},
                subjects=subjects(cell.arm),
                judge=None,
            )
            for cell in plan.cells
            if cell.seed in values.get(cell.arm, {})
        ]
        return draw_conclusions(ablation, "tiny", make_report(plan, measured, {}), trials or {}, pairings)

    return results_of
