"""Trainings of the tiny recipe to look into, alone and as a cascade of two, and a run of it."""

from pathlib import Path

import pytest
import torch

TINY = Path(__file__).parents[2] / "training" / "recipes" / "tiny.yaml"
PARTS = (
    "generator: {use: warp-and-paint, width: 4, blocks: 1}, refiner: {use: residual-refiner, width: 4, blocks: 1},"
    " discriminators: {initial: {use: patch-critic, width: 4, layers: 1, spectral_norm: true},"
    " final: {use: patch-critic, width: 4, layers: 2, predicts_aus: true, spectral_norm: true}},"
    " interpolator: {use: residual-mlp, width: 8}, au_discriminator: {use: au-critic, width: 8}"
)
SINGLE = f"graph={{use: ef-gan, {PARTS}}}"
CASCADE = f"graph={{use: cascade-ef-gan, modules: 2, {PARTS}}}"


@pytest.fixture(scope="session")
def tiny():
    """The tiny recipe with overrides."""
    from efgan_kit.recipe import load_recipe

    return lambda *overrides: load_recipe(TINY, overrides=list(overrides))


@pytest.fixture
def prepared(tiny):
    """A training of the tiny recipe that has not begun."""
    from efgan_kit.training.loop import prepare

    return lambda *overrides: prepare(tiny(*overrides), torch.device("cpu"))


@pytest.fixture
def single(prepared):
    """A training of one EF-GAN, whose critics have buffers that move with every forward."""
    return prepared(SINGLE)


@pytest.fixture
def cascade(prepared):
    """The same parts in two modules."""
    return prepared(CASCADE)


@pytest.fixture
def sharing(prepared):
    """Two modules that share their critics."""
    return prepared(CASCADE.replace("modules: 2", "modules: 2, share_discriminators: true"))


@pytest.fixture(scope="session")
def trained(tiny, tmp_path_factory):
    """A run of 8 steps with checkpoints at 4 and 8; to be copied before anything is done to it."""
    from efgan_kit.training import train

    run = tmp_path_factory.mktemp("explained") / "run"
    train(tiny(), run=run, device="cpu", quiet=True)
    return run
