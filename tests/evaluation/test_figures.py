"""Figures by their short names: found where the metrics put them, and what a copy scores in them."""

import math

import pytest

from efgan_kit.evaluation.figures import DECIDING, FIGURES, HEADLINES, figure
from efgan_kit.evaluation.findings import MAIN

FOUND = {
    "au-error": {"edit": 0.06, "no_op": 0.2, "share_of_gap_closed": 0.9},
    "picture-error": {"face.psnr.edit": 32.0, "face.psnr.no_op": 26.0, "mouth.l1.edit": 0.1, "mouth.l1.no_op": 0.3},
    "identity": {"edit": 0.9, "same_person": 0.8, "different_people": 0.3, "retained": 1.2},
    "kernel-distance": {"edit": 0.3, "no_op": 0.8, "floor": -0.04},
    "self-edit": {"l1": None},
    "cycle-error": {"l1": 0.05, "psnr": 31.0},
}


@pytest.mark.parametrize(
    ("name", "value", "no_op", "better"),
    [
        ("au_error", 0.06, 0.2, -1),
        ("share_of_gap_closed", 0.9, 0.0, 1),
        ("psnr", 32.0, 26.0, 1),
        ("identity_retained", 1.2, (1 - 0.3) / (0.8 - 0.3), 1),
        ("picture-error.mouth.l1.edit", 0.1, 0.3, -1),
        ("identity.same_person", 0.8, math.nan, 0),
        ("self_edit_l1", math.nan, math.nan, -1),
        ("frechet", math.nan, math.nan, -1),
        ("kernel", 0.3, 0.8, -1),
        ("cycle_l1", 0.05, 0.0, -1),
        ("toy.novelty", math.nan, math.nan, 0),
    ],
)
def test_a_figure_is_found_with_what_a_copy_scores_and_which_way_is_better(name, value, no_op, better):
    about = figure(name)
    assert about.of(FOUND) == pytest.approx(value, nan_ok=True)
    assert about.of_no_op(FOUND) == pytest.approx(no_op, nan_ok=True)
    assert about.better == better


def test_names_mean_what_they_mean_in_an_evaluations_summary():
    for name in set(FIGURES) & set(MAIN):
        assert (FIGURES[name].metric, FIGURES[name].name) == MAIN[name], name
    assert set(HEADLINES) | set(DECIDING) <= set(FIGURES) & set(MAIN)


def test_only_what_the_judge_reads_is_judged():
    assert {name for name, about in FIGURES.items() if about.judged} == {
        "au_error", "au_error_changed", "share_of_gap_closed", "share_of_changed_gap_closed", "expression_accuracy",
        "steady",
    }  # fmt: skip
