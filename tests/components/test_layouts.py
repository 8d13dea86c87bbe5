"""The published networks at full width, layer by layer, in Fig. 1's notation: Conv(Nin, Nout, k, s, p).

The supplement's text gives depths, activations and normalisation; the layers' sizes are GANimation's (generators and
refiner) and StarGAN's (critics), as docs/paper.md records.
"""

import itertools

import pytest
import torch
from torch import nn

from efgan_kit.components.au_planes import au_planes
from efgan_kit.recipe import load_recipe

BRANCHES = ("face", "eyes", "nose", "mouth")
RECIPE = load_recipe("ef-gan")
C = len(RECIPE.faces.aus)
"""Fig. 1: parameter c denotes the dimension of the AUs label."""
TRUNK = [
    (64, 128, 4, 2, 1),
    (128, 256, 4, 2, 1),
    *[(256, 256, 3, 1, 1)] * 12,  # six residual blocks
    (256, 128, 4, 2, 1),
    (128, 64, 4, 2, 1),
]


def at_full_width(region, *path):
    """A part of the published graph at its full width, without its numbers."""
    use = RECIPE.graph.params
    for key in path:
        use = use[key]
    given = {"region": RECIPE.faces.regions[region]}
    with torch.device("meta"):
        return use.maker()(**given) if path == ("refiner",) else use.maker()(**given, aus=C)


def layers(module):
    """Its convolutions in order, as (Nin, Nout, k, s, p)."""
    return [
        (part.in_channels, part.out_channels, part.kernel_size[0], part.stride[0], part.padding[0])
        for part in module.modules()
        if isinstance(part, nn.Conv2d | nn.ConvTranspose2d)
    ]


@pytest.mark.parametrize("branch", BRANCHES)
def test_all_four_branches_have_the_same_layers(branch):
    generator = at_full_width(branch, "generator")
    first, colour, attention = (3 + C, 64, 7, 1, 3), (64, 3, 7, 1, 3), (64, 1, 7, 1, 3)
    assert layers(generator) == [first, *TRUNK, colour, attention]


def test_the_refiner_has_the_generators_layers_and_one_picture_in_the_end():
    refiner = at_full_width("face", "refiner")
    assert layers(refiner) == [(3 + 3, 64, 7, 1, 3), *TRUNK, (64, 3, 7, 1, 3)]


@pytest.mark.parametrize("part", ["generator", "refiner"])
def test_the_last_two_layers_of_a_trunk_double_its_size(part):
    trunk = at_full_width("face", part).trunk
    doubles = [isinstance(part, nn.ConvTranspose2d) for part in trunk.modules() if hasattr(part, "kernel_size")]
    assert doubles == [False] * 15 + [True] * 2


def critic_of(name):
    return (
        at_full_width("face", "discriminators", "final")
        if name == "final"
        else at_full_width(name, "discriminators", "initial")
    )


@pytest.mark.parametrize(("critic", "bottlenecks"), [("final", 5), ("face", 5), ("eyes", 3), ("nose", 3), ("mouth", 3)])
def test_critics_are_an_input_layer_and_their_bottleneck_layers_with_leaky_relus(critic, bottlenecks):
    module = critic_of(critic)
    widths = [3, *(64 * 2**k for k in range(bottlenecks + 1))]
    assert layers(module.body) == [(n_in, n_out, 4, 2, 1) for n_in, n_out in itertools.pairwise(widths)]
    activations = module.body[1::2]
    assert len(activations) == bottlenecks + 1
    assert [(type(a), a.negative_slope) for a in activations] == [(nn.LeakyReLU, 0.01)] * len(activations)
    norms = (nn.modules.batchnorm._NormBase, nn.LayerNorm, nn.GroupNorm)
    assert not [part for part in module.modules() if isinstance(part, norms)]


def test_the_au_layer_is_fully_connected():
    """Fig. 1's Linear(Nin, Nout): one window over the whole of 2048 maps of 2x2 is one product with all 8192."""
    head = critic_of("final").aus
    features = torch.randn(2, 2048, 2, 2, generator=torch.Generator().manual_seed(0))
    weight = torch.randn(C, 2048, 2, 2, generator=torch.Generator().manual_seed(1))
    assert head.weight.shape == weight.shape
    assert head.bias is None
    expected = nn.functional.linear(features.flatten(1), weight.flatten(1))
    found = head.to_empty(device="cpu").requires_grad_(False)
    found.weight.copy_(weight)
    assert torch.allclose(found(features).flatten(1), expected, atol=1e-3)


def test_aus_enter_as_c_constant_planes_beside_the_picture():
    image, aus = torch.full((1, 3, 2, 2), 9.0), torch.tensor([[0.25, 0.75]])
    planes = au_planes(aus, image)[0]
    assert torch.equal(planes[:3], image[0])
    assert [plane.unique().tolist() for plane in planes[3:]] == [[0.25], [0.75]]
    assert C == 17
