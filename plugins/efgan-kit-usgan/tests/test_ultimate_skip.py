import pytest
import torch
from efgan_kit_usgan.ultimate_skip import UltimateSkip

from efgan_kit.api import Region
from efgan_kit.testing.conformance import Subject, examine

MOUTH = Region("mouth", 12, 16)
PUBLISHED = {"conditioning": "planes", "conditioned_on": "target"}


def made(region=MOUTH, aus=5, seed=0, **params):
    torch.manual_seed(seed)
    return UltimateSkip(region, aus, **{"width": 4, **params})


def given(batch=2, region=MOUTH, aus=5):
    random = torch.Generator().manual_seed(0)
    image = torch.rand(batch, 3, region.height, region.width, generator=random) * 2 - 1
    return image, *(torch.rand(batch, aus, generator=random) for _ in range(2))


def drawing(generator, by):
    """The same generator, drawing `tanh(by)` everywhere."""
    torch.nn.init.zeros_(generator.draw.weight)
    generator.draw.bias = torch.nn.Parameter(torch.full((3,), by))
    return generator


@pytest.mark.parametrize(
    "params",
    [{}, PUBLISHED, {"skip": False}, {"reach": 2.0, "blocks": 2, "upsampling": "nearest"}, {"blocks": 0}],
    ids=str,
)
def test_it_keeps_the_contract_of_a_generator(params):
    examine(Subject("generator", UltimateSkip, {**UltimateSkip.example, **params}))


def test_training_begins_with_a_copy():
    image, source, target = given()
    assert torch.equal(made()(image, source, target).image, image)


def test_what_is_drawn_is_added_to_the_input_and_kept_in_range():
    image, source, target = given()
    edit = drawing(made(), 0.5)(image, source, target)
    assert torch.allclose(edit.image, (image + torch.tensor(0.5).tanh()).clamp(-1, 1))
    assert torch.equal(edit.attention, torch.ones(2, 1, 12, 16))
    assert torch.equal(edit.colour, edit.image)


def test_the_reach_is_the_largest_change():
    _, source, target = given()
    black = -torch.ones(2, 3, 12, 16)
    assert torch.allclose(drawing(made(reach=1.0), 20.0)(black, source, target).image, black + 1)
    assert torch.allclose(drawing(made(reach=2.0), 20.0)(black, source, target).image, -black)


def test_without_the_skip_the_picture_itself_is_drawn():
    image, source, target = given()
    edit = drawing(made(skip=False), 0.5)(image, source, target)
    assert torch.allclose(edit.image, torch.full_like(image, 0.5).tanh())


def test_width_and_blocks_as_published_have_the_published_layers():
    """Counted by hand from the authors' code for 7 labels: its convolutions, and its instance norms' weights."""
    layers = UltimateSkip(Region("face", 128, 128), 7, **PUBLISHED)
    convolutions = (
        10 * 64 * 49 + 64 * 128 * 16 + 128 * 256 * 16 + 2 * 256 * 256 * 9 + 256 * 128 * 16 + 128 * 64 * 16 + 64 * 3 * 49
    )
    norms = 2 * (64 + 128 + 256 + 256 + 256 + 128 + 64)
    assert sum(parameter.numel() for parameter in layers.parameters()) == convolutions + norms


@pytest.mark.parametrize("conditioning", ["film", "planes"])
def test_told_the_change_it_depends_on_source_and_target_and_told_the_target_on_that_alone(conditioning):
    image, source, target = given()
    for told, depends in (("change", True), ("target", False)):
        generator = made(conditioning=conditioning, conditioned_on=told)
        torch.nn.init.normal_(generator.draw.weight, std=0.1)
        first, others = generator(image, source, target).image, generator(image, source.flip(0), target).image
        assert torch.equal(first, others) is not depends
        assert not torch.equal(first, generator(image, source, target.flip(0)).image)


def test_film_scales_and_shifts_what_the_norm_gives():
    """One layer by hand: a convolution that passes on, the norm of 1 and 3, then FiLM with scale 2 and shift 5."""
    from efgan_kit_usgan.ultimate_skip import _Layer

    layer = _Layer(torch.nn.Identity(), 1, 2, rectified=False)
    torch.nn.init.zeros_(layer.film.weight)
    layer.film.bias.data = torch.tensor([1.0, 5.0])
    out = layer(torch.tensor([[[[1.0, 3.0]]]]), torch.zeros(1, 2))
    assert torch.allclose(out, torch.tensor([[[[3.0, 7.0]]]]), atol=1e-4)


@pytest.mark.parametrize(
    ("region", "params", "words"),
    [
        (Region("mouth", 10, 16), {}, "region mouth is 10x16: both must be multiples of 4, and 8 or more"),
        (Region("mouth", 4, 16), {}, "4x16"),
        (MOUTH, {"width": 0}, "width is 0"),
        (MOUTH, {"blocks": -1}, "blocks is -1"),
        (MOUTH, {"reach": 0.0}, "reach is 0: more than 0"),
        (MOUTH, {"reach": 3.0}, "reach is 3"),
    ],
)
def test_what_cannot_work_is_refused(region, params, words):
    with pytest.raises(ValueError, match=words):
        made(region, **params)
