import gc
import weakref

import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils import parametrize
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.checkpoint import checkpoint

from efgan_kit.components import gathered_gradient, matrix_convolution
from efgan_kit.components.gathered_gradient import multiplied
from efgan_kit.components.matrix_convolution import MatrixConv2d, convolved_by_matrix
from efgan_kit.components.spectral_norm import spectrally_normalised

WINDOW = {"stride": 2, "padding": 1}


@pytest.fixture(autouse=True)
def every_weight_is_large(monkeypatch):
    monkeypatch.setattr(matrix_convolution, "LARGE_WEIGHT", 0)


def critics_gradients(convolved, layout):
    """What a critic learns from real pictures, edited ones and a penalty, by weight, bias and picture."""
    torch.manual_seed(0)
    original = torch.randn(5, 3, 4, 4, dtype=torch.double).to(memory_format=layout).requires_grad_()
    bias = torch.randn(5, dtype=torch.double, requires_grad=True)
    real, fake, between = (torch.randn(2, 3, 6, 6, dtype=torch.double) for _ in range(3))
    between.requires_grad_()
    weight = original / 10  # computed, as a normalised one is
    scores = convolved(between, weight, bias).tanh()
    (slope,) = torch.autograd.grad(scores.sum(), between, create_graph=True)
    penalty = (slope.square().sum().sqrt() - 1).square()
    distance = convolved(fake, weight, bias).tanh().sum() - convolved(real, weight, bias).tanh().sum()
    return torch.autograd.grad(distance + penalty + scores.mean(), (original, bias, between))


def by_products(image, weight, bias):
    return convolved_by_matrix(image, weight, bias, **WINDOW)


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_gradients_of_a_critic_under_a_penalty_are_those_of_convolutions(layout):
    expected = critics_gradients(lambda *given: functional.conv2d(*given, **WINDOW), layout)
    torch.testing.assert_close(critics_gradients(by_products, layout), expected)


class Products(TorchDispatchMode):
    """Counts the products that are as large as a weight."""

    def __init__(self, shape):
        super().__init__()
        self.shape, self.count = shape, 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        made = function(*args, **(kwargs or {}))
        if function is torch.ops.aten.mm.default:
            self.count += tuple(made.shape) in (self.shape, self.shape[::-1])
        return made


@pytest.mark.parametrize(("large", "products"), [(0, 1), (10**9, 4)])
def test_one_product_makes_the_gradient_of_all_passes(monkeypatch, large, products):
    # Of real pictures, edited ones, those between them, and of the gradient's pass back to these.
    monkeypatch.setattr(matrix_convolution, "LARGE_WEIGHT", large)
    with Products((5, 48)) as counted:
        critics_gradients(by_products, torch.contiguous_format)
    assert counted.count == products


def test_a_gradient_by_the_pictures_alone_leaves_nothing_to_the_weights():
    weight = torch.randn(4, 6, dtype=torch.double, requires_grad=True)
    rows = torch.randn(3, 6, dtype=torch.double, requires_grad=True)
    made = multiplied(rows, weight)
    torch.autograd.grad(made.square().sum(), rows, create_graph=True)
    made.sum().backward()
    torch.testing.assert_close(weight.grad, rows.detach().sum(0).expand(4, 6))


def test_a_history_that_is_kept_gives_the_same_gradient_again():
    weight, rows = torch.randn(4, 6, requires_grad=True), torch.randn(3, 6)
    loss = multiplied(rows, weight).square().sum() + multiplied(2 * rows, weight).sum()
    first = torch.autograd.grad(loss, weight, retain_graph=True)
    torch.testing.assert_close(torch.autograd.grad(loss, weight), first, rtol=0, atol=0)


def test_each_of_two_losses_has_its_own_gradient():
    weight, rows = torch.randn(4, 6, requires_grad=True), torch.randn(3, 6)
    one, two = multiplied(rows, weight).sum(), multiplied(rows, weight).square().sum()
    (first,) = torch.autograd.grad(one, weight)
    (second,) = torch.autograd.grad(two, weight)
    torch.testing.assert_close(first, rows.sum(0).expand(4, 6))
    torch.testing.assert_close(second, 2 * (rows @ weight.detach().T).T @ rows)


def test_the_weights_gradient_is_not_differentiated_in_silence():
    weight, rows = torch.randn(4, 6, requires_grad=True), torch.randn(3, 6)
    (gradient,) = torch.autograd.grad(multiplied(rows, weight).square().sum(), weight, create_graph=True)
    with pytest.raises(RuntimeError, match="once_differentiable"):
        gradient.sum().backward()


def test_a_weight_written_to_between_the_passes_is_noticed():
    weight = torch.randn(4, 6, requires_grad=True)
    loss = multiplied(torch.randn(3, 6), weight).square().sum()
    with torch.no_grad():
        weight.add_(1)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


def test_a_weight_that_has_moved_is_taken_as_it_is_now():
    weight, rows = torch.randn(4, 6, requires_grad=True), torch.randn(3, 6)
    before = multiplied(rows, weight)  # its history lives on
    with torch.no_grad():
        weight.mul_(2)
    torch.testing.assert_close(multiplied(rows, weight), 2 * before)


def test_nothing_is_held_once_the_history_is_gone():
    gc.disable()  # without a search for circles
    try:
        layer = spectrally_normalised(MatrixConv2d(3, 5, 4, 2, 1))
        held = len(gathered_gradient._GATHERINGS)
        with parametrize.cached():
            loss = layer(torch.randn(2, 3, 6, 6)).sum()
            assert len(gathered_gradient._GATHERINGS) == held + 1
            loss.backward()
        del loss
        assert len(gathered_gradient._GATHERINGS) == held
    finally:
        gc.enable()


def test_under_autocast_a_parameter_learns_in_its_own_format():
    layer = nn.Sequential(MatrixConv2d(3, 5, 4, 2, 1))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        layer(torch.randn(2, 3, 6, 6)).float().sum().backward()
    assert layer[0].weight.grad.dtype == torch.float32


def test_a_batch_of_nothing_teaches_nothing():
    weight = torch.randn(4, 6, requires_grad=True)
    multiplied(torch.zeros(0, 6), weight).sum().backward()
    assert not weight.grad.any()


@pytest.mark.parametrize("reentrant", [True, False])
def test_a_pass_that_is_computed_anew_in_the_backward_pass_counts_once(reentrant):
    weight, rows = torch.randn(4, 6, requires_grad=True), torch.randn(3, 6, requires_grad=True)
    (expected,) = torch.autograd.grad((rows @ weight.T).square().sum() + (rows @ weight.T).sum(), weight)
    anew = checkpoint(lambda given: multiplied(given, weight), rows, use_reentrant=reentrant)
    (multiplied(rows, weight).square().sum() + anew.sum()).backward()
    torch.testing.assert_close(weight.grad, expected)


def test_a_backward_pass_that_fails_leaves_the_next_ones_nothing():
    weight, rows = torch.randn(4, 6, requires_grad=True), torch.randn(3, 6, requires_grad=True)
    between = rows * 1
    handle = between.register_hook(lambda gradient: 1 / 0)  # after the ticket of the product it comes from
    loss = multiplied(rows, weight).sum() + multiplied(between, weight).square().sum()
    with pytest.raises(ZeroDivisionError):
        loss.backward(retain_graph=True)
    handle.remove()
    plain = weight.detach().requires_grad_()
    (expected,) = torch.autograd.grad((rows @ plain.T).sum() + (rows @ plain.T).square().sum(), plain)
    torch.testing.assert_close(torch.autograd.grad(loss, weight)[0], expected)
    (fresh,) = torch.autograd.grad(multiplied(rows, weight).sum(), weight)
    torch.testing.assert_close(fresh, rows.detach().sum(0).expand(4, 6))


def test_a_weight_that_an_optimizer_moves_unseen_is_taken_as_it_is_now():
    weight, rows = torch.randn(4, 6, requires_grad=True), torch.randn(3, 6).bfloat16()
    loss = multiplied(rows, weight).float().sum()  # as training loops keep it until the next step's
    loss.backward()
    weight.data.mul_(2)
    torch.testing.assert_close(multiplied(rows, weight), rows @ weight.detach().bfloat16().T)


def test_a_weight_that_is_laid_out_anew_is_taken_in_its_new_order():
    layer = MatrixConv2d(3, 5, 4, 2, 1)
    image = torch.randn(2, 3, 6, 6)
    before = layer(image)
    layer.to(memory_format=torch.channels_last)
    torch.testing.assert_close(layer(image), before)


def test_a_history_without_its_saved_tensors_holds_no_weight():
    layer = spectrally_normalised(MatrixConv2d(3, 5, 4, 2, 1))
    weight = layer.weight
    gone = weakref.ref(weight)
    loss = convolved_by_matrix(torch.randn(2, 3, 6, 6), weight, **WINDOW).sum()
    loss.backward()
    del weight
    assert gone() is None


def test_other_ways_to_differentiate_are_left_to_torch():
    image = torch.randn(2, 3, 6, 6, dtype=torch.double)
    layer = MatrixConv2d(3, 5, 4, 2, 1).double()

    def loss(weight):
        return convolved_by_matrix(image, weight, **WINDOW).square().sum()

    (expected,) = torch.autograd.grad(loss(layer.weight), layer.weight)
    torch.testing.assert_close(torch.func.grad(loss)(layer.weight.detach()), expected)
