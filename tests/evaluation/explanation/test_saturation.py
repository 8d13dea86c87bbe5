"""Attention maps: what is called copying, repainting, flat and fine; what the log says of the way there."""

import json

import pytest
import torch

from efgan_kit.evaluation.explanation.saturation import map_figures, measured, read_logged
from efgan_kit.training.run_folder import RunFolder


def figures(map_):
    return map_figures([measured({"face": map_}), measured({"face": map_})])["face"]


def chequered(low, high):
    map_ = torch.full((2, 1, 4, 4), low)
    map_[..., ::2] = high
    return map_


@pytest.mark.parametrize(
    ("map_", "verdict", "mean", "entropy"),
    [
        (torch.zeros(2, 1, 4, 4), "copies", 0, 0),
        (torch.ones(2, 1, 4, 4), "repaints", 1, 0),
        (torch.full((2, 1, 4, 4), 0.5), "flat", 0.5, 1),
        (chequered(0.0, 1.0), "fine", 0.5, 0),
        (chequered(0.25, 0.75), "fine", 0.5, 0.8112781244591328),  # -(1/4 log2 1/4 + 3/4 log2 3/4)
    ],
)
def test_maps_are_called_what_they_are(map_, verdict, mean, entropy):
    found = figures(map_)
    assert (found.verdict, found.mean.mean) == (verdict, mean)
    assert found.entropy.mean == pytest.approx(entropy)


def test_shares_and_deviation_by_hand():
    found = figures(chequered(0.01, 0.97))
    assert (found.low.mean, found.high.mean) == (0.5, 0.5)
    assert found.spread.mean == pytest.approx(0.48)


def test_the_log_is_read_at_its_start_middle_and_end(tmp_path):
    run = RunFolder(tmp_path)
    assert read_logged(run) is None
    lines = [json.dumps({"step": step, "attention": {"face": step / 100}}) for step in (10, 20, 30, 40, 50)]
    run.log.write_text("\n".join([*lines, '{"step": 60, "atten']))
    found = read_logged(run)
    assert found.steps == (10, 30, 50)
    assert found.means == {"face": (0.1, 0.3, 0.5)}


def test_a_log_of_one_line_is_told_once(tmp_path):
    run = RunFolder(tmp_path)
    run.log.write_text('{"step": 10, "attention": {"face": 0.5}}\n')
    assert read_logged(run).steps == (10,)


def test_a_log_without_attention_says_nothing(tmp_path):
    run = RunFolder(tmp_path)
    run.log.write_text('{"step": 10, "losses": {}}\n')
    assert read_logged(run) is None
