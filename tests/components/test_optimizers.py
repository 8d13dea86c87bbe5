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
    # Five iterations bring each singular value near 1, to about a third (Jordan et al. 2024).
    assert moved.diagonal().sub(1).abs().max() < 0.4
    assert moved.sub(moved.diagonal().diag()).abs().max() < 0.05


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
