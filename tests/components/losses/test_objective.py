"""Equation 6: the total of the published recipe's terms under its weights, by hand, for each player."""

import pytest
import torch
from torch import nn

from efgan_kit.recipe import build_losses, load_recipe
from efgan_kit.training.phases import Phase, live_terms
from efgan_kit.training.precision import Precision
from efgan_kit.training.values import StepValues

from .conftest import FAKE, NAMES, REAL, AUSlope, draw, five_critics, pixels, scores, vectors


class Told(Precision):
    """Keeps the total that a phase would teach, and moves nothing."""

    def __init__(self):
        super().__init__("fp32", torch.device("cpu"))

    def backward(self, loss):
        self.total = loss.item()

    def step(self, optimizer, parameters, clip):
        return True


def scene_by_hand():
    """Named values of one face, in numbers so small that every loss can be worked out in the head."""
    critics = five_critics()
    return {
        "critics": critics,
        "real_images": REAL,
        "fake_images": FAKE,
        "critic_real": scores(critics, REAL),
        "critic_fake": scores(critics, FAKE),
        "real_aus": vectors([0, 1]),
        "real_aus_read": vectors([1, 1]),  # (1 - 0)^2 = 1 from the source's
        "target_aus": vectors([1, 0]),
        "edited_aus_read": vectors([0, 1]),  # 1 + 1 = 2 from the target
        "source": pixels(2),
        "reconstruction": pixels(5),  # 3 from the source
        "attention": {name: torch.ones(1, 1, side, side) for side, name in enumerate(NAMES[1:], start=1)},
        "au_judge": AUSlope(3, 4),  # the norm of its gradient is 5
        "interpolated_aus": vectors([1, 0]),  # scores 3; the source's AUs score 4
        "linear_aus": vectors([1, 5]),  # 5 away from it
    }


def total(player, *scenes):
    """What the player would be taught by, over all modules; a single EF-GAN is one."""
    recipe = load_recipe("ef-gan")
    terms, entries = build_losses(recipe), recipe.losses.items()
    weights = {name: entry.weight_for(player) for name, entry in entries}
    live = live_terms(player, terms, weights, {name: entry.every for name, entry in entries})
    unused = nn.Linear(1, 1)
    phase = Phase(player, [unused], live, torch.optim.SGD(unused.parameters(), lr=1))
    told = Told()
    modules = [StepValues({}, scene, lambda consumer: draw()) for scene in scenes or [scene_by_hand()]]
    phase.run(modules, 0, told)
    return told.total


def test_eq_6_for_the_generators():
    """Eq. 1: D(fake) is 5 + 8 + 9 + 8 + 5 = 35. Eq. 2: 2. Eq. 3: 3. Eq. 4: 1 + 2 + 3 + 4 = 10."""
    assert total("generator") == pytest.approx(1 * -35 + 3000 * 2 + 10 * 3 + 0.1 * 10)  # 5996


def test_eq_6_for_the_critics():
    """Eq. 1: 35 - 6 * 15 + 10 * (0 + 1 + 4 + 9 + 16) = 245. Eq. 2: 1. Eq. 5: 3 - 4 + 10 * (5 - 1)^2 = 159."""
    assert total("discriminator") == pytest.approx(1 * 245 + 3000 * 1 + 1 * 159)  # 3404


def test_eq_6_for_the_interpolator():
    """Eq. 5: 5 away from the line, and a tenth of the score 3."""
    assert total("interpolator") == pytest.approx(1 * (5 - 0.1 * 3))


def test_the_total_of_a_cascade_is_the_sum_over_its_modules_with_equal_weights():
    """The second module reads the AUs that were wanted, so its Eq. 2 is 0; the third reconstructs, so its Eq. 3 is."""
    second = {**scene_by_hand(), "edited_aus_read": vectors([1, 0])}
    third = {**scene_by_hand(), "reconstruction": pixels(2)}
    alone = [total("generator", scene) for scene in (scene_by_hand(), second, third)]
    assert alone == pytest.approx([5996, -4, 5966])
    assert total("generator", scene_by_hand(), second, third) == pytest.approx(5996 - 4 + 5966)
