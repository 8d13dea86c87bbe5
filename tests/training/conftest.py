"""A small recipe of the published components, and trainings of it."""

from pathlib import Path

import pytest
import torch

TINY = Path(__file__).parent / "recipes" / "tiny.yaml"
CPU = torch.device("cpu")


@pytest.fixture(autouse=True, scope="session")
def one_thread():
    """Bit-exact sums need the same number of threads everywhere."""
    torch.set_num_threads(1)


@pytest.fixture
def tiny():
    """The tiny recipe with overrides: `tiny("train.steps=3")`."""
    from efgan_kit.recipe import load_recipe

    return lambda *overrides: load_recipe(TINY, overrides=list(overrides))


@pytest.fixture
def prepared(tiny):
    """A training of the tiny recipe that has not begun."""
    from efgan_kit.training.loop import prepare

    return lambda *overrides: prepare(tiny(*overrides), CPU)


@pytest.fixture
def batch_of():
    """Batch number `number` of a training, as the loop makes it."""
    from efgan_kit.training.batches import assemble, to_device

    def batch_of(training, number):
        settings = training.recipe.train
        draws = training.plan[number]
        return to_device(assemble(training.faces, draws, settings.target_noise), CPU, settings.channels_last)

    return batch_of


@pytest.fixture
def advance(batch_of):
    """Takes steps and returns the losses of each, as plain numbers."""

    def advance(training, steps=1):
        critic_steps = training.recipe.train.critic_steps
        losses = []
        for _ in range(steps):
            first = training.step * critic_steps
            *extra, given = [batch_of(training, first + number) for number in range(critic_steps)]
            found, _ = training.take_step(given, extra)
            losses.append({name: loss.item() for name, loss in found.items()})
        return losses

    return advance


@pytest.fixture
def counted():
    """Counts a module's calls: `calls = counted(module)`, then `len(calls)`."""

    def counted(module):
        calls = []
        module.register_forward_hook(lambda module, inputs, output: calls.append(inputs))
        return calls

    return counted


@pytest.fixture
def weights():
    """A copy of a module's parameters and buffers, by name."""
    return lambda module: {name: tensor.clone() for name, tensor in module.state_dict().items()}


@pytest.fixture
def same():
    """Whether two such copies are equal to the bit."""
    return lambda one, other: one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)
