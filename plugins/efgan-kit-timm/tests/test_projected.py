"""The projected critic: what is mixed, what learns, and what it says of faces and regions."""

import pytest
import torch

from efgan_kit.api import Region


def made(height=64, breadth=64, **more):
    from efgan_kit_timm.projected import ProjectedCritic

    params = {**ProjectedCritic.example, "model": "test_resnet", **more}
    return ProjectedCritic(Region("face", height, breadth), 5, **params)


def test_coarse_maps_are_carried_to_finer_ones_by_fixed_convolutions():
    from efgan_kit_timm.mixing import RandomMixing

    mixing = RandomMixing([(2, 4, 4), (4, 2, 2)], width=2, mixing="scales")
    assert not any(parameter.requires_grad for parameter in mixing.parameters())
    torch.nn.init.dirac_(mixing.across_channels[0].weight)
    torch.nn.init.dirac_(mixing.across_channels[1].weight)
    torch.nn.init.dirac_(mixing.across_scales[0].weight)
    fine, coarse = torch.rand(1, 2, 4, 4), torch.full((1, 4, 2, 2), 3.0)
    finer, same = mixing([fine, coarse])
    assert torch.equal(same, coarse)
    assert torch.allclose(finer, fine + 3)


def test_mixing_by_channels_alone_and_not_at_all():
    from efgan_kit_timm.mixing import RandomMixing

    maps = [torch.rand(1, 2, 4, 4), torch.rand(1, 3, 2, 2)]
    none = RandomMixing([(2, 4, 4), (3, 2, 2)], width=8, mixing="none")
    assert [torch.equal(a, b) for a, b in zip(none(maps), maps, strict=True)] == [True, True]
    assert none.channels == [2, 3]
    channels = RandomMixing([(2, 4, 4), (3, 2, 2)], width=8, mixing="channels")
    assert [tuple(one.shape) for one in channels(maps)] == [(1, 8, 4, 4), (1, 16, 2, 2)]
    weight = channels.across_channels[1].weight[:, :, 0, 0]
    assert torch.allclose(channels(maps)[1][0, :, 0, 0], weight @ maps[1][0, :, 0, 0], atol=1e-6)


@pytest.mark.parametrize(("height", "width", "grid"), [(64, 64, 2 * 2), (24, 48, 1 * 2), (28, 40, 1 * 2)])
def test_every_critic_ends_on_the_coarsest_grid(height, width, grid):
    verdict = made(height, width)(torch.rand(3, 3, height, width))
    assert verdict.score.shape == (3, 4 * grid)
    assert verdict.aus.shape == (3, 5)
    assert made(height, width, predicts_aus=False)(torch.rand(3, 3, height, width)).aus is None


def test_layers_exchanged_for_a_second_derivative_have_the_same_values():
    from efgan_kit_timm.differentiable import Hardsigmoid, differentiable_twice

    network = torch.nn.Sequential(torch.nn.Linear(3, 3), torch.nn.Hardsigmoid())
    differentiable_twice(network)
    x = torch.linspace(-5, 5, 101)
    assert isinstance(network[1], Hardsigmoid)
    assert torch.allclose(network[1](x), torch.nn.functional.hardsigmoid(x), atol=1e-6)


def test_a_step_moves_the_critics_and_neither_backbone_nor_mixing():
    critic = made().train()
    before = {name: tensor.clone() for name, tensor in critic.state_dict().items()}
    optimizer = torch.optim.Adam(critic.parameters(), lr=1e-2)
    verdict = critic(torch.rand(2, 3, 64, 64))
    (verdict.score.square().mean() + verdict.aus.square().mean()).backward()
    optimizer.step()
    moved = {name for name, tensor in critic.state_dict().items() if not torch.equal(tensor, before[name])}
    assert moved
    assert not [name for name in moved if name.startswith(("backbone.", "mixing."))]
    weights = {name for name, _ in critic.named_parameters() if name.startswith(("critics.", "aus."))}
    assert weights <= moved


@pytest.mark.parametrize("term", ["wgan-gp", "relativistic"])
@pytest.mark.parametrize("model", ["test_resnet", "test_vit", "mobilenetv3_small_050"])
def test_the_penalties_of_built_in_terms_teach_it(term, model):
    from efgan_kit.registry import registry

    critic = made(24, 48, model=model, size=32)
    real, fake = torch.rand(2, 2, 3, 24, 48).unbind()
    asked = {"critics": {"eyes": critic}, "real_images": {"eyes": real}, "fake_images": {"eyes": fake}}
    if term == "wgan-gp":
        scores = {"critic_real": {"eyes": critic(real).score}, "critic_fake": {"eyes": critic(fake).score}}
        asked |= {**scores, "random": torch.Generator().manual_seed(0)}
    loss = registry().catalogue.find("loss", term).load()().discriminator(**asked)
    loss.backward()
    learning = [p for name, p in critic.named_parameters() if p.requires_grad and not name.startswith("aus.")]
    assert loss.isfinite()
    assert all(parameter.grad is not None and parameter.grad.isfinite().all() for parameter in learning)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [({"width": 0}, "width is 0 and most 16: 1 or more"), ({"layers": []}, "layers is empty: a critic needs")],
)
def test_parameters_out_of_range_are_refused(wrong, words):
    with pytest.raises(ValueError, match=words):
        made(**wrong)
