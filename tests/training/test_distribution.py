"""Several processes: shares of a batch, draws that are shared, and what can't be shared."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from efgan_kit.api import EfganError
from efgan_kit.components.graphs.checkpointing import checkpointed
from efgan_kit.components.losses.gradient_penalty import interpolation_penalty
from efgan_kit.training.device import choose_device
from efgan_kit.training.distribution import Processes, joined
from efgan_kit.training.distribution.draws import SharedDraws
from efgan_kit.training.distribution.shares import SharedPlan, must_not_look_at_batches, must_share_evenly


def shares(training, count):
    return [SharedPlan(training.plan, Processes(rank, count)) for rank in range(count)]


# What each process sees --------------------------------------------------


@pytest.mark.parametrize("count", [1, 2, 4])
def test_shares_are_the_whole_batch_in_its_order(prepared, count):
    training = prepared("train.batch_size=4")
    for number in range(5):
        together = [draw for share in shares(training, count) for draw in share[number]]
        assert together == [
            type(draw)(draw.source, draw.target, draw.paired, draw.mirrored, draw.noise_seed, count * draw.truth_share)
            for draw in training.plan[number]
        ]


def test_the_mean_over_shares_of_sums_over_truths_is_the_batchs_mean_over_truths(prepared):
    training = prepared("train.batch_size=4", "train.paired=0.5")
    mixed = [n for n in range(20) if 0 < sum(draw.paired for draw in training.plan[n]) < 4]
    assert mixed
    for number in mixed:
        cost = {draw.noise_seed: float(place) for place, draw in enumerate(training.plan[number])}
        of_truths = [cost[draw.noise_seed] for draw in training.plan[number] if draw.paired]
        sums = [sum(d.truth_share * cost[d.noise_seed] for d in share[number]) for share in shares(training, 2)]
        assert sum(sums) / 2 == pytest.approx(sum(of_truths) / len(of_truths))


# What each process draws -------------------------------------------------


def in_shares(draw, *rows, count=2):
    """What `draw` makes of rows `(B, ...)` in one process, and in `count` that each have a share of them."""

    def seeded(*rows):
        torch.manual_seed(3)
        return draw(torch.Generator().manual_seed(5), *rows)

    parts = []
    for rank, own in enumerate(zip(*(row.chunk(count) for row in rows), strict=True)):
        with SharedDraws(Processes(rank, count), len(own[0])):
            parts.append(seeded(*own))
    return seeded(*rows), parts


PICTURES = torch.linspace(-1, 1, 4 * 3 * 5).reshape(4, 3, 5)
DRAWS = {
    "rand, by a shape": lambda random, x: torch.rand((len(x), 1, 1), generator=random),
    "rand, by numbers": lambda random, x: torch.rand(len(x), 2, generator=random),
    "rand, by a name": lambda random, x: torch.rand(size=(len(x),), generator=random),
    "randn of many": lambda random, x: torch.randn(x.shape, generator=random),
    "the second draw": lambda random, x: [torch.rand(len(x), generator=random) for _ in range(2)][1],
    "after one for all": lambda random, x: torch.rand(()) + torch.rand(len(x)),
    "randint": lambda random, x: torch.randint(0, 100, (len(x), 2), generator=random),
    "normal": lambda random, x: torch.normal(0.0, 2.0, (len(x), 2), generator=random),
    "normal around each": lambda random, x: torch.normal(x, 0.1, generator=random),
    "rand_like": lambda random, x: torch.rand_like(x),
    "bernoulli": lambda random, x: torch.bernoulli(x.abs(), generator=random),
    "in place": lambda random, x: torch.empty(x.shape).normal_(generator=random),
    "dropout": lambda random, x: F.dropout(x, 0.5),
    "dropout of a layer": lambda random, x: nn.Dropout1d(0.5)(x),
    "gumbel": lambda random, x: F.gumbel_softmax(x),
}


@pytest.mark.parametrize("name", DRAWS)
@pytest.mark.parametrize("count", [2, 4])
def test_what_is_drawn_for_each_face_is_drawn_as_for_the_whole_batch(name, count):
    whole, parts = in_shares(DRAWS[name], PICTURES, count=count)
    assert torch.equal(torch.cat(parts), whole)
    assert len(whole.unique()) > 1


def test_what_is_drawn_for_all_faces_is_the_same_in_all_processes():
    whole, parts = in_shares(lambda random, x: torch.rand(3, 3, generator=random), PICTURES)
    assert all(torch.equal(part, whole) for part in parts)


def test_two_pictures_of_each_face_behind_each_other_keep_their_draws():
    whole, parts = in_shares(
        lambda random, real, fake: F.dropout(torch.cat([real, fake]), 0.5), PICTURES, 2 * PICTURES
    )
    halves = [part.chunk(2) for part in parts]
    assert torch.equal(torch.cat([real for real, _ in halves] + [fake for _, fake in halves]), whole)


def test_a_gradient_penalty_is_taken_at_the_same_points():
    score = lambda x: x.pow(3).flatten(1)  # noqa: E731
    whole, parts = in_shares(
        lambda random, real, fake: interpolation_penalty(score, real, fake, random), PICTURES, PICTURES.flip(0)
    )
    assert torch.stack(parts).mean().item() == pytest.approx(whole.item(), rel=1e-6)


def test_what_is_computed_anew_for_the_gradient_draws_again_what_it_drew():
    layer = nn.Sequential(nn.Linear(5, 5), nn.Dropout(0.5))

    def gradient(random, x):
        x = x.clone().requires_grad_()
        checkpointed(layer, x).square().sum().backward()
        return x.grad

    whole, parts = in_shares(gradient, PICTURES)
    assert torch.allclose(torch.cat(parts), whole, rtol=1e-5)


# What is refused ---------------------------------------------------------


def test_a_batch_that_cannot_be_shared_evenly_is_refused_with_the_ways_out(tiny):
    must_share_evenly(tiny("train.batch_size=6"), 3)
    with pytest.raises(EfganError) as caught:
        must_share_evenly(tiny("train.batch_size=4"), 3)
    assert str(caught.value) == (
        "train.batch_size: 3 processes can't share a batch of 4 evenly; "
        "train in 1, 2, 4 processes, or with -o train.batch_size=6"
    )


def test_a_graph_that_normalises_by_the_batch_is_refused(tiny):
    graph = nn.Sequential(nn.Conv2d(3, 3, 1), nn.BatchNorm2d(3))
    with pytest.raises(EfganError, match=r"graph\.1 is a BatchNorm2d: it looks at the whole batch"):
        must_not_look_at_batches(graph, nn.ModuleDict(), tiny())
    graph[1].eval()
    must_not_look_at_batches(graph, nn.ModuleDict(), tiny())


def test_a_term_that_looks_at_the_batch_is_refused(tiny):
    terms = nn.ModuleDict({"content": nn.Identity()})
    must_not_look_at_batches(nn.Identity(), terms, tiny())
    terms["content"].looks_at_batch = True
    with pytest.raises(EfganError, match=r"losses\.content looks at the whole batch, which no process has"):
        must_not_look_at_batches(nn.Identity(), terms, tiny())


def test_each_process_has_a_gpu_of_its_own_or_shares_the_processor(monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert choose_device("auto", Processes(3, 4, 1)) == torch.device("cuda", 1)
    assert choose_device("cpu", Processes(3, 4, 1)) == torch.device("cpu")
    with pytest.raises(EfganError, match="has 2 GPUs, and at least 3 processes are to train on it"):
        choose_device("cuda", Processes(2, 4, 2))
    with pytest.raises(EfganError, match="'cuda:1' is one device, and 4 processes can't share it"):
        choose_device("cuda:1", Processes(2, 4, 0))


def test_an_environment_without_the_others_is_refused(monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "2")
    for name in ("RANK", "MASTER_ADDR", "MASTER_PORT"):
        monkeypatch.delenv(name, raising=False)
    told = r"WORLD_SIZE is 2, but the other processes can't be joined.*torchrun"
    with pytest.raises(EfganError, match=told), joined():
        pass


def test_a_pytorch_without_distribution_is_refused(monkeypatch, efgan, tiny_run):
    monkeypatch.setattr(torch.distributed, "is_available", lambda: False)
    answer = efgan("train", tiny_run / "recipe.yaml", "--run", tiny_run.parent / "none", "--processes", 2)
    assert answer.code == 2
    assert "this build of PyTorch has no torch.distributed with gloo" in answer.err
