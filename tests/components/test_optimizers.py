import pytest
import torch

from efgan_kit.components.optimizers import adam, muon


def test_adam_moves_weights_as_torchs_plain_one_does():
    torch.manual_seed(0)
    ours, plain = ([torch.nn.Parameter(start.clone()) for start in (torch.ones(3, 4), torch.zeros(5))] for _ in "12")
    settings = {"lr": 0.01, "betas": (0.5, 0.9)}
    optimizers = adam(ours, **settings), torch.optim.Adam(plain, **settings, foreach=False)
    for _ in range(5):
        for mine, theirs in zip(ours, plain, strict=True):
            mine.grad = torch.randn_like(mine)
            theirs.grad = mine.grad.clone()
        for optimizer in optimizers:
            optimizer.step()
    torch.testing.assert_close([*ours], [*plain], rtol=1e-5, atol=1e-6)
    assert not torch.equal(ours[0], torch.ones(3, 4))


def test_muon_moves_a_kernel_by_an_orthogonal_matrix_of_adams_size():
    torch.manual_seed(0)
    kernel = torch.nn.Parameter(torch.zeros(6, 4, 3, 3))
    kernel.grad = torch.randn_like(kernel)
    muon([kernel], lr=0.01).step()
    left, _, right = torch.linalg.svd(kernel.grad.flatten(1), full_matrices=False)
    moved = left.T @ kernel.detach().flatten(1) @ right.T / (-0.01 * 0.2 * 36**0.5)
    assert moved.diagonal().sub(1).abs().max() < 0.1
    assert moved.sub(moved.diagonal().diag()).abs().max() < 0.05


def test_muon_makes_a_kernel_less_orthogonal_in_fewer_iterations():
    torch.manual_seed(0)
    gradient, spreads = torch.randn(24, 24, 3, 3), []
    for iterations in (1, 3, 5):
        kernel = torch.nn.Parameter(torch.zeros_like(gradient))
        kernel.grad = gradient
        muon([kernel], lr=1.0, iterations=iterations).step()
        singular = torch.linalg.svdvals(kernel.detach().flatten(1)) / (0.2 * 216**0.5)
        spreads.append((singular - 1).abs().max().item())
    assert spreads[2] < 0.05 < 0.2 < min(spreads[:2])


def test_muon_moves_on_by_its_momentum_when_gradients_end():
    kernel = torch.nn.Parameter(torch.zeros(8, 8))
    optimizer = muon([kernel], lr=0.01, momentum=0.9)
    for gradient in (torch.eye(8), torch.zeros(8, 8)):
        kernel.grad = gradient
        before = kernel.detach().clone()
        optimizer.step()
    assert (kernel.detach() - before).diagonal().max() < -0.004


@pytest.mark.parametrize("bad", [{"iterations": 0}, {"betas": (1.0, 0.9)}, {"betas": (0.9, -0.1)}])
def test_muon_refuses_numbers_out_of_their_range(bad):
    with pytest.raises(ValueError, match="wanted"):
        muon([torch.nn.Parameter(torch.zeros(8, 8))], **bad)


def test_muon_moves_what_is_no_matrix_as_nadamw_does_by_the_rate_of_the_moment():
    bias = torch.nn.Parameter(torch.zeros(3))
    optimizer = muon([bias], lr=1.0, betas=(0.9, 0.99))
    for rate in (0.01, 0.003):
        optimizer.param_groups[0]["lr"] = rate
        bias.grad = torch.tensor([1.0, -2.0, 50.0])
        optimizer.step()
    # Of a gradient that stays, Adam's step is the rate; Nesterov's look ahead is 1 + 0.9 at first, then 0.9 + 1 / 1.9.
    expected = -(1.9 * 0.01 + (0.9 + 1 / 1.9) * 0.003)
    torch.testing.assert_close(bias.detach(), expected * torch.tensor([1.0, -1.0, 1.0]))
