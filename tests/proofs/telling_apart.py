"""How well natural AU vectors and made ones are told apart: the area under a score's ROC curve; 0.5 is chance."""

import torch
from torch.nn import functional as F

from efgan_kit.components.interpolators.au_critic import AUCritic


def roc_area(natural, made):
    """The chance that a natural one scores higher than a made one, ties counted half."""
    above = (natural.flatten()[:, None] - made.flatten()[None]).sign()
    return float(above.double().mean() / 2 + 0.5)


def classifier(natural, make, seed, steps=1500, batch=128):
    """A network like D_interp, trained by the logistic loss, whose score is higher for natural AUs.

    Args:
        natural: AU vectors `(N, A)` to learn from.
        make: `make(count, random)` makes `(count, A)`, to learn from too.
    """
    torch.manual_seed(seed)
    random = torch.Generator().manual_seed(seed)
    network = AUCritic(natural.shape[1])
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3, weight_decay=1e-4)
    falling = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.01, steps)
    for _ in range(steps):
        drawn = natural[torch.randint(len(natural), (batch,), generator=random)]
        loss = F.softplus(-network(drawn)).mean() + F.softplus(network(make(batch, random))).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        falling.step()
    return network.requires_grad_(False)


def steepest(critic, aus):
    """The largest norm of the critic's gradient at any of the AU vectors."""
    aus = aus.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(critic(aus).sum(), aus)
    return float(gradient.norm(dim=1).max())
