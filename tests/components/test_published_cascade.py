"""The published cascade's recipe against the supplement: section 1's last sentence, sections 2 and 3."""

import pytest
import torch
from torch import nn

from efgan_kit.api import EfganError
from efgan_kit.recipe import build_optimizer, build_schedule, load_recipe
from efgan_kit.recipe.dump import to_plain


@pytest.fixture(scope="module")
def recipe():
    return load_recipe("cascade-ef-gan", allow_missing=True)  # the run of the trained EF-GAN


def test_each_module_is_the_published_ef_gan_under_its_loss(recipe):
    single, cascade = to_plain(load_recipe("ef-gan")), to_plain(recipe)
    assert cascade["losses"] == single["losses"]
    assert cascade["faces"] == single["faces"]
    parts = ("generator", "refiner", "discriminators", "interpolator", "au_discriminator", "soft_edge")
    assert {part: cascade["graph"][part] for part in parts} == {part: single["graph"][part] for part in parts}


def test_it_must_be_told_which_trained_ef_gan_it_starts_from():
    with pytest.raises(EfganError, match=r"graph\.start_from: a value is missing"):
        load_recipe("cascade-ef-gan")


def test_its_rate_starts_from_a_tenth_of_the_ef_gans(recipe):
    for player in ("generator", "discriminator", "interpolator"):
        optimizer = build_optimizer(recipe, player, [nn.Parameter(torch.zeros(1))])
        assert isinstance(optimizer, torch.optim.Adam)
        (group,) = optimizer.param_groups
        assert (group["lr"], tuple(group["betas"])) == (1e-5, (0.5, 0.999))


def test_its_rate_stays_for_10_epochs_and_falls_to_0_over_10_more(recipe):
    assert (recipe.train.epochs, recipe.train.batch_size) == (20, 2)
    schedule = build_schedule(recipe, steps=200, steps_per_epoch=10)  # 20 epochs of 10 steps
    rates = {step: 1e-5 * schedule(step) for step in (0, 50, 99, 100, 150, 180, 199)}
    assert rates == pytest.approx({0: 1e-5, 50: 1e-5, 99: 1e-5, 100: 1e-5, 150: 5e-6, 180: 2e-6, 199: 1e-7}, rel=1e-9)
    assert schedule(200) == 0
