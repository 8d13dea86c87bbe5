"""Number formats and devices: what this machine has not is refused before anything is built."""

import pytest
import torch
from torch import nn

from efgan_kit.api import EfganError
from efgan_kit.training.device import choose_device
from efgan_kit.training.precision import Precision

CPU = torch.device("cpu")
without_cuda = pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")


def test_fp16_on_the_cpu_is_refused():
    with pytest.raises(EfganError, match=r"train\.precision: fp16 needs a CUDA device; bf16 works here"):
        Precision("fp16", CPU)


def test_bf16_computes_products_in_bf16_and_fp32_does_not():
    linear, ones = nn.Linear(2, 2), torch.ones(1, 2)
    with Precision("bf16", CPU).autocast():
        assert linear(ones).dtype == torch.bfloat16
    with Precision("fp32", CPU).autocast():
        assert linear(ones).dtype == torch.float32


def test_auto_is_one_of_the_two():
    assert Precision("auto", CPU).dtype in (None, torch.bfloat16)


def test_a_step_clips_the_norm_over_all_weights():
    weights = [nn.Parameter(torch.zeros(())), nn.Parameter(torch.zeros(()))]
    for weight, gradient in zip(weights, (3.0, 4.0), strict=True):
        weight.grad = torch.tensor(gradient)
    assert Precision("fp32", CPU).step(torch.optim.SGD(weights, lr=1.0), weights, 1.0)
    assert [weight.item() for weight in weights] == pytest.approx([-0.6, -0.8])


def test_weights_without_gradients_are_left_alone():
    weight = nn.Parameter(torch.ones(()))
    assert Precision("fp32", CPU).step(torch.optim.SGD([weight], lr=1.0), [weight], 1.0)
    assert weight.item() == 1


def test_the_cpu_is_always_there():
    assert choose_device("cpu") == CPU
    assert choose_device("auto").type in ("cuda", "mps", "cpu")


@without_cuda
@pytest.mark.parametrize("name", ["cuda", "cuda:0", "tpu", "cuda:x", "cpu:7", "", "cpu:"])
def test_a_device_that_is_not_there_is_refused_with_those_that_are(name):
    with pytest.raises(EfganError) as caught:
        choose_device(name)
    assert f"--device: there is no '{name}' on this machine; there is: cpu" in str(caught.value)
