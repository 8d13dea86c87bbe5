"""Generators, refiners, critics, interpolators: what each promises beyond its kind's contract."""

from functools import partial

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from efgan_kit.api import Region
from efgan_kit.components.discriminators.patch_critic import PatchCritic
from efgan_kit.components.generators.attention_resnet import AttentionResNet
from efgan_kit.components.generators.direct_resnet import DirectResNet
from efgan_kit.components.generators.warp_and_paint import WarpAndPaint, warp
from efgan_kit.components.interpolators.au_critic import AUCritic
from efgan_kit.components.interpolators.linear import Linear
from efgan_kit.components.interpolators.residual_mlp import ResidualMLP
from efgan_kit.components.refiners.paste_and_refine import PasteAndRefine
from efgan_kit.components.refiners.residual_refiner import ResidualRefiner

FACE, MOUTH = Region("face", 64, 64), Region("mouth", 28, 40)
ATTENTIVE = [AttentionResNet, WarpAndPaint]
GREY = 1 / 127.5
"""A step of the grey scale: pictures are written in 256 of them."""


def noise(*shape, seed=0):
    return 2 * torch.rand(*shape, generator=torch.Generator().manual_seed(seed)) - 1


def aus(batch=2, units=5, seed=0):
    return torch.rand(batch, units, generator=torch.Generator().manual_seed(seed))


@pytest.fixture(autouse=True)
def _seeded():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        yield


def stirred(module, by=0.1):
    """The module with noise on its weights, as if it had learned something."""
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(by * torch.randn_like(parameter))
    return module.eval()


# Sizes --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "key", "least"),
    [
        (partial(AttentionResNet, MOUTH, 5), "width", 1),
        (partial(AttentionResNet, MOUTH, 5, width=4), "blocks", 0),
        (partial(DirectResNet, MOUTH, 5), "width", 1),
        (partial(DirectResNet, MOUTH, 5, width=4), "blocks", 0),
        (partial(WarpAndPaint, MOUTH, 5), "width", 1),
        (partial(WarpAndPaint, MOUTH, 5, width=4), "code", 1),
        (partial(WarpAndPaint, MOUTH, 5, width=4), "blocks", 0),
        (partial(WarpAndPaint, MOUTH, 5, width=4), "reach", 0),
        (partial(PasteAndRefine, FACE), "width", 1),
        (partial(PasteAndRefine, FACE, width=4), "blocks", 0),
        (partial(ResidualRefiner, FACE), "width", 1),
        (partial(ResidualRefiner, FACE), "blocks", 0),
        (partial(PatchCritic, FACE, 5, layers=2), "width", 1),
        (partial(PatchCritic, FACE, 5, layers=2), "most", 1),
        (partial(PatchCritic, FACE, 5, width=4), "layers", 0),
        (partial(PatchCritic, FACE, 5, layers=2, width=4), "slope", 0),
        (partial(ResidualMLP, 5), "width", 1),
        (partial(AUCritic, 5), "depth", 0),
    ],
)
def test_a_size_that_is_none_is_refused_and_the_smallest_is_made(make, key, least):
    for wrong in (least - 1, -3):
        with pytest.raises(ValueError, match=f"{key} is {wrong}: {least} or more is wanted"):
            make(**{key: wrong})
    make(**{key: least})


# Generators ---------------------------------------------------------------


@pytest.mark.parametrize("generator", [*ATTENTIVE, DirectResNet])
@pytest.mark.parametrize("size", [(30, 40), (40, 30)])
def test_a_region_that_cannot_be_quartered_is_refused(generator, size):
    with pytest.raises(ValueError, match=f"mouth is {size[0]}x{size[1]}: both must be multiples of 4"):
        generator(Region("mouth", *size), 5, width=4)


@pytest.mark.parametrize("generator", ATTENTIVE)
def test_where_attention_is_1_the_colour_map_shows(generator):
    module = generator(MOUTH, 5, width=4, attention_bias=60.0)
    image = noise(2, 3, 28, 40)
    edit = module(image, aus(), aus(seed=1))
    assert float(edit.attention.detach().min()) == 1
    assert torch.equal(edit.image, edit.colour)
    closed = generator(MOUTH, 5, width=4, attention_bias=-60.0)(image, aus(), aus(seed=1))
    assert torch.allclose(closed.image, image, atol=1e-6)


@pytest.mark.parametrize("generator", [AttentionResNet, DirectResNet])
def test_the_published_generator_answers_to_the_target_alone(generator):
    module, image = stirred(generator(MOUTH, 5, width=4, blocks=1)), noise(2, 3, 28, 40)
    first = module(image, aus(), aus(seed=1)).image
    assert torch.equal(first, module(image, aus(seed=2), aus(seed=1)).image)
    assert not torch.equal(first, module(image, aus(), aus(seed=2)).image)


@pytest.mark.parametrize("generator", [AttentionResNet, DirectResNet])
@pytest.mark.parametrize("upsampling", ["transposed", "bilinear"])
def test_both_ways_of_growing_fit(generator, upsampling):
    edit = generator(MOUTH, 5, width=4, blocks=1, upsampling=upsampling)(noise(1, 3, 28, 40), aus(1), aus(1))
    assert edit.image.shape == (1, 3, 28, 40)


def test_a_direct_generator_redraws_everything_and_keeps_nothing_of_its_input():
    module = stirred(DirectResNet(MOUTH, 5, width=4, blocks=1), by=0.3)
    edit = module(noise(2, 3, 28, 40), aus(), aus(seed=1))
    assert torch.equal(edit.image, edit.colour)
    assert torch.equal(edit.attention, torch.ones(2, 1, 28, 40))
    assert not edit.attention.requires_grad


def test_no_change_of_aus_changes_no_grey():
    """Whatever it has learned: to a hundredth of a step of the grey scale."""
    module, image = stirred(WarpAndPaint(MOUTH, 5, width=8)), noise(2, 3, 28, 40)
    edit = module(image, aus(), aus())
    assert (edit.image - image).abs().max().item() < GREY / 100
    assert edit.flow.abs().max().item() == 0
    assert not torch.allclose(module(image, aus(), aus(seed=1)).image, image, atol=GREY)


def test_displacements_stay_within_reach():
    module = stirred(WarpAndPaint(MOUTH, 5, width=8, reach=2.5), by=1.0)
    flow = module(noise(2, 3, 28, 40), aus(), aus(seed=1)).flow
    assert 1 < flow.abs().max().item() <= 2.5


def test_a_negative_reach_is_refused():
    with pytest.raises(ValueError, match="reach is -1"):
        WarpAndPaint(MOUTH, 5, reach=-1)


def test_an_integer_flow_shifts_the_picture():
    image = noise(1, 3, 9, 12)
    flow = torch.zeros(1, 2, 9, 12)
    flow[:, 0], flow[:, 1] = 3, -2  # each pixel shows what lies 3 to its right and 2 above
    moved = warp(image, flow)
    assert torch.allclose(moved[..., 2:, :-3], image[..., :-2, 3:], atol=1e-5)
    assert torch.allclose(moved[..., 2:, -1], image[..., :-2, -1], atol=1e-5)  # the edge is repeated


def test_half_a_pixel_lies_between_two():
    image = torch.arange(8.0).reshape(1, 1, 1, 8).expand(1, 3, 4, 8)
    flow = torch.zeros(1, 2, 4, 8)
    flow[:, 0] = 0.5
    assert torch.allclose(warp(image, flow)[0, 0, 0, :7], torch.arange(7.0) + 0.5, atol=1e-5)


def test_gradients_pass_through_a_warp():
    image = noise(1, 3, 5, 6).double().requires_grad_()
    flow = (0.3 + 0.4 * torch.rand(1, 2, 5, 6)).double().requires_grad_()  # away from whole pixels
    assert torch.autograd.gradcheck(lambda i, f: warp(i, f)[..., :-1, :-1], (image, flow), fast_mode=True)


# Refiners ---------------------------------------------------------------


@pytest.mark.parametrize("refiner", [PasteAndRefine, ResidualRefiner])
@pytest.mark.parametrize("batch", [1, 3])
def test_a_refiner_returns_a_picture(refiner, batch):
    module = stirred(refiner(FACE, width=4), by=0.3)
    final = module(noise(batch, 3, 64, 64), noise(batch, 3, 64, 64, seed=1))
    assert final.shape == (batch, 3, 64, 64)
    assert final.abs().max().item() <= 1


@pytest.mark.parametrize(("refiner", "size"), [(PasteAndRefine, 66), (ResidualRefiner, 65)])
def test_a_refiner_refuses_a_face_that_it_would_return_smaller(refiner, size):
    with pytest.raises(ValueError, match=f"the face is {size}x{size}: both must be"):
        refiner(Region("face", size, size))


def test_a_fresh_residual_refiner_returns_the_pasted_face():
    pasted = noise(2, 3, 64, 64, seed=1)
    assert torch.equal(ResidualRefiner(FACE, width=4)(noise(2, 3, 64, 64), pasted), pasted)


# Critics ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("region", "layers", "shape"), [(FACE, 3, (4, 4)), (FACE, 5, (1, 1)), (MOUTH, 2, (3, 5))]
)
def test_each_layer_halves_the_map_of_scores(region, layers, shape):
    critic = PatchCritic(region, 5, width=4, layers=layers, predicts_aus=True)
    verdict = critic(noise(2, 3, region.height, region.width))
    assert verdict.score.shape == (2, 1, *shape)
    assert verdict.aus.shape == (2, 5)


def test_more_halvings_than_pixels_are_refused():
    PatchCritic(MOUTH, 5, width=4, layers=3)
    with pytest.raises(
        ValueError, match=r"layers is 4: 5 halvings leave nothing of region mouth, 28x40 pixels"
    ):
        PatchCritic(MOUTH, 5, width=4, layers=4)


def test_channels_double_up_to_a_limit():
    critic = PatchCritic(FACE, 5, width=4, layers=4, most=16)
    assert [layer.out_channels for layer in critic.body[::2]] == [4, 8, 16, 16, 16]


# Interpolators ---------------------------------------------------------------


SEEDS = st.integers(0, 2**31 - 1)
FACES, SCALES = st.integers(1, 9), st.floats(0, 3)


def interpolator(make, seed, scale):
    """One whose weights are noise of that scale added to its first ones, as if it had learned anything at all."""
    torch.manual_seed(seed)
    return stirred(make(), by=scale)


def endpoints(faces, seed):
    """Source AUs, some of them at 0 and 1 exactly, and residuals up to 2 that may lead out of [0, 1]."""
    source = (2 * aus(faces, 17, seed) - 0.5).clamp(0, 1)
    return source, 2 * noise(faces, 17, seed=seed + 1)


@pytest.mark.parametrize("make", [partial(ResidualMLP, 17), Linear])
@given(seed=SEEDS, scale=SCALES, faces=FACES)
def test_no_residual_leaves_the_aus_as_they_are(make, seed, scale, faces):
    """To the last bit, whatever it has learned, and whichever of the faces of a batch have none."""
    source, residual = endpoints(faces, seed)
    rests = torch.arange(faces) % 2 == 0
    reached = interpolator(make, seed, scale)(source, residual.masked_fill(rests[:, None], 0))
    assert torch.equal(reached[rests], source[rests])


@pytest.mark.parametrize("make", [partial(ResidualMLP, 17), Linear])
@given(seed=SEEDS, scale=SCALES, faces=FACES)
def test_interpolated_aus_stay_between_0_and_1(make, seed, scale, faces):
    reached = interpolator(make, seed, scale)(*endpoints(faces, seed)).detach()
    assert float(reached.min()) >= 0
    assert float(reached.max()) <= 1


def test_the_straight_line_is_the_sum_clamped():
    source, residual = torch.tensor([[0.25, 0.5, 0.9]]), torch.tensor([[0.5, -0.75, 0.5]])
    assert torch.equal(Linear()(source, residual), torch.tensor([[0.75, 0.0, 1.0]]))


def test_verdicts_are_not_rounded_to_autocasts_format():
    critic = PatchCritic(FACE, 5, width=4, layers=3, predicts_aus=True)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        verdict = critic(noise(2, 3, 64, 64))
    for said in (verdict.score, verdict.aus):
        assert said.dtype == torch.float32
        assert not torch.equal(said, said.bfloat16().float())
