"""The baselines' recipes, layer by layer and number by number against the code their authors published."""

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrize

from efgan_kit.components.layers import ResidualBlock
from efgan_kit.components.losses.au_regression import AURegression
from efgan_kit.recipe import build_graph, build_losses, build_optimizer, build_schedule, load_recipe

BASELINES = ("ganimation", "stargan")
CONVOLUTIONS = (nn.Conv2d, nn.ConvTranspose2d)
NARROW = ["graph.generator.width=8", "graph.discriminators.final.width=8"]
TRUNK = [
    (3 + 17, 64, 7, 1, 3),
    (64, 128, 4, 2, 1),
    (128, 256, 4, 2, 1),
    *[(256, 256, 3, 1, 1)] * 12,
    (256, 128, 4, 2, 1),
    (128, 64, 4, 2, 1),
]
"""In, out, kernel, stride and padding of the generator that both papers share (networks/generator_wasserstein_gan.py of
albertpumarola/GANimation, model.py of yunjey/stargan)."""
CRITIC = [(3, 64, 4, 2, 1), *((64 * 2**k, 128 * 2**k, 4, 2, 1) for k in range(5))]


def graph_of(name, overrides=()):
    return build_graph(load_recipe(name, overrides=list(overrides)))


def at_full_width(name):
    with torch.device("meta"):
        return graph_of(name)


def convolutions(module):
    return [part for part in module.modules() if isinstance(part, CONVOLUTIONS)]


def shapes(module):
    return [(c.in_channels, c.out_channels, c.kernel_size[0], c.stride[0], c.padding[0]) for c in convolutions(module)]


@pytest.fixture(params=BASELINES)
def name(request):
    return request.param


# Networks ---------------------------------------------------------------


def test_a_baseline_is_one_generator_and_one_critic(name):
    graph = at_full_width(name)
    assert list(graph.generators) == ["face"]
    assert list(graph.initial_critics) == []
    assert graph.final_critic is not None
    assert [graph.refiner, graph.interpolator, graph.au_critic] == [None] * 3


def test_the_generators_have_the_published_layers(name):
    generator = at_full_width(name).generators["face"]
    heads = {"ganimation": [(64, 3, 7, 1, 3), (64, 1, 7, 1, 3)], "stargan": [(64, 3, 7, 1, 3)]}
    assert shapes(generator) == TRUNK + heads[name]
    norms = [part for part in generator.modules() if isinstance(part, nn.InstanceNorm2d)]
    assert [norm.affine for norm in norms] == [True] * len(TRUNK)


def test_the_critics_have_the_published_layers(name):
    critic = at_full_width(name).final_critic
    assert shapes(critic.body) == CRITIC
    assert shapes(critic.score) == [(2048, 1, 3, 1, 1)]
    assert shapes(critic.aus) == [(2048, 17, 2, 1, 0)]  # 128 pixels, halved six times
    assert [part.negative_slope for part in critic.body[1::2]] == [0.01] * 6


def test_nothing_is_spectrally_normalised(name):
    assert not [part for part in graph_of(name, NARROW).modules() if parametrize.is_parametrized(part)]


def test_residual_blocks_add_and_leave_the_sum_as_it_is(name):
    blocks = [part for part in graph_of(name, NARROW).modules() if isinstance(part, ResidualBlock)]
    assert len(blocks) == 6
    x = torch.randn(2, 32, 8, 8, generator=torch.Generator().manual_seed(0))
    assert torch.equal(blocks[0](x), x + blocks[0].body(x))


def test_every_convolution_of_ganimation_begins_normal():
    torch.manual_seed(0)
    for layer in convolutions(graph_of("ganimation", NARROW)):
        spread = layer.weight.std().item()
        assert spread == pytest.approx(0.02, rel=5 / (2 * layer.weight.numel()) ** 0.5)  # five standard errors
        assert layer.bias is None or not layer.bias.any()


def test_every_convolution_of_stargan_begins_as_torch_draws_it():
    torch.manual_seed(0)
    for layer in convolutions(graph_of("stargan", NARROW)):
        fan_in = layer.weight[0].numel()  # torch counts so for transposed convolutions too
        bound, largest = fan_in**-0.5, layer.weight.abs().max().item()
        assert 0.9 * bound < largest <= bound


# Losses ---------------------------------------------------------------


def test_the_weights_are_the_published_ones():
    weights = {name: {n: t.weight for n, t in load_recipe(name).losses.items()} for name in BASELINES}
    assert weights == {
        "ganimation": {
            "adversarial": 1, "conditional": 160, "content": 10, "attention": 0.1, "smoothness": 2.5e-4,
        },
        "stargan": {"adversarial": 1, "conditional": 1, "content": 10},
    }  # fmt: skip
    assert [build_losses(load_recipe(name))["adversarial"].penalty for name in BASELINES] == [10, 10]


def draws(*shape):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def test_ganimation_s_terms_are_those_of_its_code_at_its_batch_of_25():
    """lambda times what models/ganimation.py computes, written out."""
    recipe, terms = load_recipe("ganimation"), build_losses(load_recipe("ganimation"))
    read, wanted, edited = draws(25, 17), draws(25, 17).flip(0), draws(25, 1, 8, 8)
    mask = 1 - edited  # what its code calls the mask is 1 where the input is kept
    across, down = (mask[..., 1:] - mask[..., :-1]).abs(), (mask[..., 1:, :] - mask[..., :-1, :]).abs()
    published = {
        "conditional": 4000 * (read - wanted).pow(2).mean() / 25,
        "attention": 0.1 * mask.mean(),
        "smoothness": 1e-5 * (across.sum() + down.sum()),
    }
    ours = {
        "conditional": terms["conditional"].generator(read, wanted),
        "attention": terms["attention"].generator({"face": edited}),
        "smoothness": terms["smoothness"].generator({"face": edited}),
    }
    weighted = {name: float(recipe.losses[name].weight * loss) for name, loss in ours.items()}
    assert weighted == pytest.approx({name: float(loss) for name, loss in published.items()})


def test_stargan_s_comment_names_the_weight_that_asks_what_ganimation_asks():
    read, wanted = draws(4, 17), draws(4, 17).flip(0)
    mean, total = (AURegression(reduction=reduction).generator(read, wanted) for reduction in ("mean", "sum"))
    assert float(9.4 * total) == pytest.approx(float(160 * mean), rel=0.01)


# Training ---------------------------------------------------------------


def test_training_is_as_published(name):
    recipe = load_recipe(name)
    (group,) = build_optimizer(recipe, "generator", [nn.Parameter(torch.zeros(1))]).param_groups
    assert (group["lr"], tuple(group["betas"]), group["weight_decay"]) == (1e-4, (0.5, 0.999), 0)
    train = recipe.train
    lengths = {"ganimation": (30, None, 25, 0.1), "stargan": (None, 40_000, 16, 0)}
    assert (train.epochs, train.steps, train.batch_size, train.target_noise) == lengths[name]
    assert train.critic_steps == 5


def test_ganimation_s_rate_falls_over_the_last_10_of_30_epochs():
    schedule = build_schedule(load_recipe("ganimation"), steps=300, steps_per_epoch=10)
    assert [schedule(step) for step in (0, 199, 200, 250, 300)] == pytest.approx([1, 1, 1, 0.5, 0])


def test_stargan_s_rate_falls_over_the_second_half_of_200_000_critic_steps():
    recipe = load_recipe("stargan")
    steps = recipe.train.steps
    schedule = build_schedule(recipe, steps=steps, steps_per_epoch=10)
    assert steps * recipe.train.critic_steps == 200_000
    factors = [schedule(critic_step // 5) for critic_step in (0, 100_000, 150_000, 200_000)]
    assert factors == pytest.approx([1, 1, 0.5, 0])
