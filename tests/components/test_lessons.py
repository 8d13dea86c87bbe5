"""Whom each term of the published objective teaches: the supplement, section 1, says it term by term."""

import attrs
import pytest
import torch

from efgan_kit.api import FaceSpec, Region, au_set
from efgan_kit.recipe import build_graph, build_losses, load_recipe
from efgan_kit.testing.graphs import step_values
from efgan_kit.testing.scenes import Scene
from efgan_kit.training.phases import asked_by, live_terms

REGIONS = {"eyes": (24, 48), "nose": (24, 32), "mouth": (28, 40)}
SMALL = Scene(
    FaceSpec(64, au_set("openface-17"), {name: Region(name, *size) for name, size in REGIONS.items()}),
    Region("face", 64, 64),
)
NARROW = [
    "graph.generator.width=4",
    "graph.refiner.width=4",
    "graph.discriminators.initial.width=4",
    "graph.discriminators.final.width=4",
]
GENERATORS = {f"generators.{name}" for name in SMALL.faces.regions}
CRITICS = {"final_critic", *(f"initial_critics.{name}" for name in SMALL.faces.regions)}


@pytest.fixture(scope="module")
def graph():
    """The published graph, narrow, for faces of half the size."""
    recipe = load_recipe("ef-gan", overrides=NARROW)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return build_graph(attrs.evolve(recipe, faces=SMALL.faces))


@pytest.mark.parametrize(
    ("term", "player", "taught"),
    [
        ("adversarial", "generator", GENERATORS | {"refiner"}),
        ("adversarial", "discriminator", CRITICS),
        ("conditional", "generator", GENERATORS | {"refiner"}),
        ("conditional", "discriminator", {"final_critic"}),
        ("content", "generator", GENERATORS | {"refiner"}),
        ("attention", "generator", GENERATORS),
        ("interpolation", "interpolator", {"interpolator"}),
        ("interpolation", "discriminator", {"au_critic"}),
    ],
)
def test_a_term_teaches_those_whom_the_paper_says(graph, term, player, taught):
    recipe = load_recipe("ef-gan")
    (live,) = live_terms(player, {term: build_losses(recipe)[term]}, {term: 1.0}, {term: 1})
    values = step_values(graph, SMALL)
    values.begin(player)
    modules = {
        name: graph.get_submodule(name) for name in (*GENERATORS, *CRITICS, "refiner", "interpolator", "au_critic")
    }
    played = [own for group in graph.players()[player] for own in group.modules()]
    owned = {name: list(module.parameters()) for name, module in modules.items() if module in played}
    parameters = [parameter for own in owned.values() for parameter in own]
    gradients = iter(torch.autograd.grad(live.loss(values), parameters, allow_unused=True))
    moved = {name: [next(gradients) for _ in own] for name, own in owned.items()}
    assert {name for name, own in moved.items() if any(g is not None and g.any() for g in own)} == taught


def test_the_five_terms_teach_no_other_player():
    lessons = {
        name: {player for player in ("generator", "discriminator", "interpolator") if hasattr(term, player)}
        for name, term in build_losses(load_recipe("ef-gan")).items()
    }
    assert lessons == {
        "adversarial": {"generator", "discriminator"},
        "conditional": {"generator", "discriminator"},
        "content": {"generator"},
        "attention": {"generator"},
        "interpolation": {"interpolator", "discriminator"},
    }


def test_the_au_layer_sits_on_top_of_the_final_discriminator(graph):
    """Its regression teaches the layers that the score is made of too, though not the score's own."""
    recipe = load_recipe("ef-gan")
    values = step_values(graph, SMALL)
    loss = build_losses(recipe)["conditional"].discriminator(values["real_aus_read"], values["real_aus"])
    critic = graph.final_critic
    first, head = critic.body[0].parametrizations.weight.original, critic.aus.weight
    reached = torch.autograd.grad(loss, [first, head, critic.score.weight], allow_unused=True)
    assert reached[0].any()
    assert reached[1].any()
    assert reached[2] is None


def test_the_interpolator_gets_the_sources_aus_and_a_share_of_the_residual(graph):
    """y_z = Interp(y_x, r) where the share is 1."""
    values = step_values(graph, SMALL)
    given = SMALL.batch(2)
    residual = given["target_aus"] - given["source_aus"]
    expected = graph.interpolator(given["source_aus"], values["step_share"] * residual)
    assert torch.equal(values["interpolated_aus"], expected)


def test_the_content_loss_sees_the_input_and_its_reconstruction_alone():
    content = build_losses(load_recipe("ef-gan"))["content"]
    assert asked_by(content, "generator") == ("reconstruction", "source")


def test_the_interpolators_critic_sees_the_sources_aus_as_real(graph):
    assert "real_aus" in asked_by(build_losses(load_recipe("ef-gan"))["interpolation"], "discriminator")
    assert torch.equal(step_values(graph, SMALL)["real_aus"], SMALL.batch(2)["source_aus"])
