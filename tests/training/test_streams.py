"""Named streams: a consumer's numbers depend on its name, the seed and the step, and on nothing else."""

import torch

from efgan_kit.training.streams import drawn_globally, seeded_build, stream


def drawn(seed, consumer, step=0):
    return torch.rand(3, generator=stream(seed, consumer, step), dtype=torch.float64)


def test_the_order_of_consumers_does_not_matter():
    first = {name: drawn(0, name) for name in ("a", "b", "c")}
    torch.rand(100)
    second = {name: drawn(0, name) for name in ("c", "a")}
    assert all(torch.equal(first[name], second[name]) for name in second)


def test_seed_consumer_and_step_each_name_another_stream():
    drawings = [drawn(0, "a", 1), drawn(1, "a", 1), drawn(0, "b", 1), drawn(0, "a", 2), drawn(0, "a/1", 0)]
    assert len({tuple(numbers.tolist()) for numbers in drawings}) == len(drawings)


def test_the_numbers_stay_what_they_are():
    """A run of today can be repeated with tomorrow's version."""
    assert stream(0, "data.order").initial_seed() == 5168139494370754695
    numbers = torch.rand(2, generator=stream(0, "losses.adversarial.discriminator", 7)).tolist()
    assert numbers == [0.06681263446807861, 0.45908844470977783]


def test_what_draws_globally_draws_from_its_stream_and_leaves_the_global_one_alone():
    torch.manual_seed(5)
    expected = torch.rand(4)
    torch.manual_seed(5)
    with drawn_globally(stream(0, "a")):
        inside = torch.rand(4)
    assert torch.equal(torch.rand(4), expected)
    assert torch.equal(inside, torch.rand(4, generator=stream(0, "a")))


def test_modules_built_under_a_stream_are_the_same_again():
    def build(consumer):
        with seeded_build(0, consumer):
            return torch.nn.Linear(3, 3).weight

    assert torch.equal(build("graph"), build("graph"))
    assert not torch.equal(build("graph"), build("losses"))
