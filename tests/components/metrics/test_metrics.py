"""The built-in metrics on numbers small enough to work out by hand."""

import math

import pytest
import torch

from efgan_kit.api import FaceSpec, au_set
from efgan_kit.components.metrics.attention import Attention
from efgan_kit.components.metrics.au_error import AUError, share_of_gap_closed
from efgan_kit.components.metrics.cycle_error import CycleError
from efgan_kit.components.metrics.picture_error import PictureError
from efgan_kit.components.metrics.self_edit import SelfEdit

FACES = FaceSpec(32, au_set(["AU06", "AU12"]))


def au_figures(source, target, edited, noop, floor):
    return AUError(FACES)(*(torch.tensor(values) for values in (source, target, edited, noop, floor)))


def test_au_errors_over_all_aus_and_over_those_that_should_change():
    figures = au_figures(
        source=[[0.0, 0.5], [0.2, 0.1]],
        target=[[1.0, 0.5], [0.3, 0.9]],  # AU06 of the first and AU12 of the second should change
        edited=[[0.6, 0.5], [0.3, 0.7]],
        noop=[[0.0, 0.5], [0.1, 0.1]],
        floor=[[0.9, 0.5], [0.3, 0.9]],
    )
    assert figures["edit"] == pytest.approx((0.4 + 0 + 0 + 0.2) / 4)
    assert figures["no_op"] == pytest.approx((1 + 0 + 0.2 + 0.8) / 4)
    assert figures["floor"] == pytest.approx(0.1 / 4)
    assert figures["share_of_gap_closed"] == pytest.approx((0.5 - 0.15) / (0.5 - 0.025))
    assert figures["changed.edit"] == pytest.approx((0.4 + 0.2) / 2)
    assert figures["changed.no_op"] == pytest.approx((1.0 + 0.8) / 2)
    assert figures["changed.floor"] == pytest.approx(0.05)
    assert figures["changed.share_of_gap_closed"] == pytest.approx((0.9 - 0.3) / (0.9 - 0.05))
    assert figures["AU12.edit"] == pytest.approx(0.1)
    assert figures["AU06.no_op"] == pytest.approx(0.6)


def test_where_no_au_should_change_the_figures_of_changes_are_not_known():
    same = [[0.5, 0.5]]
    figures = au_figures(same, same, [[0.4, 0.5]], same, same)
    assert math.isnan(figures["changed.edit"])
    assert math.isnan(figures["changed.share_of_gap_closed"])


@pytest.mark.parametrize(
    ("edit", "share"),
    [(0.5, 0.0), (0.1, 1.0), (0.3, 0.5), (0.7, -0.5)],
    ids=["copy", "truth", "half", "worse"],
)
def test_share_of_the_gap(edit, share):
    assert share_of_gap_closed(edit=edit, no_op=0.5, floor=0.1) == pytest.approx(share)


def test_without_a_gap_there_is_no_share():
    assert math.isnan(share_of_gap_closed(edit=0.2, no_op=0.1, floor=0.1))


def test_picture_errors_are_means_and_closer_counts_edits_above_the_copy():
    def by_region(face, mouth):
        return {"face": torch.tensor(face), "mouth": torch.tensor(mouth)}

    figures = PictureError()(
        edited_psnr=by_region([30.0, 20.0, 28.0, 27.0], [20.0] * 4),
        noop_psnr=by_region([29.0, 21.0, 28.0, 20.0], [21.0] * 4),
        edited_ssim=by_region([0.5] * 4, [0.5] * 4),
        noop_ssim=by_region([0.4] * 4, [0.4] * 4),
        edited_l1=by_region([0.1] * 4, [0.3] * 4),
        noop_l1=by_region([0.2] * 4, [0.2] * 4),
    )
    assert figures["face.psnr.edit"] == pytest.approx(26.25)
    assert figures["face.psnr.no_op"] == pytest.approx(24.5)
    assert figures["face.closer_than_copy"] == 0.5  # a tie is not closer
    assert figures["mouth.closer_than_copy"] == 0.0
    assert figures["mouth.l1.edit"] == pytest.approx(0.3)


@pytest.mark.parametrize(("copies", "redraws", "flag"), [(1.0, 0.0, 1.0), (0.0, 0.99, 1.0), (0.5, 0.4, 0.0)])
def test_attention_is_saturated_where_nearly_all_of_it_sticks_to_one_end(copies, redraws, flag):
    figures = Attention()(
        {"face": torch.tensor([0.2, 0.4])},
        {"face": torch.tensor([copies])},
        {"face": torch.tensor([redraws])},
    )
    assert figures["face.mean"] == pytest.approx(0.3)
    assert figures["face.saturated"] == flag


def test_self_edit_is_a_mean():
    assert SelfEdit()(torch.tensor([0.1, 0.3])) == {"l1": pytest.approx(0.2)}


def test_cycle_errors_are_means():
    found = CycleError()(torch.tensor([0.1, 0.3]), torch.tensor([30.0, 20.0]))
    assert found == {"l1": pytest.approx(0.2), "psnr": pytest.approx(25.0)}
