"""Critics whose gradient is known everywhere, and five of them whose every sum can be done in the head."""

import torch
from torch import nn

from efgan_kit.api import Verdict


class Slope(nn.Module):
    """A critic of pictures, `D(x) = w . x`: its gradient is w everywhere."""

    def __init__(self, *w):
        super().__init__()
        self.w = nn.Parameter(torch.tensor(w, dtype=torch.float64))

    def forward(self, image):
        return Verdict(image.flatten(1) @ self.w[:, None])


class AUSlope(Slope):
    """The same for AU vectors."""

    def forward(self, aus):
        return super().forward(aus).score


def draw():
    return torch.Generator().manual_seed(0)


def pixels(*greys):
    """Pictures `(B, 1, 1, 1)` of one pixel each."""
    return torch.tensor(greys, dtype=torch.float64).reshape(-1, 1, 1, 1)


def vectors(*rows):
    """AU vectors `(B, A)`."""
    return torch.tensor(rows, dtype=torch.float64)


# Five critics of one pixel with the slopes 1 to 5. Real pictures are 6 everywhere, edited ones 5 to 1:
#                       final  face  eyes  nose  mouth   sum
#   D_i(real)               6    12    18    24     30    90
#   D_i(fake)               5     8     9     8      5    35
#   (|w_i| - 1)^2           0     1     4     9     16    30
NAMES = ("final", "face", "eyes", "nose", "mouth")
REAL = {name: pixels(6) for name in NAMES}
FAKE = {name: pixels(grey) for name, grey in zip(NAMES, (5, 4, 3, 2, 1), strict=True)}


def five_critics():
    return {name: Slope(slope) for name, slope in zip(NAMES, (1, 2, 3, 4, 5), strict=True)}


def scores(critics, pictures):
    return {name: critic(pictures[name]).score for name, critic in critics.items()}
