import torch

from efgan_kit.components.optimizers import adam


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
