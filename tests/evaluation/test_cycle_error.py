"""Edits edited back: what the way back loses, and that a figure which a copy gets for nothing is told as one."""

import attrs
import pytest
import torch
from torch import nn

from efgan_kit.api import Edited
from efgan_kit.evaluation import evaluate, examine_run, print_evaluation
from efgan_kit.evaluation.caveats import caveats_about
from efgan_kit.recipe import load_recipe
from efgan_kit.training import load_trained

pytestmark = pytest.mark.usefixtures("quick_judge")


@pytest.fixture
def trained(tiny_run):
    return load_trained(tiny_run, "cpu")


class Brighten(nn.Module):
    """A graph that adds a fifth of how much more is asked for, and forgets a share of that on the way back."""

    def __init__(self, forgets):
        super().__init__()
        self.forgets = forgets

    def edit(self, source, landmarks, source_aus, target_aus):
        change = (target_aus - source_aus).mean(dim=1)[:, None, None, None] / 5
        kept = torch.where(change < 0, 1 - self.forgets, 1.0)
        image = source + kept * change
        return Edited(image, image, torch.zeros_like(source[:, :1]), (image,))


def test_what_the_way_back_forgets_is_the_cycle_error(trained, capsys):
    whole = evaluate(attrs.evolve(trained, graph=Brighten(0.0)), write=False).figures["cycle-error"]
    assert whole["l1"] == pytest.approx(0, abs=1e-6)
    found, measurement, *_ = examine_run(attrs.evolve(trained, graph=Brighten(0.5)), write=False)
    change = (measurement.values["target_aus"] - measurement.values["source_aus"]).mean(dim=1).abs() / 5
    # Half of every darkening is forgotten, there or back, and none of the brightening: half of the change remains.
    assert measurement.values["cycle_l1"].tolist() == pytest.approx((change / 2).tolist(), abs=1e-6)
    assert found.main["cycle_l1"] == found.figures["cycle-error"]["l1"] == pytest.approx(change.mean().item() / 2)
    psnr = (20 * torch.log10(2 / (change / 2))).clamp_max(100)
    assert found.figures["cycle-error"]["psnr"] == pytest.approx(psnr.mean().item(), abs=1e-2)
    assert set(found.intervals["cycle-error"]) == {"l1", "psnr"}
    print_evaluation(found)
    assert "a copy of the source would score perfectly" in capsys.readouterr().out


def test_a_second_edit_is_made_only_if_it_is_asked_for(trained):
    edits = []

    class Counted(Brighten):
        def edit(self, source, landmarks, source_aus, target_aus):
            edits.append(len(source))
            return super().edit(source, landmarks, source_aus, target_aus)

    recipe = load_recipe(str(trained.path / "recipe.yaml"), ["metrics=[picture-error]"])
    evaluate(attrs.evolve(trained, graph=Counted(0.0), recipe=recipe), write=False)
    assert edits == [12]


def test_a_cycle_error_of_edits_that_do_nothing_is_warned_of():
    cycle = {"l1": 0.001, "psnr": 60.0}
    assert caveats_about({"cycle-error": cycle, "au-error": {"share_of_gap_closed": 0.02}})
    assert not caveats_about({"cycle-error": cycle, "au-error": {"share_of_gap_closed": 0.6}})
    assert not caveats_about({"cycle-error": cycle})
