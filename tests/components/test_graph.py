"""One EF-GAN: who sees what, whose each parameter is, and what it does without some of its parts."""

import pytest
import torch
from torch import nn

from efgan_kit.api import Edit, EfganError, FaceSpec, Maker, Verdict, au_set, region_corners
from efgan_kit.components.graphs.ef_gan import EFGAN
from efgan_kit.components.interpolators.au_critic import AUCritic
from efgan_kit.components.interpolators.residual_mlp import ResidualMLP
from efgan_kit.components.losses.wgan_gp import WGANGP
from efgan_kit.testing.graphs import step_values
from efgan_kit.testing.scenes import OBLONG, SQUARE, Scene

FACE, EYES, MOUTH = -0.5, 0.25, 0.75
LEVELS = {"face": FACE, "eyes": EYES, "mouth": MOUTH}


class Level(nn.Module):
    """Paints its region in one grey, whatever it is asked."""

    def __init__(self, region, aus):
        super().__init__()
        self.level = nn.Parameter(torch.tensor(LEVELS[region.name]))
        self.asked = []

    def forward(self, image, source_aus, target_aus):
        self.asked.append((image.detach(), source_aus, target_aus))
        colour = self.level * torch.ones_like(image)
        attention = torch.full_like(image[:, :1], abs(LEVELS["face"]))
        return Edit(colour, attention, colour)


class Average(nn.Module):
    """Refines to the mean of the two pictures."""

    def forward(self, face, pasted):
        return (face + pasted) / 2


class Brightness(nn.Module):
    """A critic that reads the mean, times a weight."""

    def __init__(self, region, aus, *, weight=1.0, predicts_aus=False):
        super().__init__()
        self.weight = nn.Parameter(torch.tensor(weight))
        self.aus = aus if predicts_aus else 0

    def forward(self, image):
        mean = image.flatten(1).mean(dim=1, keepdim=True)
        return Verdict(self.weight * mean, mean.expand(-1, self.aus) if self.aus else None)


def graph(faces=SQUARE.faces, **parts):
    return EFGAN(faces, generator=Maker(Level), **parts)


CRITICS = {"initial": Maker(Brightness), "final": Maker(Brightness, {"weight": 2.0, "predicts_aus": True})}
EVERYTHING = {
    "refiner": Maker(Average),
    "discriminators": CRITICS,
    "interpolator": Maker(ResidualMLP, {"width": 8}),
    "au_discriminator": Maker(AUCritic, {"width": 8}),
}


def boxes(scene, batch=2):
    points = scene.landmarks(batch)
    return {
        name: region_corners(points, region, scene.faces.size) for name, region in scene.faces.local.items()
    }


def painted():
    """What the four greys come to where they belong, by slices."""
    picture = torch.full((2, 3, 64, 64), FACE)
    for name, region in SQUARE.faces.local.items():
        for face, (y, x) in zip(picture, boxes(SQUARE)[name].tolist(), strict=True):
            face[:, y : y + region.height, x : x + region.width] = LEVELS[name]
    return picture


def test_every_branch_edits_its_own_box():
    made = graph()
    values = step_values(made, SQUARE)
    initial = values["initial"]
    source = SQUARE.batch(2)["source"]
    assert {name: picture.shape[1:] for name, picture in initial.items()} == {
        "face": (3, 64, 64),
        "eyes": (3, 24, 48),
        "mouth": (3, 28, 40),
    }
    for name, region in SQUARE.faces.local.items():
        seen = made.generators[name].asked[0][0]
        for k, (y, x) in enumerate(boxes(SQUARE)[name].tolist()):
            assert torch.equal(seen[k], source[k, :, y : y + region.height, x : x + region.width])


def test_local_outputs_are_pasted_at_the_landmarks():
    assert torch.equal(step_values(graph(), SQUARE)["edited"], painted())


def test_the_refiner_gets_the_face_and_the_pasted_face():
    refined = step_values(graph(refiner=Maker(Average)), SQUARE)["edited"]
    assert torch.allclose(refined, (painted() + FACE) / 2)


def test_a_soft_edge_fades_the_boxes_in():
    edited = step_values(graph(soft_edge=3), SQUARE)["edited"]
    hard = painted()
    assert not torch.equal(edited, hard)
    y, x = boxes(SQUARE)["mouth"][0].tolist()
    assert edited[0, 0, y + 14, x + 20] == pytest.approx(MOUTH)
    assert edited[0, 0, y, x] == pytest.approx(FACE + (MOUTH - FACE) / 16)  # 1/4 of 1/4 in the corner


def test_the_reconstruction_goes_back_to_the_source_s_aus():
    made = graph()
    values = step_values(made, SQUARE)
    values["reconstruction"]
    there, back = made.generators["face"].asked
    given = SQUARE.batch(2)
    assert torch.equal(there[0], given["source"])
    assert torch.equal(there[1], given["source_aus"])
    assert torch.equal(there[2], given["target_aus"])
    assert torch.equal(back[0], values["edited"].detach())
    assert torch.equal(back[1], given["target_aus"])
    assert torch.equal(back[2], given["source_aus"])


def test_each_critic_scores_what_it_should_see():
    values = step_values(graph(**EVERYTHING), SQUARE)
    fake, real = values["critic_fake"], values["critic_real"]
    assert list(values["critics"]) == list(fake) == list(real) == ["final", "face", "eyes", "mouth"]
    source = SQUARE.batch(2)["source"]
    assert torch.allclose(real["face"][:, 0], source.flatten(1).mean(1))
    assert torch.allclose(real["final"], 2 * real["face"])
    for name in ("face", "eyes", "mouth"):
        assert fake[name].detach() == pytest.approx(LEVELS[name])
    final = ((painted() + FACE) / 2).flatten(1).mean(1, keepdim=True)
    assert torch.allclose(fake["final"], 2 * final)
    assert torch.allclose(values["edited_aus_read"], final.expand(-1, SQUARE.aus))


def test_editing_is_what_training_sees():
    made, given = graph(**EVERYTHING), SQUARE.batch(2)
    edited = made.edit(given["source"], given["landmarks"], given["source_aus"], given["target_aus"])
    values = step_values(made, SQUARE)
    assert torch.equal(edited.image, values["edited"])
    assert torch.equal(edited.initial, values["initial"]["face"])
    assert [step is edited.image for step in edited.steps] == [True]
    assert torch.equal(edited.attention, torch.full((2, 1, 64, 64), 0.5))


def test_the_pseudo_target_lies_on_the_straight_line():
    values, given = step_values(graph(**EVERYTHING), SQUARE), SQUARE.batch(2)
    share = values["step_share"]
    assert share.shape == (2, 1)
    assert bool(((share >= 0) & (share <= 1)).all())
    expected = (1 - share) * given["source_aus"] + share * given["target_aus"]
    assert torch.allclose(values["linear_aus"], expected)
    assert torch.allclose(values["residual"], given["target_aus"] - given["source_aus"])


def test_players_share_out_all_parameters():
    made = graph(**EVERYTHING)
    players = {
        player: {id(p) for module in modules for p in module.parameters()}
        for player, modules in made.players().items()
    }
    assert set(players) == {"generator", "discriminator", "interpolator"}
    assert set.union(*players.values()) == {id(p) for p in made.parameters()}
    assert sum(map(len, players.values())) == len(list(made.parameters()))
    assert players["generator"] == {id(p) for p in made.generators.parameters()}
    assert id(next(made.au_critic.parameters())) in players["discriminator"]


@pytest.mark.parametrize("left_out", [*EVERYTHING, "everything"])
def test_it_edits_without_any_of_its_parts(left_out):
    parts = {} if left_out == "everything" else {k: v for k, v in EVERYTHING.items() if k != left_out}
    made, given = graph(**parts), SQUARE.batch(2)
    edited = made.edit(given["source"], given["landmarks"], given["source_aus"], given["target_aus"])
    assert edited.image.shape == (2, 3, 64, 64)
    owned = [p for modules in made.players().values() for module in modules for p in module.parameters()]
    assert len(owned) == len(list(made.parameters()))


def test_it_works_without_local_regions():
    faces = FaceSpec(64, SQUARE.faces.aus)
    values = step_values(graph(faces, **EVERYTHING), Scene(faces, SQUARE.region))
    assert set(values["critics"]) == {"final", "face"}
    assert torch.equal(values["edited"].detach(), torch.full((2, 3, 64, 64), FACE))


@pytest.mark.parametrize("only", ["initial", "final"])
def test_the_adversarial_loss_works_with_either_set_of_critics(only):
    values = step_values(graph(discriminators={only: CRITICS[only]}), SQUARE)
    scores = values["critic_fake"]
    assert set(scores) == ({"final"} if only == "final" else {"face", "eyes", "mouth"})
    expected = -2 * painted().mean() if only == "final" else -(FACE + EYES + MOUTH)
    assert float(WGANGP().generator(scores).detach()) == pytest.approx(float(expected), abs=1e-6)


@pytest.mark.parametrize(
    ("value", "part"),
    [
        ("critic_fake", "graph.discriminators"),
        ("edited_aus_read", "graph.discriminators"),
        ("interpolated_aus", "graph.interpolator"),
        ("au_judge", "graph.au_discriminator"),
    ],
)
def test_a_value_of_a_missing_part_says_which(value, part):
    with pytest.raises(EfganError, match=part):
        step_values(graph(), SQUARE)[value]


def test_an_au_head_that_was_not_built_is_asked_for_in_vain():
    made = graph(discriminators={"final": Maker(Brightness)})
    with pytest.raises(EfganError, match="predicts_aus"):
        step_values(made, SQUARE)["edited_aus_read"]


def test_an_unknown_discriminator_is_refused():
    with pytest.raises(ValueError, match=r"finale.*'initial' and 'final'"):
        graph(discriminators={"finale": Maker(Brightness)})


def test_a_region_s_own_parameters_reach_its_critic_alone():
    special = Maker(Brightness, {"weight": 1.0}, {"eyes": {"weight": 5.0}})
    made = graph(discriminators={"initial": special})
    assert {n: c.weight.item() for n, c in made.initial_critics.items()} == {
        "face": 1.0,
        "eyes": 5.0,
        "mouth": 1.0,
    }


def test_another_set_of_regions_and_aus_is_as_good():
    faces = FaceSpec(96, au_set(["AU12"]), OBLONG.faces.local)
    made = EFGAN(faces, generator=Maker(lambda region, aus: Level(SQUARE.region, aus)))
    assert set(made.generators) == {"face", "nose"}
