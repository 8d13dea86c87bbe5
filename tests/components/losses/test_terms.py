"""Loss terms against numbers worked out by hand on tiny inputs."""

import math

import pytest
import torch

from efgan_kit.components.losses.attention_norm import AttentionNorm
from efgan_kit.components.losses.attention_smoothness import AttentionSmoothness
from efgan_kit.components.losses.au_regression import AURegression
from efgan_kit.components.losses.au_teacher import AUTeacher
from efgan_kit.components.losses.cycle_l1 import CycleL1
from efgan_kit.components.losses.flow_smoothness import FlowSmoothness
from efgan_kit.components.losses.interpolated_aus import InterpolatedAUs
from efgan_kit.components.losses.paired_l1 import PairedL1
from efgan_kit.components.losses.relativistic import Relativistic
from efgan_kit.components.losses.wgan_gp import WGANGP
from efgan_kit.testing.scenes import SQUARE, FewFaces


def draw(seed=0):
    return torch.Generator().manual_seed(seed)


def rand(*shape, seed=0):
    return torch.rand(*shape, generator=draw(seed), dtype=torch.float64)


# Eq. 2 ---------------------------------------------------------------

READ = torch.tensor([[0.5, 0.0, 1.0], [0.25, 0.5, 0.0]])
WANTED = torch.tensor([[0.0, 0.0, 0.5], [0.25, 0.0, 0.0]])


@pytest.mark.parametrize(("reduction", "cost"), [("sum", 0.375), ("mean", 0.125)])
def test_au_regression_is_the_squared_distance(reduction, cost):
    term = AURegression(reduction=reduction)  # (0.25 + 0.25 and 0.25) over two faces
    assert float(term.generator(READ, WANTED)) == pytest.approx(cost)
    assert float(term.discriminator(READ, WANTED)) == pytest.approx(cost)


# Eq. 3 and 4 ---------------------------------------------------------------


def test_cycle_l1_is_the_mean_absolute_difference():
    source = torch.zeros(2, 3, 2, 2)
    reconstruction = source.clone()
    reconstruction[0, 0, 0, 0], reconstruction[1, 2, 1, 1] = 1.2, -2.4
    assert float(CycleL1().generator(reconstruction, source)) == pytest.approx(3.6 / 24)


@pytest.mark.parametrize(("reduction", "cost"), [("norm", 64.0), ("mean", 0.5)])
def test_a_flat_half_open_map_costs(reduction, cost):
    half = torch.full((2, 1, 128, 128), 0.5)
    assert float(AttentionNorm(reduction=reduction).generator({"face": half})) == pytest.approx(cost)


def test_attention_is_summed_over_regions_and_averaged_over_faces():
    face = torch.zeros(2, 1, 2, 2)
    face[0, 0, 0, 0], face[0, 0, 1, 1] = 0.6, 0.8  # norms 1 and 0
    mouth = torch.full((2, 1, 3, 3), 1.0)  # norms 3 and 3
    assert float(AttentionNorm().generator({"face": face, "mouth": mouth})) == pytest.approx(0.5 + 3)


@pytest.mark.parametrize(("reduction", "cost"), [("norm", 32.0), ("mean", 0.25)])
def test_what_is_copied_can_be_kept_small_instead(reduction, cost):
    mostly_edited = torch.full((2, 1, 128, 128), 0.75)  # a quarter of each pixel is copied
    term = AttentionNorm(reduction=reduction, of="copied")
    assert float(term.generator({"face": mostly_edited})) == pytest.approx(cost)


def test_a_closed_map_has_a_finite_gradient():
    closed = torch.zeros(1, 1, 4, 4, requires_grad=True)
    AttentionNorm().generator({"face": closed}).backward()
    assert closed.grad.isfinite().all()


# GANimation's total variation -----------------------------------------------------


@pytest.mark.parametrize(("differences", "steep", "corner"), [("squared", 1.63, 0.5), ("absolute", 2.3, 1.0)])
def test_total_variation_is_summed_over_pixels_and_regions_and_averaged_over_faces(differences, steep, corner):
    face = torch.full((2, 1, 2, 3), 0.3)  # flat: no cost
    face[0, 0] = torch.tensor([[0.0, 0.8, 0.8], [0.1, 0.1, 0.1]])  # one step across, .8; down .1, .7 and .7
    mouth = torch.zeros(2, 1, 2, 2)
    mouth[:, 0, 0, 0] = 0.5  # one step across, one down
    term = AttentionSmoothness(differences=differences)
    assert float(term.generator({"face": face})) == pytest.approx(steep / 2)
    assert float(term.generator({"face": face, "mouth": mouth})) == pytest.approx(steep / 2 + corner)


@pytest.mark.parametrize("differences", ["squared", "absolute"])
def test_total_variation_does_not_care_which_end_means_edited(differences):
    map_ = rand(2, 1, 5, 7)
    term = AttentionSmoothness(differences=differences)
    costs = [float(term.generator({"face": m})) for m in (map_, 1 - map_, map_.mT)]
    assert costs[1:] == pytest.approx([costs[0]] * 2)


# Eq. 5 ---------------------------------------------------------------


def judge(aus):
    """Reads the sum of the units, three times: its gradient has the norm 3 sqrt(2) for two units."""
    return 3 * aus.sum(dim=1, keepdim=True)


@pytest.mark.parametrize(("reduction", "distance"), [("norm", 0.25), ("mean", 0.0625)])
def test_interpolated_aus_are_held_to_the_line_and_to_the_critic(reduction, distance):
    line = torch.zeros(2, 2)
    drawn = torch.tensor([[0.3, 0.4], [0.0, 0.0]])  # norms 0.5 and 0, mean squares 0.125 and 0, scores 2.1 and 0
    loss = InterpolatedAUs(realism=0.1, reduction=reduction).interpolator(drawn, line, judge)
    assert loss.item() == pytest.approx(distance - 0.1 * 1.05)


def best_distance(realism, reduction, slope):
    """How far from the line the loss is least, for 17 units and a critic that rises by `slope` along the way."""
    line, way = torch.zeros(1, 17, dtype=torch.float64), rand(1, 17)
    way = way / way.norm()
    term = InterpolatedAUs(realism=realism, reduction=reduction)
    away = torch.linspace(0, 1, 1001, dtype=torch.float64)
    costs = [term.interpolator(d * way, line, lambda aus: slope * (aus * way).sum(dim=1)) for d in away]
    return float(away[torch.stack(costs).argmin()])


@pytest.mark.parametrize("slope", [0.5, 1.0, 3.0, 9.0])
def test_no_critic_under_the_penalty_moves_the_published_interpolator(slope):
    """Off the line by d the loss is (1 - 0.1 slope) d: it is least on the line for every slope below 10."""
    assert best_distance(0.1, "norm", slope) == 0


def test_a_critic_that_outweighs_the_norm_moves_without_limit():
    assert best_distance(0.1, "norm", 11.0) == 1


@pytest.mark.parametrize(("realism", "slope"), [(0.1, 1.0), (0.1, 0.5), (0.05, 1.0)])
def test_a_mean_of_squares_lets_the_critic_move_it_so_far(realism, slope):
    """d^2 / 17 - realism * slope * d is least at 17 / 2 * realism * slope."""
    assert best_distance(realism, "mean", slope) == pytest.approx(8.5 * realism * slope, abs=1e-3)


def test_the_au_critic_learns_distance_and_penalty():
    drawn, natural = torch.tensor([[0.3, 0.4]]), torch.tensor([[0.1, 0.1]])
    loss = InterpolatedAUs(penalty=2).discriminator(drawn, natural, judge, draw())
    assert loss.item() == pytest.approx(2.1 - 0.6 + 2 * (3 * math.sqrt(2) - 1) ** 2, rel=1e-5)


# Own terms ---------------------------------------------------------------


def test_paired_l1_counts_only_faces_that_have_a_truth():
    truth = torch.zeros(3, 3, 4, 4)
    edited = truth.clone()
    edited[0], edited[1], edited[2] = 0.5, 9.0, 0.1
    term = PairedL1(initial=0, edges=0)
    truth_share = torch.tensor([0.5, 0.0, 0.5])
    assert float(term.generator(edited, {}, truth, {}, truth_share)) == pytest.approx(0.3)
    edited.requires_grad_()
    term.generator(edited, {}, truth, {}, truth_share).backward()
    assert float(edited.grad[1].abs().sum()) == 0
    assert float(edited.grad[0].abs().sum()) > 0


def test_paired_l1_is_0_where_nobody_has_a_truth():
    edited = torch.ones(2, 3, 4, 4)
    regions = {"face": edited}
    loss = PairedL1().generator(
        edited, regions, torch.zeros(2, 3, 4, 4), {"face": 0 * edited}, torch.zeros(2)
    )
    assert loss.item() == 0


def test_paired_l1_adds_branches_edges_and_squares():
    truth = torch.zeros(1, 3, 2, 2)
    edited = truth.clone()
    edited[..., 1] = 0.4  # one column of two: mean 0.2, steps across 0.4 and down 0, mean square 0.08
    regions = {"face": edited, "mouth": truth}
    everyone, truths = torch.ones(1), {"face": truth, "mouth": truth}

    def cost(**weights):
        return float(PairedL1(**weights).generator(edited, regions, truth, truths, everyone))

    assert cost(initial=0, edges=0) == pytest.approx(0.2)
    assert cost(initial=0, edges=0.5) == pytest.approx(0.2 + 0.5 * 0.4)
    assert cost(initial=0, edges=0, squares=2) == pytest.approx(0.2 + 2 * 0.08)
    assert cost(initial=0.5, edges=0) == pytest.approx(0.2 + 0.5 * (0.2 + 0) / 2)


def test_flow_smoothness_is_the_mean_squared_step():
    flow = torch.zeros(1, 2, 3, 3)
    flow[0, 0] = 2 * torch.arange(3.0)  # x grows by 2 a column: 4 in one of two planes; rows are alike
    assert float(FlowSmoothness().generator({"face": flow}, flow)) == pytest.approx(4 / 2)
    both = {"face": flow, "mouth": torch.full((1, 2, 5, 5), 3.0)}
    assert float(FlowSmoothness().generator(both, flow)) == pytest.approx(1.0)


def test_flow_smoothness_is_0_beside_generators_without_flow():
    loss = FlowSmoothness().generator({}, torch.zeros(1, 3, 4, 4, dtype=torch.float64))
    assert (float(loss), loss.dtype) == (0, torch.float64)  # of the pictures' kind and place


def test_a_teacher_learns_from_the_training_split_and_is_frozen():
    term = AUTeacher(SQUARE.faces, width=4, steps=3)
    before = {name: value.clone() for name, value in term.state_dict().items()}
    term.prepare(FewFaces(SQUARE), draw())
    after = term.state_dict()
    assert any(not torch.equal(before[name], after[name]) for name in before)
    assert not any(parameter.requires_grad for parameter in term.parameters())
    edited = SQUARE.pictures(2, SQUARE.region).requires_grad_()
    term.generator(edited, {"face": edited}, SQUARE.au_vectors(2), draw()).backward()
    assert float(edited.grad.abs().sum()) > 0
    assert all(torch.equal(after[name], value) for name, value in term.state_dict().items())


# All terms ---------------------------------------------------------------


def every_generator_s_term():
    """Each term's generator method as a function of the tensors it is to differentiate."""
    truth, truth_share = rand(2, 3, 4, 4, seed=2), torch.full((2,), 0.5, dtype=torch.float64)
    picture, scores, aus = rand(2, 3, 4, 4), rand(2, 1, 2, 2), rand(2, 3)
    line = rand(2, 3, seed=4)
    return {
        "wgan-gp": (lambda s: WGANGP().generator({"face": s, "final": 2 * s}), scores),
        "relativistic": (
            lambda s: Relativistic().generator({"face": s}, {"face": rand(2, 1, 2, 2, seed=3)}),
            scores,
        ),
        "au-regression": (lambda a: AURegression().generator(a, line), aus),
        "au-regression, mean": (lambda a: AURegression(reduction="mean").generator(a, line), aus),
        "cycle-l1": (lambda p: CycleL1().generator(p, truth), picture),
        "attention-norm": (lambda m: AttentionNorm().generator({"face": m, "eyes": m[..., :2]}), scores),
        "attention-norm, copied": (lambda m: AttentionNorm(of="copied").generator({"face": m}), scores),
        "attention-smoothness": (lambda m: AttentionSmoothness().generator({"face": m}), scores),
        "attention-smoothness, absolute": (
            lambda m: AttentionSmoothness(differences="absolute").generator({"face": m, "eyes": m[..., :2]}),
            scores,
        ),
        "interpolated-aus": (lambda a: InterpolatedAUs().interpolator(a, line, judge), aus),
        "interpolated-aus, mean": (lambda a: InterpolatedAUs(reduction="mean").interpolator(a, line, judge), aus),
        "paired-l1": (
            lambda p: PairedL1(squares=0.5).generator(p, {"face": p}, truth, {"face": truth}, truth_share),
            picture,
        ),
        "flow-smoothness": (lambda f: FlowSmoothness().generator({"face": f}, f), rand(2, 2, 4, 4)),
    }


TERMS = every_generator_s_term()


@pytest.mark.parametrize("name", TERMS)
def test_gradients_are_exact(name):
    function, values = TERMS[name]
    assert torch.autograd.gradcheck(function, values.requires_grad_())
    values.requires_grad_(False)


def doubled(tensor):
    return torch.cat([tensor, tensor])


@pytest.mark.parametrize(
    "cost",
    [
        lambda x: WGANGP().generator({"face": x(READ)}),
        lambda x: AURegression().generator(x(READ), x(WANTED)),
        lambda x: AURegression().discriminator(x(READ), x(WANTED)),
        lambda x: CycleL1().generator(x(READ), x(WANTED)),
        lambda x: AttentionNorm().generator({"face": x(READ), "eyes": x(WANTED)}),
        lambda x: AttentionSmoothness().generator({"face": x(READ)[:, None, :, None] * torch.ones(2)}),
        lambda x: InterpolatedAUs().interpolator(x(READ), x(WANTED), judge),
        lambda x: InterpolatedAUs(reduction="mean").interpolator(x(READ), x(WANTED), judge),
        lambda x: Relativistic().generator({"face": x(READ)}, {"face": x(WANTED)}),
        lambda x: FlowSmoothness().generator({"face": x(READ)[:, None, :, None] * torch.ones(2)}, x(READ)),
        lambda x: PairedL1(initial=0, edges=0).generator(
            x(READ), {}, x(WANTED), {}, x(torch.tensor([1.0, 0.0])) / len(x(torch.ones(1)))
        ),
    ],
)
def test_costs_do_not_depend_on_the_batch_size(cost):
    assert float(cost(doubled)) == pytest.approx(float(cost(lambda tensor: tensor)), rel=1e-5)
