"""Operations and kept bytes, counted against numbers worked out by hand."""

import torch

from efgan_kit.evaluation.ablation.step_costs import CountedFlops, KeptForGradients


def test_a_product_of_matrices_counts_twice_its_multiplications():
    with CountedFlops() as flops:
        torch.ones(3, 5) @ torch.ones(5, 7)
    assert flops.total == 2 * 3 * 5 * 7


def test_a_convolution_counts_forward_and_both_gradients():
    convolution = torch.nn.Conv2d(2, 3, 3, bias=False)
    picture = torch.ones(1, 2, 6, 6, requires_grad=True)
    forward = 2 * (2 * 3 * 3) * (3 * 4 * 4)
    with CountedFlops() as flops:
        convolution(picture).sum().backward()
    assert flops.total == 3 * forward, "the output, the picture's gradient and the weights'"


def test_a_penalty_that_differentiates_a_gradient_is_counted():
    critic = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.Tanh(), torch.nn.Conv2d(2, 1, 3))
    picture = torch.rand(2, 1, 8, 8, requires_grad=True)
    with CountedFlops() as flops:
        (gradient,) = torch.autograd.grad(critic(picture).sum(), picture, create_graph=True)
        before = flops.total
        gradient.square().sum().backward()
    assert flops.total > 2 * before


def test_a_square_keeps_its_input_until_the_gradient_is_made():
    numbers = torch.ones(100, requires_grad=True) * 1
    with KeptForGradients() as kept:
        loss = numbers.square().sum()
        assert kept.now == 400
        loss.backward()
        del loss
        assert (kept.now, kept.most) == (0, 400)


def test_what_is_kept_twice_counts_once():
    numbers = torch.ones(100, requires_grad=True) * 1
    with KeptForGradients() as kept:
        loss = numbers.square().sum() + numbers.exp().sum()
    assert kept.most == 800, "the input of the square, and the output of exp"
    del loss


def test_parameters_are_left_out():
    layer = torch.nn.Linear(10, 10, bias=False)
    with KeptForGradients() as kept:
        layer(torch.ones(1, 10))
    assert kept.most == 40, "the picture alone"


def test_gradients_come_out_as_they_do_without_counting():
    torch.manual_seed(0)
    layer, given = torch.nn.Linear(4, 4), torch.rand(3, 4)
    layer(given).square().sum().backward()
    expected, layer.weight.grad = layer.weight.grad, None
    with KeptForGradients(), CountedFlops():
        layer(given).square().sum().backward()
    assert torch.equal(layer.weight.grad, expected)
