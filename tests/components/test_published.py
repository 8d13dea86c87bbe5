"""The published recipe, line by line against the paper's supplement (sections 1 to 3, Fig. 1)."""

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrize

from efgan_kit.components.layers import ResidualBlock, regularised
from efgan_kit.recipe import build_graph, build_losses, build_optimizer, build_schedule, load_recipe
from efgan_kit.testing.graphs import step_values
from efgan_kit.testing.scenes import SQUARE, Scene

LOCAL = ("eyes", "nose", "mouth")
NARROW = [
    "graph.generator.width=8",
    "graph.refiner.width=8",
    "graph.discriminators.initial.width=8",
    "graph.discriminators.final.width=8",
]
CONVOLUTIONS = (nn.Conv2d, nn.ConvTranspose2d)


@pytest.fixture(scope="module")
def recipe():
    return load_recipe("ef-gan")


@pytest.fixture(scope="module")
def graph():
    """The published graph, eight times narrower."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return build_graph(load_recipe("ef-gan", overrides=NARROW))


def convolutions(module):
    return {name: part for name, part in module.named_modules() if isinstance(part, CONVOLUTIONS)}


def outputs(graph):
    """The output layers, which the supplement excepts."""
    layers = [
        layer for generator in graph.generators.values() for layer in (generator.colour, generator.attention)
    ]
    layers.append(graph.refiner.output)
    critics = [*graph.initial_critics.values(), graph.final_critic]
    return [*layers, *(critic.score for critic in critics), graph.final_critic.aus]


def hidden(graph):
    """All convolutions but the output layers, by name."""
    excepted = {id(layer) for layer in outputs(graph)}
    return {name: layer for name, layer in convolutions(graph).items() if id(layer) not in excepted}


# Section 1: the loss ---------------------------------------------------------------


def test_the_loss_is_the_sum_of_equation_6(recipe):
    weights = {name: term.weight for name, term in recipe.losses.items()}
    assert weights == {
        "adversarial": 1,
        "conditional": 3000,
        "content": 10,
        "attention": 0.1,
        "interpolation": 1,
    }
    assert [term.every for term in recipe.losses.values()] == [1] * 5
    terms = build_losses(recipe)
    assert terms["adversarial"].penalty == 10
    assert terms["interpolation"].realism == 0.1
    assert terms["interpolation"].reduction == "norm"
    assert terms["conditional"].reduction == "sum"
    assert terms["attention"].reduction == "norm"


def test_every_term_can_be_computed_and_teaches(graph):
    """One step's losses on two small faces, from the graph as published."""
    scene = Scene(load_recipe("ef-gan").faces, SQUARE.region)
    values = step_values(graph, scene)
    for player, modules in graph.players().items():
        values.begin(player)
        for term in build_losses(load_recipe("ef-gan")).values():
            if not hasattr(term, player):
                continue
            names = getattr(term, player).__code__.co_varnames[1 : getattr(term, player).__code__.co_argcount]
            asked = {n: torch.Generator().manual_seed(0) if n == "random" else values[n] for n in names}
            loss = getattr(term, player)(**asked)
            assert loss.isfinite()
            parameters = [p for module in modules for p in module.parameters()]
            gradients = torch.autograd.grad(loss, parameters, allow_unused=True, retain_graph=True)
            assert any(g is not None and g.any() for g in gradients), (player, type(term).__name__)


def test_critics_see_real_and_edited_pictures_of_their_own_region(graph):
    scene = Scene(load_recipe("ef-gan").faces, SQUARE.region)
    values = step_values(graph, scene, batch=1)
    with torch.no_grad():
        critics, real, fake = (values[name] for name in ("critics", "critic_real", "critic_fake"))
        pictures = values["fake_images"]
    assert set(critics) == set(real) == set(fake) == {"final", "face", *LOCAL}
    sizes = {name: (picture.shape[-2], picture.shape[-1]) for name, picture in pictures.items()}
    assert sizes == {
        "final": (128, 128),
        "face": (128, 128),
        "eyes": (40, 92),
        "nose": (40, 48),
        "mouth": (40, 60),
    }
    assert torch.equal(pictures["final"], values["edited"])
    assert torch.equal(pictures["face"], values["initial"]["face"])


# Section 2: the networks ---------------------------------------------------------------


def test_there_is_a_generator_and_a_critic_for_each_branch(graph):
    assert list(graph.generators) == list(graph.initial_critics) == ["face", *LOCAL]
    assert graph.refiner is not None
    assert graph.final_critic is not None


def test_no_two_modules_share_weights(graph):
    modules = [
        *graph.generators.values(),
        graph.refiner,
        *graph.initial_critics.values(),
        graph.final_critic,
        graph.interpolator,
        graph.au_critic,
    ]
    owned = [{parameter.data_ptr() for parameter in module.parameters()} for module in modules]
    assert len(set.union(*owned)) == sum(map(len, owned))


@pytest.mark.parametrize("branch", ["face", *LOCAL, "refiner"])
def test_generator_and_refiner_normalise_and_rectify_every_convolution_but_the_last(graph, branch):
    trunk = (graph.refiner if branch == "refiner" else graph.generators[branch]).trunk
    blocks = [part for part in trunk if isinstance(part, ResidualBlock)]
    assert len(blocks) == 6
    plain = [part for part in trunk if not isinstance(part, ResidualBlock)]
    for sequence in (*plain, *(block.body[0] for block in blocks)):
        convolution, norm, activation = sequence
        assert isinstance(convolution, CONVOLUTIONS)
        assert isinstance(norm, nn.InstanceNorm2d)
        assert isinstance(activation, nn.ReLU)
    for block in blocks:
        _, second, norm = block.body
        assert isinstance(second, nn.Conv2d)
        assert isinstance(norm, nn.InstanceNorm2d)
        x = torch.randn(1, norm.num_features, 8, 8)
        block.eval()
        assert torch.equal(block(x.clone()), (x + block.body(x.clone())).relu())  # rectified after the skip
    seen = len(plain) + 2 * len(blocks)
    assert seen == len(convolutions(trunk))


def test_only_the_final_discriminator_predicts_aus(graph):
    assert graph.final_critic.aus.out_channels == 17
    assert [critic.aus for critic in graph.initial_critics.values()] == [None] * 4
    face = torch.zeros(2, 3, 128, 128)
    assert graph.final_critic(face).aus.shape == (2, 17)
    assert graph.initial_critics["face"](face).aus is None


# Section 3: training ---------------------------------------------------------------


def test_every_convolution_but_the_output_layers_is_spectrally_normalised(graph):
    normalised = {
        name for name, layer in convolutions(graph).items() if parametrize.is_parametrized(layer, "weight")
    }
    assert normalised == set(hidden(graph))
    assert len(normalised) == 5 * 17 + 2 * 6 + 3 * 4  # five trunks, two large critics, three small ones


def test_every_convolution_but_the_output_layers_begins_orthogonal(graph):
    for name, layer in hidden(graph).items():
        rows = layer.parametrizations.weight.original.detach().flatten(1)
        gram = rows @ rows.T if len(rows) <= rows.shape[1] else rows.T @ rows
        assert torch.allclose(gram, torch.eye(len(gram)), atol=1e-4), name


def test_spectral_normalisation_bounds_the_largest_singular_value():
    torch.manual_seed(0)
    layer = regularised(nn.Conv2d(3, 8, 3))
    with torch.no_grad():
        layer.parametrizations.weight.original.mul_(7).add_(torch.randn(8, 3, 3, 3))
    before = torch.linalg.matrix_norm(layer.parametrizations.weight.original.flatten(1), 2)
    for _ in range(60):
        layer(torch.zeros(1, 3, 4, 4))
    after = torch.linalg.matrix_norm(layer.weight.detach().flatten(1), 2)
    assert before > 5
    assert after == pytest.approx(1, abs=0.01)


def test_adam_has_the_published_settings(recipe):
    for player in ("generator", "discriminator", "interpolator"):
        optimizer = build_optimizer(recipe, player, [nn.Parameter(torch.zeros(1))])
        assert isinstance(optimizer, torch.optim.Adam)
        (group,) = optimizer.param_groups
        assert (group["lr"], tuple(group["betas"]), group["weight_decay"]) == (1e-4, (0.5, 0.999), 0)


def test_training_goes_through_the_faces_a_hundred_times_in_pairs(recipe):
    assert (recipe.train.epochs, recipe.train.steps, recipe.train.batch_size) == (100, None, 2)


def test_the_rate_is_constant_for_50_epochs_and_then_falls_to_0(recipe):
    schedule = build_schedule(recipe, steps=1000, steps_per_epoch=10)  # 100 epochs of 10 steps
    rates = {step: 1e-4 * schedule(step) for step in (0, 250, 499, 500, 750, 900, 999)}
    assert rates == pytest.approx(
        {0: 1e-4, 250: 1e-4, 499: 1e-4, 500: 1e-4, 750: 5e-5, 900: 2e-5, 999: 2e-7}, rel=1e-9
    )
    assert schedule(1000) == 0
