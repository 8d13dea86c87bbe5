"""A cascade: who edits what to which AUs, who learns from whom, and how it begins."""

import pytest
import torch
from torch import nn

from efgan_kit.api import Edit, Maker, Verdict, crop, stages_of
from efgan_kit.components.discriminators.patch_critic import PatchCritic
from efgan_kit.components.generators.attention_resnet import AttentionResNet
from efgan_kit.components.graphs.cascade_ef_gan import CascadeEFGAN
from efgan_kit.components.graphs.ef_gan import EFGAN
from efgan_kit.components.interpolators.au_critic import AUCritic
from efgan_kit.components.interpolators.linear import Linear
from efgan_kit.components.interpolators.residual_mlp import ResidualMLP
from efgan_kit.components.refiners.paste_and_refine import PasteAndRefine
from efgan_kit.testing.scenes import SQUARE
from efgan_kit.training.streams import seeded_build, stream
from efgan_kit.training.values import chained

FACE_ALONE = {"branches": ["face"]}


class Shift(nn.Module):
    """Adds one number to every pixel: where it edits nothing else, faces of a chain differ by their sum."""

    def __init__(self, region, aus):
        super().__init__()
        self.by = nn.Parameter(torch.tensor(0.0))
        self.asked = []

    def forward(self, image, source_aus, target_aus):
        self.asked.append((image.detach(), source_aus, target_aus))
        shifted = image + self.by
        return Edit(shifted, torch.full_like(image[:, :1], 0.5), shifted)


class Mean(nn.Module):
    """A critic that says the mean of what it sees."""

    def __init__(self, region, aus):
        super().__init__()
        self.weight = nn.Parameter(torch.tensor(1.0))
        self.seen = []

    def forward(self, image):
        self.seen.append(image.detach())
        return Verdict(self.weight * image.flatten(1).mean(dim=1, keepdim=True))


def cascade(generator=Shift, **parts):
    return CascadeEFGAN(SQUARE.faces, generator=Maker(generator), **{"interpolator": Maker(Linear), **parts})


def values_of_modules(graph, given=None):
    """The values of each module in the generator's phase."""
    modules = chained(stages_of(graph), given or SQUARE.batch(2), lambda consumer: stream(0, consumer))
    for values in modules:
        values.begin("generator")
    return modules


def shifted_by(graph, *numbers):
    for ef_gan, number in zip(graph.chain, numbers, strict=True):
        nn.init.constant_(ef_gan.generators["face"].by, number)
    return graph


def test_a_third_of_the_way_by_each_of_three_modules():
    graph, given = cascade(**FACE_ALONE), SQUARE.batch(2)
    for values in values_of_modules(graph):
        values["edited"]
    start, way = given["source_aus"], given["target_aus"] - given["source_aus"]
    asked = [ef_gan.generators["face"].asked[0] for ef_gan in graph.chain]
    assert [torch.allclose(asked[k][1], start + k / 3 * way) for k in range(3)] == [True] * 3
    assert [torch.allclose(asked[k][2], start + (k + 1) / 3 * way) for k in range(3)] == [True] * 3
    assert torch.equal(asked[2][2], given["target_aus"]), "the last target is y_z itself"


def test_intermediate_targets_are_the_interpolator_s():
    class Half(nn.Module):
        def forward(self, source_aus, residual):
            return (source_aus + residual) / 2

    graph, given = cascade(interpolator=Maker(Half), modules=2, **FACE_ALONE), SQUARE.batch(2)
    first, second = values_of_modules(graph)
    halfway = (given["source_aus"] + given["target_aus"]) / 2
    assert torch.allclose(first["target_aus"], halfway / 2)
    assert torch.allclose(second["source_aus"], halfway / 2)
    assert torch.equal(second["target_aus"], given["target_aus"])
    assert torch.allclose(first["interpolated_aus"], halfway / 2)
    assert torch.allclose(first["linear_aus"], halfway)
    assert torch.allclose(second["linear_aus"], given["target_aus"])


def test_every_module_edits_the_face_that_the_one_before_returned():
    graph = shifted_by(cascade(**FACE_ALONE), 0.1, 0.2, 0.4)
    given = SQUARE.batch(2)
    edited = [values["edited"] for values in values_of_modules(graph)]
    for picture, total in zip(edited, (0.1, 0.3, 0.7), strict=True):
        assert torch.allclose(picture, given["source"] + total, atol=1e-6)


def test_crops_are_taken_again_from_every_intermediate_face():
    graph, given = cascade(modules=2), SQUARE.batch(2)
    nn.init.constant_(graph.chain[0].generators["mouth"].by, 0.25)
    second = values_of_modules(graph)[1]
    second["edited"]
    mouth = crop(given["source"], second["corners"]["mouth"], SQUARE.faces.local["mouth"])
    seen = graph.chain[1].generators["mouth"].asked[0][0]
    assert torch.allclose(seen, mouth + 0.25)


def test_the_last_face_teaches_every_module():
    graph = cascade(**FACE_ALONE)
    *_, last = values_of_modules(graph)
    last["edited"].mean().backward()
    assert [ef_gan.generators["face"].by.grad.item() for ef_gan in graph.chain] == [pytest.approx(1.0)] * 3


def test_an_intermediate_face_teaches_no_later_module():
    graph = cascade(**FACE_ALONE)
    values_of_modules(graph)[0]["edited"].mean().backward()
    grads = [ef_gan.generators["face"].by.grad for ef_gan in graph.chain]
    assert grads[0].item() == pytest.approx(1.0)
    assert grads[1:] == [None, None]


def test_the_reconstruction_leads_back_to_the_module_s_own_source():
    graph = shifted_by(cascade(**FACE_ALONE), 0.1, 0.2, 0.4)
    given = SQUARE.batch(2)
    second = values_of_modules(graph)[1]
    assert torch.allclose(second["reconstruction"], given["source"] + 0.1 + 0.2 + 0.2, atol=1e-6)
    there, back = graph.chain[1].generators["face"].asked
    assert torch.equal(there[1], back[2])
    assert torch.equal(there[2], back[1])


def test_critics_of_every_module_take_the_batch_s_pictures_for_real():
    graph = shifted_by(cascade(discriminators={"final": Maker(Mean)}, **FACE_ALONE), 0.1, 0.2, 0.4)
    given = SQUARE.batch(2)
    mean = given["source"].flatten(1).mean(dim=1, keepdim=True)
    for values, shift in zip(values_of_modules(graph), (0.1, 0.3, 0.7), strict=True):
        assert torch.allclose(values["critic_real"]["final"], mean)
        assert torch.allclose(values["critic_fake"]["final"], mean + shift, atol=1e-6)
        assert torch.equal(values["real_aus"], given["source_aus"])


def test_only_the_last_face_has_a_truth():
    first, _, last = values_of_modules(cascade(**FACE_ALONE))
    given = SQUARE.batch(2)
    assert first["has_truth"].tolist() == [0, 0]
    assert torch.equal(last["has_truth"], given["has_truth"])
    assert first["truth_share"].tolist() == [0, 0]
    assert torch.equal(last["truth_share"], given["truth_share"])
    assert torch.equal(last["truth"], given["truth"])


def test_shared_discriminators_judge_real_pictures_once():
    graph = cascade(discriminators={"initial": Maker(Mean), "final": Maker(Mean)}, share_discriminators=True)
    scores = [values["critic_real"] for values in values_of_modules(graph)]
    assert scores[0]["mouth"] is scores[2]["mouth"]
    critics = graph.players()["discriminator"]
    parameters = [p for critic in critics for p in critic.parameters()]
    assert len(parameters) == len({id(p) for p in parameters}) == 4, "the face's, the eyes', the mouth's, the final"
    assert len(graph.chain[0].final_critic.seen) == 1


def test_without_sharing_every_module_has_discriminators_of_its_own():
    graph = cascade(discriminators={"initial": Maker(Mean), "final": Maker(Mean)})
    parameters = [p for critic in graph.players()["discriminator"] for p in critic.parameters()]
    assert len({id(p) for p in parameters}) == 3 * 4


def test_editing_is_what_training_sees_and_shows_every_step():
    graph, given = shifted_by(cascade(**FACE_ALONE), 0.1, 0.2, 0.4), SQUARE.batch(2)
    edited = graph.edit(given["source"], given["landmarks"], given["source_aus"], given["target_aus"])
    modules = values_of_modules(graph)
    for step, target, values in zip(edited.steps, edited.targets, modules, strict=True):
        assert torch.equal(step, values["edited"])
        assert torch.equal(target, values["target_aus"])
    assert torch.equal(edited.image, edited.steps[-1])
    assert torch.allclose(edited.attention, torch.full_like(edited.attention, 1 - 0.5**3))


PUBLISHED = {
    "refiner": Maker(PasteAndRefine, {"width": 4, "blocks": 1}),
    "discriminators": {
        "initial": Maker(PatchCritic, {"width": 4, "layers": 2}),
        "final": Maker(PatchCritic, {"width": 4, "layers": 3, "predicts_aus": True}),
    },
    "interpolator": Maker(ResidualMLP, {"width": 8}),
    "au_discriminator": Maker(AUCritic, {"width": 8}),
}
NARROW = Maker(AttentionResNet, {"width": 4, "blocks": 1})


def published(kind, seed=0, **more):
    with seeded_build(seed, "graph"):
        return kind(SQUARE.faces, generator=NARROW, **{**PUBLISHED, **more})


def test_every_module_starts_from_the_trained_ef_gan():
    trained, graph = published(EFGAN, seed=1), published(CascadeEFGAN)
    graph.initialise(trained)
    theirs = trained.state_dict()
    for ef_gan in graph.chain:
        mine = ef_gan.state_dict()
        assert all(torch.equal(mine[name], theirs[name]) for name in mine)
        assert any(name.startswith("final_critic") for name in mine)
    weights = graph.interpolator.state_dict()
    assert all(torch.equal(weights[name], theirs[f"interpolator.{name}"]) for name in weights)


def test_modules_that_start_alike_are_moved_apart():
    graph = published(CascadeEFGAN)
    parameters = [list(ef_gan.generators.parameters()) for ef_gan in graph.chain]
    assert all(one is not other for one, other in zip(*parameters[:2], strict=True))


@pytest.mark.parametrize(
    ("donor", "problem"),
    [
        ({"refiner": None}, "no graph.refiner"),
        ({"interpolator": Maker(ResidualMLP, {"width": 16})}, r"graph.interpolator: size mismatch"),
    ],
)
def test_another_architecture_is_refused(donor, problem):
    with pytest.raises(ValueError, match=problem):
        published(CascadeEFGAN).initialise(published(EFGAN, **donor))


def test_a_cascade_does_not_start_from_a_cascade():
    with pytest.raises(ValueError, match="single EF-GAN"):
        published(CascadeEFGAN).initialise(published(CascadeEFGAN))


def test_the_straight_line_needs_no_trained_interpolator():
    graph = published(CascadeEFGAN, interpolator=Maker(Linear), au_discriminator=None)
    graph.initialise(published(EFGAN, interpolator=None, au_discriminator=None))


@pytest.mark.parametrize("modules", [0, -1])
def test_a_cascade_without_modules_is_refused(modules):
    with pytest.raises(ValueError, match=f"modules is {modules}"):
        cascade(modules=modules)


@pytest.mark.parametrize("kind", [EFGAN, CascadeEFGAN])
def test_checkpointing_changes_no_gradient(kind):
    gradients = []
    for checkpointing in (False, True):
        graph = published(kind, checkpointing=checkpointing)
        modules = values_of_modules(graph)
        with torch.nn.utils.parametrize.cached():
            sum(values["edited"].square().mean() + values["reconstruction"].mean() for values in modules).backward()
        gradients.append([p.grad for module in graph.players()["generator"] for p in module.parameters()])
    plain, checkpointed = gradients
    assert any(gradient is not None for gradient in plain)
    assert all(torch.equal(a, b) for a, b in zip(plain, checkpointed, strict=True) if a is not None)


def test_a_slip_of_the_keyboard_is_refused_at_once():
    with pytest.raises(ValueError, match="modules is 100000: 64 is the most"):
        cascade(modules=100_000)
